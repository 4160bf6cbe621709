"""Composes: the settings, the addresses of the pages, and what is wired to what."""
