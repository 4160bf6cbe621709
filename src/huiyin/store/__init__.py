"""Remembers: rows, the one pen, and frozen pages for every reader."""
