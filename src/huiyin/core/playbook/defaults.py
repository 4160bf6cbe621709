"""What holds where a playbook says nothing, and of what kind each of its keys is.

Both are read from the models of the schema, so that a form shows the value that really holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from huiyin.core.playbook.part import Part
from huiyin.core.playbook.problem import Path
from huiyin.core.playbook.schema import Playbook


@lru_cache(maxsize=256)
def kinds_of(model: type[Part]) -> dict[str, Any]:
    """Return the annotation of each key of a model, as it is written in a playbook."""
    hints = get_type_hints(model, include_extras=True)
    return {
        field.alias or name: hints[name]
        for name, field in model.model_fields.items()
        if not field.exclude
    }


def members(kind: Any) -> Iterator[Any]:
    """Yield what a value of this annotation may be; None is left out."""
    if get_origin(kind) in {Union, UnionType}:
        for one in get_args(kind):
            yield from members(one)
    elif kind is not type(None):
        yield kind


def part_of(kind: Any) -> type[Part] | None:
    """Return the model that an annotation allows, None where it allows plain values alone."""
    return next((m for m in members(kind) if isinstance(m, type) and issubclass(m, Part)), None)


def item_of(kind: Any) -> Any:
    """Return of what kind the entries of a list or a mapping are, None for anything else."""
    for one in members(kind):
        bare = get_args(one)[0] if get_origin(one) is Annotated else one
        if get_origin(bare) is tuple:
            return get_args(bare)[0]
        if get_origin(bare) is dict:
            return get_args(bare)[1]
    return None


def keys_of(kind: Any) -> tuple[str, ...]:
    """Return the keys that a mapping may have, none where they are free."""
    for one in members(kind):
        if get_origin(one) is dict and get_origin(get_args(one)[0]) is Literal:
            return get_args(get_args(one)[0])
    return ()


def kind_at(*, path: Path) -> Any:
    """Return the annotation of a place, None where the schema knows no such place."""
    kind: Any = Playbook
    for step in path:
        model = part_of(kind)
        kind = kinds_of(model).get(str(step)) if model else item_of(kind)
        if kind is None:
            return None
    return kind


def default_at(*, data: Mapping[str, Any], path: Path) -> Any:
    """Return as plain data what holds at a place where nothing is written, None for nothing.

    What stands around it counts: a list that is written has no default entries.
    """
    kind: Any = Playbook
    held: Any = None
    written: Any = data
    for step in path:
        model = part_of(kind)
        if written is not None:
            held = _own_default(model, str(step)) if model else None
        elif model is not None:
            held = _of_part(held, str(step)) if held else _own_default(model, str(step))
        else:
            held = _entry(held, step)
        kind = kinds_of(model).get(str(step)) if model else item_of(kind)
        if kind is None:
            return None
        try:
            written = written[step]
        except (KeyError, IndexError, TypeError):
            written = None
    return None if written is not None else plain(held)


def needed(*, path: Path, default: Any) -> Any:
    """Return what must be written with a place once a part of it is: keys without a default.

    A list or a free mapping is written whole, or what it held besides would be lost.
    """
    model = part_of(kind_at(path=path))
    if model is None or not isinstance(default, dict):
        return default
    required = {f.alias or n for n, f in model.model_fields.items() if f.is_required()}
    return {key: value for key, value in default.items() if key in required}


def plain(value: Any) -> Any:
    """Return a value of the schema as YAML would hold it."""
    if isinstance(value, Part):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def _own_default(model: type[Part], key: str) -> Any:
    for name, field in model.model_fields.items():
        if (field.alias or name) == key and not field.is_required():
            return field.get_default(call_default_factory=True, validated_data={})
    return None


def _of_part(held: Any, key: str) -> Any:
    for name, field in type(held).model_fields.items():
        if (field.alias or name) == key:
            return getattr(held, name)
    return None


def _entry(held: Any, step: str | int) -> Any:
    if isinstance(held, dict):
        return held.get(step)
    if isinstance(held, list | tuple) and isinstance(step, int) and step < len(held):
        return held[step]
    return None
