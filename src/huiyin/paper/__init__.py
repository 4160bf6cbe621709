"""Translates papers into files people print: frozen blocks in, the bytes of a PDF out."""

from .blocks import (
    Bar,
    BarPart,
    Block,
    Facts,
    Heading,
    NewPage,
    Paper,
    Picture,
    Signatures,
    Table,
    Text,
)
from .pdf import pdf

__all__ = [
    "Bar",
    "BarPart",
    "Block",
    "Facts",
    "Heading",
    "NewPage",
    "Paper",
    "Picture",
    "Signatures",
    "Table",
    "Text",
    "pdf",
]
