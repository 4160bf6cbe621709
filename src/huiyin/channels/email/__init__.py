"""Mail as customers write it: bytes to contacts, answers to bytes, and a mailbox's settings."""

from huiyin.channels.email.account import CHANNEL

__all__ = ["CHANNEL"]
