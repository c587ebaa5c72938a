"""Waits for the end of a run, by asking."""

from __future__ import annotations

import time
from collections.abc import Callable

from ._views import RunDetailView

FINAL_STATUSES = ("succeeded", "failed", "cancelled")
# Short runs should not seem long, and long ones should not be asked for all the time.
_FIRST_SECONDS = 0.02
_LONGEST_SECONDS = 1.0


def wait_for_end(get_run: Callable[[str], RunDetailView], run_id: str, timeout: float | None) -> RunDetailView:
    """Asks for the run until it has ended.

    :raises TimeoutError: when it has not ended after ``timeout`` seconds.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    pause = _FIRST_SECONDS
    while True:
        detail = get_run(run_id)
        run = detail["run"]
        if run["status"] in FINAL_STATUSES:
            return detail
        left = pause if deadline is None else deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(
                f"Run {run_id} of {run['flowName']} is {run['status']} ({run['progress']['percent']:.0f} %) after "
                f"{timeout:g} s. Wait longer, or cancel it; it goes on meanwhile."
            )
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_SECONDS)
