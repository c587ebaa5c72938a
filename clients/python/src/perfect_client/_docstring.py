"""What a docstring says of a function and of its parameters, in the styles of Sphinx, Google and NumPy."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

_FIELD = re.compile(r":(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]+\s)?\*{0,2}(\w+)\s*:(.*)")
_ANY_FIELD = re.compile(r":\w[^:]*:")
_SECTION = re.compile(r"(?:Args|Arguments|Params|Parameters|Keyword Args|Keyword Arguments|Other Parameters):?\s*")
_GOOGLE_ENTRY = re.compile(r"(\s+)\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:(.*)")
_NUMPY_ENTRY = re.compile(r"()\*{0,2}(\w+)\s*(?::.*)?()")
_RULE = re.compile(r"-{3,}\s*")


def description_of(fn: Callable[..., Any]) -> str | None:
    """The first paragraph of the docstring, in one line, without what it says of parameters."""
    lines: list[str] = []
    for line in _lines(fn):
        if not line or _ANY_FIELD.match(line) or _SECTION.fullmatch(line):
            break
        lines.append(line.strip())
    return " ".join(lines) or None


def parameter_texts(fn: Callable[..., Any]) -> dict[str, str]:
    """What the docstring says of each parameter, in one line each."""
    found: dict[str, list[str]] = {}
    for name, text in (*_fields(_lines(fn)), *_entries(_lines(fn))):
        found.setdefault(name, []).append(text.strip())
    return {name: text for name, texts in found.items() if (text := " ".join(filter(None, texts)))}


def _lines(fn: Callable[..., Any]) -> list[str]:
    return (inspect.getdoc(fn) or "").splitlines()


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Sphinx: ``:param rows: how many``; lines that are indented go on with it."""
    name: str | None = None
    for line in lines:
        field = _FIELD.match(line)
        if field is not None:
            name = field[1]
            yield field[1], field[2]
        elif name is not None and line.startswith(" "):
            yield name, line
        else:
            name = None


def _entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Google: ``rows (int): how many`` under ``Args:``. NumPy: ``rows : int``, and the text below, indented."""
    for index, line in enumerate(lines):
        if _SECTION.fullmatch(line):
            below = lines[index + 1 :]
            is_numpy = bool(below) and _RULE.fullmatch(below[0]) is not None
            if is_numpy:
                yield from _section(below[1:], _NUMPY_ENTRY)
            elif line.rstrip().endswith(":"):
                yield from _section(below, _GOOGLE_ENTRY)


def _section(lines: list[str], entry: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    indent: str | None = None
    name: str | None = None
    for line in lines:
        found = entry.fullmatch(line)
        if found is not None and indent in (None, found[1]):
            indent, name = found[1], found[2]
            yield found[2], found[3]
        elif name is not None and indent is not None and line.startswith(indent + " "):
            yield name, line
        elif line:
            return
