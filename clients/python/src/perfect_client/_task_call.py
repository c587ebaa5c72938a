"""One call of a task inside a run, apart from how it waits: what it records and what it raises. Shared by the sync and
the async driver."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

from ._args_hash import compare_arguments
from ._calls import Invocation
from ._convert import from_json_leniently
from ._definition import TaskOptions
from ._failure import to_exception, to_record
from ._journal import Entry
from ._json import JsonValue, dumps, from_tagged, loads, to_json
from ._keys import MapPath
from ._run import Run
from .errors import SerializationError, TaskFailedError, TaskOutcomeUnknownError


class TaskCall:
    """The record of one task call."""

    def __init__(self, run: Run, key: str, options: TaskOptions, hint: Any) -> None:
        self.run = run
        self.key = key
        self.options = options
        self.attempt = 0
        self.entry: Entry | None = run.journal.find(key)
        self._hint = hint
        self._args_hash: str | None = None
        self._map_path: MapPath | None = None
        self._began = 0.0

    @classmethod
    def of(cls, run: Run, key: str, invocation: Invocation) -> TaskCall:
        """The record of a call with arguments."""
        call = cls(run, key, invocation.options, invocation.hint)
        call._args_hash = invocation.args_hash
        call._map_path = invocation.item and invocation.item.map_path
        return call

    @property
    def is_recorded(self) -> bool:
        """Whether the outcome is in the journal already."""
        return self.entry is not None and self.entry.status != "started"

    def replay(self) -> Any:
        """The recorded result.

        :raises TaskFailedError: the recorded failure.
        :raises JournalMismatchError: the call that was recorded had other arguments.
        """
        assert self.entry is not None
        compare_arguments(self.run, self.key, self.entry.args_hash, self._args_hash)
        self.run.journal.replayed(self.key)
        if self.entry.status == "failed":
            raise to_exception(self.entry.error)
        return self._value(self.entry.result)

    def lost_outcome(self) -> tuple[Future[None], TaskFailedError] | None:
        """For a task that must not run twice and has been started before: records that its outcome is unknown."""
        if self.options.idempotent or self.entry is None:
            return None
        self.attempt = 1
        return self.fail(
            TaskOutcomeUnknownError(
                f'The task "{self.key}" was started before a crash and must not run twice. '
                "Find out whether it was done, then trigger the flow again."
            )
        )

    def start(self) -> Future[None] | None:
        """Begins an attempt. The future is there when the attempt may only begin once it is resolved."""
        self.attempt += 1
        self._began = time.monotonic()
        options = self.options
        event = self._event("step.started")
        event["weight"] = options.weight
        if options.estimated_ms is not None:
            event["estimatedMs"] = options.estimated_ms
        if options.idempotent:
            self.run.record(event)
            return None
        event["idempotent"] = False
        return self.run.record(event)

    def succeed(self, result: object) -> tuple[Future[None], Any]:
        """Records a result. Gives the future of the record, and the result as a replay will see it.

        :raises SerializationError: when it cannot be stored; nothing is recorded then.
        """
        what = f'result of task "{self.key}"'
        value = to_json(result, what)
        text = dumps(value)
        self.run.check_size(text, what)
        event = self._event("step.completed")
        event.update(status="succeeded", result=value, durationMs=self._duration_ms())
        return self.run.record(event), self._value(loads(text))

    def retry_after(self, error: Exception) -> float | None:
        """Seconds until the next attempt, which is announced; None when the failure is final."""
        options = self.options
        may_retry = isinstance(error, options.retry_on) and not isinstance(error, SerializationError)
        if not may_retry or self.attempt > options.retries:
            return None
        if options.retry_if is not None and not options.retry_if(error):
            return None
        # Beyond 2^64 times the first delay there is nothing more to tell apart, and a float overflows.
        delay = options.retry_delay * options.retry_backoff ** min(self.attempt - 1, 64)
        delay = delay if options.retry_max_delay is None else min(delay, options.retry_max_delay)
        import random

        delay *= 1 + options.retry_jitter * random.uniform(-1, 1)
        event = self._event("step.retrying")
        event.update(error=to_record(error), retryInMs=round(delay * 1000))
        self.run.record(event)
        return delay

    def fail(self, error: Exception) -> tuple[Future[None], TaskFailedError]:
        """Records a final failure. Gives the future of the record, and what to raise once it is stored."""
        record = to_record(error)
        event = self._event("step.completed")
        event.update(status="failed", error=record, durationMs=self._duration_ms())
        failure = to_exception(record)
        failure.__cause__ = error
        return self.run.record(event), failure

    def _event(self, kind: str) -> dict[str, JsonValue]:
        event: dict[str, JsonValue] = {
            "kind": kind,
            "key": self.key,
            "task": self.options.name,
            "attempt": self.attempt,
        }
        if self._args_hash is not None:
            event["argsHash"] = self._args_hash
        if self._map_path is not None:
            event["map"] = {"path": self._map_path.path, "count": self._map_path.count}
        return event

    def _duration_ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000) if self._began else 0

    def _value(self, value: JsonValue) -> Any:
        return from_json_leniently(from_tagged(value), self._hint)
