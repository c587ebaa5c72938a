"""Threads for tasks that run beside the flow. All are daemons: a task that hangs must not keep a process alive."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

# Enough for tasks that wait on the network; tasks that compute gain nothing from more threads.
MAX_THREADS = 32
IDLE_SECONDS = 10.0


class TaskPool:
    """Runs functions in a bounded number of threads, in the order they came."""

    def __init__(self, max_threads: int = MAX_THREADS) -> None:
        self._max_threads = max_threads
        self._jobs: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._threads = 0
        self._idle = 0

    def submit(self, job: Callable[[], None]) -> None:
        """Runs the job as soon as a thread is free. The job must not raise."""
        with self._changed:
            self._jobs.append(job)
            self._staff()

    def submit_if_free(self, job: Callable[[], None]) -> bool:
        """Runs the job if a thread is free for it now. For jobs that the threads of this pool wait for: queued behind
        their own waiters they would never run."""
        with self._changed:
            if len(self._jobs) >= self._idle and self._threads >= self._max_threads:
                return False
            self._jobs.append(job)
            self._staff()
            return True

    def _staff(self) -> None:
        if len(self._jobs) > self._idle and self._threads < self._max_threads:
            self._threads += 1
            threading.Thread(target=self._work, name=f"perfect-task-{self._threads}", daemon=True).start()
        self._changed.notify()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            try:
                if not self._jobs:
                    self._changed.wait_for(lambda: bool(self._jobs), IDLE_SECONDS)
                if self._jobs:
                    return self._jobs.popleft()
                self._threads -= 1
                return None
            finally:
                self._idle -= 1
