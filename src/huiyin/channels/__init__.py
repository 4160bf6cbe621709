"""Translates people's channels: pure functions from bytes to contacts and from replies to calls."""
