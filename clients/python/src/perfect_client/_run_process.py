"""Runs in processes of their own: this side, which speaks with the engine for them.

The child drives the flow as a thread of the worker would, and tells over a pipe what is to be stored; this side has it
stored, and tells what was. A cancel is told first. A child that does not end by it is asked with SIGTERM, and then
killed. When it dies of something else, its run is given back with all that is recorded.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._assignment import Assignment
from ._clock import instant_text
from ._executable import RunSource
from ._failure import to_record
from ._json import JsonValue, dumps
from ._parking import Rest
from ._process import end_process, start_process
from ._process_child import Pipe
from ._run import Run
from ._run_host import RunHost
from .errors import RunRevoked, SerializationError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

_log = logging.getLogger("perfect_client")

COOPERATION_SECONDS = 1.0
"""How long a cancelled run may go on until it looks whether it is; then it is interrupted."""
_LAST_STEPS_SECONDS = 1.0


@dataclass(frozen=True)
class RunJob:
    """What a child is to do. Sent as a pickle, between processes of the same program only."""

    source: RunSource
    assignment: Assignment
    max_result_bytes: int
    lease_deadline: float
    log_prints: bool


class ProcessRun(Run):
    """A run whose flow is driven by a child process."""

    def __init__(self, assignment: Assignment, host: RunHost, *, is_async: bool) -> None:
        self.inbox: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        """What the child says, and ``bell`` when something else has changed."""
        self.offer: Rest | None = None
        """How the child would give the run back now."""
        self.last_result = 0
        """Number of the newest event that a next epoch needs."""
        super().__init__(assignment, host, is_async=is_async)

    @property
    def revoked_for(self) -> str | None:
        """Why the run is not this worker's any more."""
        return self._revoked

    @property
    def is_paused(self) -> bool:
        """Whether nothing new is to start."""
        return self._paused

    @property
    def is_resting(self) -> bool:
        """Whether the child would give the run back."""
        return self.offer is not None

    def rest(self, *, can_park: bool) -> Rest | None:
        """How the run is given back; None while it goes on."""
        offer = self.offer
        if offer is None:
            return None
        # Of a task that was cut off only the start is told, and an engine need not acknowledge that by itself.
        needed = self.last_result if offer.reason == "crashed" else self.events.last_seq
        if self.events.acked_seq < needed:
            return None
        if offer.reason == "sleeping" and (not can_park or self.cancelled):
            return None
        if offer.reason == "paused" and not self._paused:
            return None
        if not self.logs.is_idle:
            self.logs.force()
            return None
        return offer

    def pause_tasks(self, paused: bool) -> None:
        """Tells the child."""
        super().pause_tasks(paused)
        self.ring()

    def ring(self) -> None:
        """Lets the thread of the run look what has changed."""
        self.inbox.put(("bell",))

    def _interrupt(self) -> None:
        super()._interrupt()
        self.ring()


def drive_in_process(run: ProcessRun, source: RunSource, *, log_prints: bool) -> None:
    """Has a child drive the run. Returns when its end is stored, or when the run is not this worker's any more."""
    lease = run.host.lease
    job = RunJob(source, run.assignment, run.host.max_result_bytes, lease.deadline, log_prints)
    _log.info("Run %s of %s started in a process of its own (epoch %d)", run.run_id, run.flow, run.epoch)
    try:
        child, connection = _start(job, run.run_id)
    except SerializationError as error:
        run.finish({"kind": "run.completed", "status": "failed", "error": to_record(error)}).result()
        return
    forget = lease.on_renewed(run.ring)
    try:
        _Conversation(run, child, connection).follow()
    except RunRevoked as signal:
        _log.info("%s", signal)
    finally:
        forget()
        end_process(child)
        connection.close()


def _start(job: RunJob, run_id: str) -> tuple[SpawnProcess, Connection]:
    import multiprocessing
    from multiprocessing.reduction import ForkingPickler

    from ._run_process_child import main

    try:
        text = bytes(ForkingPickler.dumps(job))
    except Exception as error:
        raise SerializationError(
            f"Run {run_id} cannot be sent to its process: {error}. Give on_execution_request a function at the top of "
            "a module."
        ) from error
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    child = spawn.Process(target=main, args=(theirs, text), name=f"perfect-run-{run_id}")
    start_process(child)
    theirs.close()
    return child, ours


class _Conversation:
    """What this side and the child tell each other."""

    def __init__(self, run: ProcessRun, child: SpawnProcess, connection: Connection) -> None:
        self._run = run
        self._child = child
        self._pipe = Pipe(connection)
        self._told: dict[str, Any] = {"ack": 0, "pause": False, "lease": None, "cancel": None}
        self._ask_at: float | None = None
        self._handlers: dict[str, Callable[..., None]] = {
            "bell": lambda: None,
            "log": self._line,
            "progress": self._progress,
            "event": self._event,
            "rest": self._rest,
        }
        target = _read_into
        threading.Thread(target=target, args=(connection, run), name=f"{child.name}-reader", daemon=True).start()

    def follow(self) -> None:
        """Follows the run to its end.

        :raises RunRevoked: when it is not this worker's any more.
        """
        while True:
            self._tell()
            try:
                kind, *content = self._run.inbox.get(timeout=self._left())
            except queue.Empty:
                self._press()
                continue
            if kind == "end":
                self._end(content[0])
                return
            if kind == "gone":
                self._lost()
                return
            self._handlers[kind](*content)

    def _tell(self) -> None:
        run = self._run
        if run.revoked_for is not None:
            self._send("revoked", run.revoked_for)
            run.check()
        state = {"ack": run.events.acked_seq, "pause": run.is_paused, "lease": run.host.lease.deadline}
        for kind, value in {**state, "cancel": run.cancel_grace if run.cancelled else None}.items():
            if self._told[kind] != value:
                self._told[kind] = value
                self._send(kind, value)
                if kind == "cancel":
                    self._ask_at = time.monotonic() + self._cooperation

    @property
    def _cooperation(self) -> float:
        return min(COOPERATION_SECONDS, self._run.cancel_grace / 2)

    def _send(self, kind: str, value: Any) -> None:
        with contextlib.suppress(OSError):  # It is gone. The reader tells.
            self._pipe.send(kind, value)

    def _left(self) -> float | None:
        return None if self._ask_at is None else max(0.0, self._ask_at - time.monotonic())

    def _press(self) -> None:
        """The child was told of the cancel, and goes on nevertheless."""
        if self._told.get("asked"):
            self._child.kill()
            self._ask_at = None
        else:
            self._told["asked"] = True
            self._child.terminate()
            self._ask_at = time.monotonic() + self._run.cancel_grace - self._cooperation

    def _line(self, line: str, is_debug: bool) -> None:
        self._run.add_log(line, is_debug=is_debug)

    def _progress(self, key: str, done: float, message: str | None) -> None:
        if not self._run.calls.is_open(key):
            self._run.calls.begin(key)
        self._run.report_progress(key, done, message)

    def _event(self, text: str, ended: str | None) -> None:
        if ended is not None and self._run.calls.is_open(ended):
            self._run.calls.end(ended)
        run = self._run
        run.record_text(text).add_done_callback(lambda _stored: run.ring())
        if ended is not None:
            run.last_result = run.events.last_seq

    def _rest(self, reason: str | None, wake_at: float) -> None:
        run = self._run
        run.offer = None
        if reason is not None:
            left = None if reason != "sleeping" else max(0, round((wake_at - time.time()) * 1000))
            run.offer = Rest(0.0, reason, left)
            run.host.wake()

    def _end(self, text: str) -> None:
        self._run.finish_text(text).result()
        self._tell()
        self._child.join(_LAST_STEPS_SECONDS)
        _log.info("Run %s of %s has ended", self._run.run_id, self._run.flow)

    def _lost(self) -> None:
        """The child is gone without an end: was cancelled and had to be killed, or died."""
        run = self._run
        run.check_revoked()
        if not run.cancelled:
            self._child.join(_LAST_STEPS_SECONDS)
            _log.warning(
                "The process of run %s ended without a result (exit code %s): the run is given back",
                run.run_id,
                self._child.exitcode,
            )
            run.offer = Rest(0.0, "crashed")
            run.host.wake()
            while not run.cancelled:
                run.inbox.get()
        run.check_revoked()
        run.offer = None
        end: dict[str, JsonValue] = {"kind": "run.completed", "status": "cancelled", "at": instant_text()}
        run.finish_text(dumps(end)).result()


def _read_into(connection: Connection, run: ProcessRun) -> None:
    try:
        while True:
            run.inbox.put(connection.recv())
    except (EOFError, OSError):
        run.inbox.put(("gone",))
