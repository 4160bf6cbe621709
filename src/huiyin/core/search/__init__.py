"""Search: how words and numbers are cut, and how what was found is shown."""

from huiyin.core.search.snippet import Piece, marked
from huiyin.core.search.words import Asked, asked, keys_of

__all__ = ["Asked", "Piece", "asked", "keys_of", "marked"]
