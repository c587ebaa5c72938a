"""Breaks a task off in its thread, at whichever line of Python it is, and keeps places free of that.

Another thread sets the exception and the interpreter raises it a moment later. So that it never hits anything but the
function of the task, each window has one ticket: who takes it decides. The canceller takes it and sets the exception,
once; or the thread takes it, when its function has returned or enters a shield, and no exception can come any more.
Taking something out of a list is atomic, and needs no lock that an exception could leave locked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from .errors import RunCancelled

R = TypeVar("R")

_here = threading.local()
_LOOK_SECONDS = 0.0005


class Window:
    """The time in which the function of a task runs. Belongs to the thread that makes it."""

    def __init__(self) -> None:
        # Loaded now: not in the middle of an exception.
        import ctypes as _ctypes

        assert _ctypes.pythonapi
        self._thread = threading.get_ident()
        self._ticket = [True]
        self._is_wanted = False
        self._is_sent = False
        self._is_closed = False
        self._shields = 0
        self._holds_ticket = False

    def interrupt(self) -> None:
        """Raises ``RunCancelled`` in the thread of the window, unless it is closed; under a shield at its end."""
        self._is_wanted = True
        if not self._take():
            return
        if threading.get_ident() == self._thread:
            self._is_sent = True
            raise RunCancelled("The task was to be broken off before it began")
        _raise_in(self._thread, RunCancelled)
        self._is_sent = True

    def run(self, body: Callable[[], R]) -> R:
        """Calls the body, which may be broken off. No exception comes after it.

        :raises RunCancelled: when it was broken off.
        """
        outer: Window | None = getattr(_here, "window", None)
        try:
            try:
                _here.window = self
                return body()
            finally:
                self._close()
        finally:
            # Again, for the exception may have come in the middle of the first time. There is no second one.
            self._close()
            _here.window = outer

    def cover(self) -> None:
        """Keeps the exception away from what follows. One that is on its way comes here."""
        if self._shields == 0:
            self._holds_ticket = self._take()
            if not self._holds_ticket:
                self._let_it_come()
        self._shields += 1

    def uncover(self) -> None:
        """Ends what ``cover`` began.

        :raises RunCancelled: when the task was to be broken off meanwhile.
        """
        self._shields -= 1
        if self._shields > 0 or not self._holds_ticket:
            return
        self._holds_ticket = False
        self._ticket.append(True)
        if self._is_wanted and self._take():
            # Said here, so nobody else says it.
            self._is_sent = True
            raise RunCancelled("The task was broken off at the end of a shield")

    def _close(self) -> None:
        if self._is_closed:
            return
        if not self._take():
            self._let_it_come()
            _raise_in(self._thread, None)
        self._is_closed = True

    def _let_it_come(self) -> None:
        # Whoever has the ticket sets the exception at once; when it has come already, nothing happens here.
        while not self._is_sent and not self._holds_ticket:
            time.sleep(_LOOK_SECONDS)
        time.sleep(0)

    def _take(self) -> bool:
        try:
            return self._ticket.pop()
        except IndexError:
            return False


class shield:  # noqa: N801 (used as a function: ``with shield():``)
    """A block that is not broken off: a task with ``hard_cancel`` ends after it, and not in the middle.

    with shield():
        move_files()
    """

    def __enter__(self) -> None:
        self._window: Window | None = getattr(_here, "window", None)
        if self._window is not None:
            self._window.cover()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._window is not None:
            self._window.uncover()


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    import ctypes

    wanted = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), wanted)
