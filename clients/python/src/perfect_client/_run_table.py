"""The runs that this worker holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._run import Run


class RunTable:
    """Held runs by id. A run leaves when its end is stored or it is revoked, which frees its slot."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._runs: dict[str, Run] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def all(self) -> list[Run]:
        """All held runs."""
        with self._changed:
            return list(self._runs.values())

    def get(self, run_id: str) -> Run | None:
        """A held run, whatever its epoch."""
        return self._runs.get(run_id)

    def held(self, message: Mapping[str, Any]) -> Run | None:
        """The held run with the id and epoch of a message. Messages of other epochs are not for it."""
        run = self._runs.get(message.get("runId", ""))
        return run if run is not None and run.epoch == message.get("epoch") else None

    def add(self, run: Run) -> None:
        """Holds a run."""
        with self._changed:
            self._runs[run.run_id] = run

    def remove(self, run: Run) -> None:
        """Holds a run no longer."""
        with self._changed:
            if self._runs.get(run.run_id) is run:
                del self._runs[run.run_id]
            self._changed.notify_all()

    def revoke(self, run: Run, reason: str) -> None:
        """A run was taken away."""
        run.revoke(reason)
        self.remove(run)

    def revoke_all(self, runs: Iterable[Run], reason: str) -> None:
        """Several runs were taken away."""
        for run in runs:
            self.revoke(run, reason)

    def notify(self) -> None:
        """Lets ``wait_empty`` look again."""
        with self._changed:
            self._changed.notify_all()

    def wait_empty(self, timeout: float, should_stop: Callable[[], bool]) -> bool:
        """Waits until no run is held, or there is no reason to wait any more. True when none is."""
        with self._changed:
            self._changed.wait_for(lambda: not self._runs or should_stop(), timeout)
            return not self._runs
