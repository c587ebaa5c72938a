"""Values as the parameters of the HTTP API take them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

Instant = str | datetime
"""An instant: a ``datetime``, RFC 3339 text, or how long ago, such as ``24h``."""
Span = float | timedelta
"""Seconds, or a timedelta."""

_NAMES = {"max_missed": "maxMissed"}


def instant(value: Instant | None) -> str | None:
    """The text of an instant. A ``datetime`` without a zone is local time."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span_ms(value: Span | None) -> int | None:
    """The milliseconds of a span."""
    if value is None:
        return None
    return round((value.total_seconds() if isinstance(value, timedelta) else value) * 1000)


def schedule_body(options: Mapping[str, Any]) -> dict[str, Any]:
    """What a schedule says, as the body of a request."""
    body: dict[str, Any] = {}
    for name, value in options.items():
        if name in ("every", "window", "jitter"):
            body[name] = span_ms(value)
        elif name in ("start", "end"):
            body[name] = instant(value)
        elif name == "at":
            is_one = isinstance(value, (str, datetime))
            body[name] = instant(value) if is_one else [instant(one) for one in value]
        else:
            body[_NAMES.get(name, name)] = value
    return body
