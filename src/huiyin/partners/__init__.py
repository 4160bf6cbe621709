"""Translates companies' systems: waybill tracks, payouts, language models."""
