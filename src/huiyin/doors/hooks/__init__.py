"""Callbacks of channels: verified, stored raw, acknowledged."""
