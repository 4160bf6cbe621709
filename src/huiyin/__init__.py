"""Huiyin 回音: one complaint, one journey, one answer."""

__version__ = "0.1.0"
