"""Decides: pure functions of facts. No Django, no network, no clock, no randomness."""
