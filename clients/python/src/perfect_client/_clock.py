"""The two clocks of the SDK: one for spans of time, one for instants."""

from __future__ import annotations

import time
from datetime import datetime, timezone

_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", None)


def elapsed() -> float:
    """Seconds that passed since some fixed moment. Counts the time a machine is suspended, where the system can.

    A lease runs on while a laptop sleeps; a clock that stands still meanwhile would keep a lost lease alive.
    """
    return time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)


def instant_text() -> str:
    """Now, as RFC 3339 text in UTC with milliseconds."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def instant_of(text: str) -> datetime:
    """The instant of such a text."""
    # Python 3.10 does not know the Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
