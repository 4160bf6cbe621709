"""Translates papers into files people print: frozen blocks in, a PDF or a Word file out."""

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
from .word import docx

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
    "docx",
    "pdf",
]
