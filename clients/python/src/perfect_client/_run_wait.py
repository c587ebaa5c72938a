"""Waits for the end of a run, by asking."""

from __future__ import annotations

import time
from collections.abc import Callable

from ._views import RunDetailView

FINAL_STATUSES = ("succeeded", "failed", "cancelled")
# Short runs should not seem long, and long ones should not be asked for all the time.
_FIRST_SECONDS = 0.02
_LONGEST_SECONDS = 1.0
# The server answers when the run has ended, or when this is over; proxies do not take that for a dead connection.
_SERVER_SECONDS = 20.0


def wait_for_end(get_run: Callable[[float], RunDetailView], run_id: str, timeout: float | None) -> RunDetailView:
    """Asks for the run until it has ended. ``get_run`` is told how many seconds the server may wait with its answer.

    :raises TimeoutError: when it has not ended after ``timeout`` seconds.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    pause = _FIRST_SECONDS
    while True:
        asked_at = time.monotonic()
        longest = _SERVER_SECONDS if deadline is None else min(_SERVER_SECONDS, deadline - asked_at)
        detail = get_run(max(0.0, longest))
        run = detail["run"]
        if run["status"] in FINAL_STATUSES:
            return detail
        left = pause if deadline is None else deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(
                f"Run {run_id} of {run['flowName']} is {run['status']} ({run['progress']['percent']:.0f} %) after "
                f"{timeout:g} s. Wait longer, or cancel it; it goes on meanwhile."
            )
        # Not when the server has waited: then it is asked again at once.
        if time.monotonic() - asked_at < pause:
            time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_SECONDS)
