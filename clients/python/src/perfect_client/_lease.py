"""How long this worker may believe that its runs are its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ._clock import elapsed

# The worker stops a little before the engine gives the run away.
SAFETY = 0.9


class Lease:
    """The worker's own deadline: past it no new task starts until the engine has spoken again. All times in seconds."""

    def __init__(self, clock: Callable[[], float] = elapsed) -> None:
        self.clock = clock
        self._deadline = float("-inf")
        self._changed = threading.Condition()
        self._listeners: dict[object, Callable[[], None]] = {}

    @property
    def is_valid(self) -> bool:
        """Whether a new task may start now."""
        return self.clock() < self._deadline

    @property
    def deadline(self) -> float:
        """Until when no other word of the engine is needed, by the clock."""
        return self._deadline

    def renew(self, asked_at: float, lease_ms: int) -> None:
        """The engine has confirmed what it was asked at that time. The deadline never moves back."""
        self.extend(asked_at + lease_ms / 1000 * SAFETY)

    def extend(self, deadline: float) -> None:
        """Sets another deadline, if it is a later one."""
        with self._changed:
            self._deadline = max(self._deadline, deadline)
            self._changed.notify_all()
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener()

    def on_renewed(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls back whenever the deadline is set. Gives what ends that."""
        place = object()
        with self._changed:
            self._listeners[place] = listener
        return lambda: self._forget(place)

    def _forget(self, place: object) -> None:
        with self._changed:
            self._listeners.pop(place, None)

    def wake(self) -> None:
        """Lets those who wait look again: their run may have been revoked."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, should_stop: Callable[[], bool]) -> None:
        """Waits until a new task may start, or there is no reason to wait any more."""
        with self._changed:
            while not self.is_valid and not should_stop():
                self._changed.wait(1.0)
