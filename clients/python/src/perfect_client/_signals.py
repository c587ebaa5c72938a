"""Signals while the main thread listens: the first drains, the second gives the runs back at once, the third exits."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Literal

# Windows does not interrupt a wait without timeout.
_POLL_SECONDS = 1.0
EXIT_CODE = 130

Happening = Literal["signal", "closed"]


class SignalInbox:
    """What wakes the listening main thread. Signal handlers only put something in a queue: they may interrupt any line,
    so they must not take a lock."""

    def __init__(self) -> None:
        self._happenings: SimpleQueue[Happening] = SimpleQueue()
        self._previous: dict[signal.Signals, Any] = {}
        self._count = 0
        self._pid = 0

    def install(self) -> None:
        """Catches SIGINT and SIGTERM. Only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._pid = os.getpid()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._on_signal)

    def restore(self) -> None:
        """Puts the previous handlers back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    def closed(self) -> None:
        """The worker has ended."""
        self._happenings.put("closed")

    def wait(self) -> Happening:
        """Waits for the next happening."""
        while True:
            try:
                return self._happenings.get(timeout=_POLL_SECONDS)
            except Empty:
                continue

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._pid:
            # A forked child has inherited the handler. It ends, as ``Process.terminate()`` expects.
            self.restore()
            os.kill(os.getpid(), number)
            return
        self._count += 1
        if self._count >= 3:
            os._exit(EXIT_CODE)
        self._happenings.put("signal")


def serve(inbox: SignalInbox, drain: Callable[[], object], release_now: Callable[[], object]) -> None:
    """Waits until the worker has ended. The first signal begins the drain, the second ends it."""
    signals = 0
    while inbox.wait() != "closed":
        signals += 1
        if signals == 1:
            threading.Thread(target=drain, name="perfect-drain", daemon=True).start()
        else:
            release_now()
