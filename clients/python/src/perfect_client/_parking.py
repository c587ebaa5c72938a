"""Whether a run that only sleeps is given back: it needs no slot, no thread and no process until it wakes."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from ._clock import elapsed

PARK_SECONDS = 5.0
"""Shorter sleeps are waited for here: giving a run back and taking it up again costs a replay."""
SETTLE_SECONDS = 0.25
"""How long nothing else of the run must have happened. Other branches of an async flow may be between two calls."""


@dataclass(frozen=True)
class Rest:
    """How a run is given back that has nothing to do."""

    seconds: float
    """Until it is; 0 is now."""
    reason: str
    wake_ms: int | None = None
    """When it is to go on, from now."""


class Parking:
    """The sleeps of one run that are under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sleeps: dict[object, float] = {}
        self._since = 0.0

    @contextmanager
    def sleeping(self, wake_at: float) -> Generator[None]:
        """The flow sleeps during the block, until an instant of the wall clock."""
        place = object()
        with self._lock:
            self._sleeps[place] = wake_at
            self._since = elapsed()
        try:
            yield
        finally:
            with self._lock:
                self._sleeps.pop(place, None)
                self._since = elapsed()

    @property
    def left(self) -> float | None:
        """Seconds until the first sleep ends; None when nothing sleeps for long enough to be given back."""
        with self._lock:
            if not self._sleeps:
                return None
            left = min(self._sleeps.values()) - time.time()
        return left if left >= PARK_SECONDS else None

    def settled_in(self, quiet_since: float) -> float:
        """Seconds until the run has been at rest for long enough."""
        with self._lock:
            since = max(self._since, quiet_since)
        return max(0.0, since + SETTLE_SECONDS - elapsed())
