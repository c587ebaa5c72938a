"""Type hints without what only says something about them: names of types, and marks of the fields of a TypedDict."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

# By name: before Python 3.11 they come from typing_extensions, which need not be there.
_MARKS = ("Required", "NotRequired", "ReadOnly")


def plain(hint: Any) -> Any:
    """The type that a hint stands for: int, of ``NotRequired[int]``, ``NewType("Id", int)`` and ``type Id = int``."""
    while True:
        if _mark(hint) is not None:
            hint = typing.get_args(hint)[0]
        elif hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        elif type(hint).__name__ == "TypeAliasType":
            hint = hint.__value__
        else:
            return hint


def required_keys(cls: Any, hints: Mapping[str, Any]) -> list[str]:
    """The keys that a TypedDict must have. Marks are not seen by ``__required_keys__`` where annotations are text."""
    unmarked: frozenset[str] = getattr(cls, "__required_keys__", frozenset())
    marks = {name: _mark(hint) for name, hint in hints.items()}
    return sorted(name for name, mark in marks.items() if (mark is None and name in unmarked) or mark == "Required")


def _mark(hint: Any) -> str | None:
    name = getattr(typing.get_origin(hint), "_name", None) or getattr(typing.get_origin(hint), "__name__", None)
    return name if name in _MARKS else None
