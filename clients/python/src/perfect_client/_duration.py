"""Durations as text (ISO 8601), such as ``P1DT2H`` or ``PT0.5S``: what JSON Schema calls the format ``duration``."""

from __future__ import annotations

import re
from datetime import timedelta

_PATTERN = re.compile(
    r"(?P<sign>-)?P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def duration_text(value: timedelta) -> str:
    """The text of a duration."""
    if value < timedelta(0):
        return "-" + duration_text(-value)
    seconds = f"{value.seconds}.{value.microseconds:06}".rstrip("0").rstrip(".")
    days = f"{value.days}D" if value.days else ""
    return f"P{days}T{seconds}S" if seconds != "0" or not days else f"P{days}"


def duration_of(text: str) -> timedelta:
    """The duration that a text says. Years and months have no fixed length, and are refused.

    :raises ValueError: when it says none.
    """
    match = _PATTERN.fullmatch(text)
    parts = {} if match is None else {name: part for name, part in match.groupdict().items() if part is not None}
    sign = -1 if parts.pop("sign", None) else 1
    if not parts:
        raise ValueError(f"{text!r} is not a duration such as PT90S")
    return sign * timedelta(**{name: float(part) for name, part in parts.items()})
