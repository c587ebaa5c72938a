"""Whether what somebody has given is what an option takes. Callers without type checkers may give anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import cast


def is_a(value: object, *kinds: type) -> bool:
    """An instance of one of some classes."""
    return isinstance(value, kinds)


def are(values: object, kind: type) -> bool:
    """A list, or another sequence, of instances of a class. A text is none."""
    is_list = isinstance(values, Sequence) and not isinstance(values, (str, bytes))
    return is_list and all(isinstance(one, kind) for one in cast("Sequence[object]", values))


def are_classes(values: object, base: type) -> bool:
    """A sequence of classes that are of one kind."""
    return are(values, type) and all(issubclass(one, base) for one in cast("Sequence[type]", values))


def is_text(value: object, most: int, least: int = 1) -> bool:
    """Text of so many characters, without U+0000, which storages cannot keep."""
    return isinstance(value, str) and least <= len(value) <= most and "\x00" not in value


def is_integer(value: object, least: float, most: float = math.inf) -> bool:
    """A whole number in a range."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value: object, least: float, most: float = math.inf) -> bool:
    """A finite number in a range."""
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and (least <= value <= most)
    )


def is_positive(value: object) -> bool:
    """A finite number above 0."""
    return is_number(value, 0) and value != 0


def is_seconds(value: object, least: float) -> bool:
    """A number of seconds, or a ``timedelta``."""
    return is_number(value.total_seconds() if isinstance(value, timedelta) else value, least)
