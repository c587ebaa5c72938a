"""An engine in memory for tests: runs a flow with a real journal, and can crash after any recorded task."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ._assignment import Assignment
from ._clock import instant_text
from ._drive import ExecutionRequest, drive, flow_body
from ._failure import to_exception
from ._flow import AnyFlow
from ._journal import Journal
from ._json import JsonValue, dumps, loads, to_json
from ._lease import Lease
from ._log_buffer import LogBuffer, LogLimits
from ._logging import LogCapture
from ._loop import LoopThread
from ._pool import TaskPool
from ._run import Run

_FOREVER_MS = 10**12


@dataclass
class MockRun:
    """What became of a run of the engine in memory."""

    run_id: str
    flow: str
    status: str = "running"
    result: JsonValue = None
    """The result as JSON."""
    error: Any = None
    epochs: int = 0
    """How often the run was taken up: 1 without crashes."""
    journal: dict[str, dict[str, Any]] = field(default_factory=dict[str, "dict[str, Any]"])
    """The recorded tasks by key, in the order they were recorded."""
    recorded: list[str] = field(default_factory=list[str])
    """The keys of all completions that came, repeated ones included."""
    logs: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    progress: list[tuple[str, float]] = field(default_factory=list["tuple[str, float]"])

    def value(self) -> JsonValue:
        """The result.

        :raises TaskFailedError: when the run failed, with the type of the original error.
        """
        if self.status == "failed":
            raise to_exception(self.error)
        return self.result


class MemoryEngine:
    """Holds one run at a time, as a worker would, and acknowledges at once."""

    max_result_bytes = 1 << 20
    skips_sleeps = True

    def __init__(self) -> None:
        self.lease = Lease()
        self.lease.renew(self.lease.clock(), _FOREVER_MS)
        self.pool = TaskPool()
        self.loop = LoopThread()
        self.log_buffer = LogBuffer()
        self._lock = threading.RLock()
        self._run: Run | None = None
        self._record = MockRun("", "")
        self._crash_after: set[str] = set()

    def execute(
        self,
        flow: AnyFlow,
        params: Mapping[str, Any],
        *,
        configuration: str = "development",
        crash_after: Collection[str] = (),
        journal: Mapping[str, dict[str, Any]] | None = None,
        callback: Callable[[ExecutionRequest], Any] | None = None,
        run_id: str | None = None,
    ) -> MockRun:
        """Runs a flow to its end. After each key of ``crash_after`` is recorded, the process "dies" and the run goes on
        in the next one, with nothing but its journal. ``journal`` holds what was recorded before it begins, of the run
        of that id."""
        record = self._record = MockRun(
            run_id or f"run_{uuid.uuid4().hex[:12]}", flow.name, journal=dict(journal or {})
        )
        self._crash_after = set(crash_after)
        started_at = instant_text()
        given = loads(dumps(to_json(dict(params), "parameters")))
        capture = LogCapture()
        capture.start()
        capture.take_prints()
        try:
            while record.status == "running":
                record.epochs += 1
                entries = list(record.journal.values())
                assignment = Assignment(
                    run_id=record.run_id,
                    epoch=record.epochs,
                    flow=flow.name,
                    version=flow.definition.version,
                    params=given,
                    configuration=configuration,
                    attempt=1,
                    journal=Journal(entries),
                    journal_total=len(entries),
                    journal_sent=len(entries),
                    seed=record.run_id,
                    started_at=started_at,
                )
                self._run = run = Run(assignment, self, is_async=flow.is_async)
                drive(run, flow_body(flow, callback), log_prints=flow.log_prints)
        finally:
            capture.stop()
        return record

    def cancel(self, grace: float | None = None) -> None:
        """Asks the run that is held to end. Its processes are killed after ``grace`` seconds."""
        run = self._run
        if run is not None:
            run.cancel(grace)

    def wake(self) -> None:
        """Takes what the run has to say, and acknowledges it."""
        with self._lock:
            run = self._run
            while run is not None and not run.revoked and (batch := run.events.take()) is not None:
                first, texts = batch
                for seq, text in enumerate(texts, first):
                    if not self._apply(run, cast("dict[str, Any]", loads(text))):
                        return
                    run.events.ack(seq)
            self._take_logs(run)

    def report_progress(self, run: Run, key: str, done: float, message: str | None) -> None:  # noqa: ARG002
        """Keeps the progress of the task."""
        if run is self._run:
            self._record.progress.append((key, done))

    def _apply(self, run: Run, event: dict[str, Any]) -> bool:
        record = self._record
        if event["kind"] == "run.completed":
            record.status, record.result, record.error = event["status"], event.get("result"), event.get("error")
        elif event["kind"] == "step.started" and event.get("idempotent") is False:
            record.journal.setdefault(event["key"], {**event, "status": "started"})
        elif event["kind"] == "step.completed":
            key = event["key"]
            record.recorded.append(key)
            if record.journal.get(key, {}).get("status") in (None, "started"):
                record.journal[key] = {**event, "epoch": run.epoch}
            if key in self._crash_after:
                self._crash_after.discard(key)
                run.revoke("simulated crash")
                return False
        return True

    def _take_logs(self, run: Run | None) -> None:
        while run is not None and not run.revoked and run.logs.due_in() is not None:
            batch = run.logs.take(LogLimits())
            if batch is None:
                return
            self._record.logs.extend(json.loads(line) for line in batch.lines)
            run.logs.ack(batch.first_seq + len(batch.lines) - 1)
