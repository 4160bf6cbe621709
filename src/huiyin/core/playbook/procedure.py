"""Parts of the procedure: forms that a step fills in and what a step does by itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from huiyin.core.playbook.part import Name, Part, Text

FieldKind = Literal["text", "number", "money", "date", "yes_no", "choice"]
Deed = Literal["look_up_track", "send", "request"]


class FieldChoice(Part):
    """One value that a field of a form may take."""

    code: Name
    name: Text


class FormField(Part):
    """One field of a form; ``fact`` makes the answer a fact that conditions may ask for.

    ``money`` is written in yuan and kept in 分.
    """

    id: Name
    name: Text
    kind: FieldKind = "text"
    choices: tuple[FieldChoice, ...] = ()
    fact: str | None = None
    required: bool = False


class Form(Part):
    """What is to be filled in when a step is done."""

    id: Name
    name: Text
    fields: Annotated[tuple[FormField, ...], Field(min_length=1, max_length=40)]


class Automatic(Part):
    """What a step does by itself as soon as it opens.

    ``look_up_track`` asks the track source, or a person where there is none; ``send`` says a
    script to the customer; ``request`` asks ``department`` the ``question``.
    """

    do: Deed
    script: Name | None = None
    department: Name | None = None
    question: Text | None = None
