"""The worker: holds runs for the engine, executes them, and gives them back when it stops.

Threads: one that connects and reads, one that writes, one for the heartbeat, one for each run, a pool for submitted
tasks, one event loop for async flows. User code runs only in the last three.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from . import _messages as messages
from ._assignment import Assignment, grace_of
from ._carrier import Carrier, ConnectionRefused
from ._connection import Connection
from ._executable import Executable
from ._heartbeat import Heartbeat
from ._inbox import Inbox, log_refused_flows
from ._journal_pages import complete_journal
from ._lease import Lease
from ._log_buffer import LogBuffer
from ._loop import LoopThread
from ._outgoing import Outgoing
from ._pool import TaskPool
from ._requests import PendingRequests
from ._run import Run
from ._run_table import RunTable
from ._welcome import Welcome

_log = logging.getLogger("perfect_client")

WorkerState = Literal["idle", "connecting", "handshaking", "active", "draining", "closed"]

MAX_BACKOFF_SECONDS = 30.0
# Several tries fit into a lease.
_BACKOFF_SHARE = 0.1
_FLUSH_SECONDS = 2.0
_LAST_LOGS_SECONDS = 1.0


@dataclass(frozen=True)
class WorkerOptions:
    """Who the worker is."""

    name: str
    version: str
    slots: int = 4
    """How many runs it takes on at a time. Range: >= 1."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


class Worker:
    """Takes on runs while it is connected. New in each process: a restarted one never inherits what another held."""

    skips_sleeps = False

    def __init__(self, options: WorkerOptions, open_carrier: Callable[[], Carrier]) -> None:
        self.id = f"wrk_{uuid.uuid4().hex}"
        self.runs = RunTable()
        self.lease = Lease()
        self.pool = TaskPool()
        self.loop = LoopThread()
        self.log_buffer = LogBuffer()
        self.requests = PendingRequests()
        self.outgoing = Outgoing(
            self.runs.all, lambda run: self.runs.revoke(run, "it was given back, and goes on later")
        )
        self.heartbeat = Heartbeat(self.lease, self._beat)
        self.max_result_bytes = Welcome().max_result_bytes
        self._lease_ms = Welcome().lease_ms
        self.refusal: ConnectionRefused | None = None
        self._options = options
        self._flows: dict[str, Executable] = {}
        self._inbox = Inbox(self)
        self._connection = Connection(self, open_carrier)
        self._taking = threading.Lock()
        self._draining = False
        self._release_now = False
        self._started = False
        self._closed = threading.Event()
        self._on_closed: list[Callable[[], None]] = []

    @property
    def state(self) -> WorkerState:
        """Where the worker stands."""
        if self._closed.is_set():
            return "closed"
        if not self._started:
            return "idle"
        return "draining" if self._draining else self._connection.state

    def start(self, flows: Mapping[str, Executable]) -> None:
        """Starts the threads, with the flows that can be run so far."""
        self._flows.update(flows)
        self._started = True
        self.outgoing.start()
        self.heartbeat.start()
        self._connection.start()

    def add_flow(self, name: str, flow: Executable) -> None:
        """Can run another flow from now on."""
        self._flows[name] = flow
        self.outgoing.post(messages.flows_update(f"flow {name}", [flow.definition]))

    def wait_active(self, timeout: float | None) -> bool:
        """Waits until the engine has greeted."""
        return self._connection.wait_active(timeout)

    def on_closed(self, callback: Callable[[], None]) -> None:
        """Calls back when the worker has ended."""
        self._on_closed.append(callback)

    def drain(self, timeout: float) -> bool:
        """Takes on nothing more, waits for the runs, gives back what is left after the timeout, and ends. True when
        every run has ended here."""
        self._draining = True
        self.outgoing.post(messages.drain(round(timeout * 1000), "shutdown"))
        is_empty = self.runs.wait_empty(timeout, lambda: self._release_now or self._closed.is_set())
        self.release_all()
        self.close()
        return is_empty

    def release_now(self) -> None:
        """Makes a running drain wait no longer."""
        self._draining = self._release_now = True
        self.runs.notify()

    def release_all(self) -> None:
        """Gives all runs back, for other workers."""
        self._draining = True
        deadline = time.monotonic() + _LAST_LOGS_SECONDS
        for run in self.runs.all():
            run.logs.force()
            self.outgoing.wake()
            run.logs.flush(max(0.0, deadline - time.monotonic()))
            self.outgoing.post(messages.release(run, "shutdown"))
            self.runs.revoke(run, "released")

    def close(self) -> None:
        """Ends the connection and the threads. Runs that are still held are the engine's to find."""
        if self._closed.is_set():
            return
        self._draining = True
        self.outgoing.flush(_FLUSH_SECONDS)
        self._connection.stop()
        self._end()

    def find_run(self, run_id: str) -> Run | None:
        """A run that is held here."""
        return self.runs.get(run_id)

    def wake(self) -> None:
        """A run has something to send."""
        self.outgoing.wake()

    def report_progress(self, run: Run, key: str, done: float, message: str | None) -> None:
        """A task has progressed."""
        self.outgoing.progress.put(run, key, done, message)
        self.outgoing.wake()

    def hello(self) -> str:
        """The greeting of a new connection: what can be run, and what is held."""
        options = self._options
        return messages.hello(
            worker_id=self.id,
            name=options.name,
            slots=options.slots,
            labels=options.labels,
            version=options.version,
            flows=[flow.definition for flow in self._flows.values()],
            runs=self.runs.all(),
            draining=self._draining,
        )

    def welcomed(self, carrier: Carrier, welcome: Welcome, asked_at: float) -> None:
        """The engine has greeted: what it holds of the runs decides which go on, and what is sent again."""
        self.max_result_bytes = welcome.max_result_bytes
        self._lease_ms = welcome.lease_ms
        self._inbox.reconnect_after = None
        verdicts = {(verdict["runId"], verdict["epoch"]): verdict for verdict in welcome.runs}
        for run in self.runs.all():
            verdict = verdicts.get((run.run_id, run.epoch))
            if verdict is None or verdict["verdict"] != "continue":
                self.runs.revoke(run, "stale_epoch")
                continue
            run.events.rewind(verdict.get("ackedSeq") or 0)
            run.logs.rewind(verdict.get("ackedLogSeq") or 0)
            if verdict.get("cancel"):
                run.cancel(grace_of(verdict["cancel"]))
            if run.is_finished:
                self.log_buffer.close(run.logs)
                self.runs.remove(run)
        log_refused_flows(welcome.flows)
        self.outgoing.attach(carrier, welcome)
        self.heartbeat.attach(carrier, welcome, asked_at)

    def received(self, message: dict[str, Any]) -> None:
        """A message of the engine came."""
        self._inbox.handle(message)

    def lost(self) -> float | None:
        """The connection is gone. Gives the seconds to wait, if the engine has asked for some."""
        self.outgoing.detach()
        self.heartbeat.detach()
        self.requests.lose()
        return self._inbox.reconnect_after

    def longest_backoff(self) -> float:
        """The longest wait between two tries to connect, in seconds: short while the lease of a run is running out."""
        return MAX_BACKOFF_SECONDS if len(self.runs) == 0 else self._lease_ms / 1000 * _BACKOFF_SHARE

    def refused(self, error: ConnectionRefused) -> None:
        """The engine will never take this worker."""
        self.refusal = error
        self.runs.revoke_all(self.runs.all(), "refused")
        self._end()

    def reconnect(self) -> None:
        """Begins a new connection."""
        self._connection.abort()

    def take_on(self, assignment: Assignment) -> None:
        """Takes on a run, or says why not. The same assignment again is only accepted again."""
        with self._taking:
            current = self.runs.get(assignment.run_id)
            if current is not None and current.epoch >= assignment.epoch:
                if current.epoch == assignment.epoch:
                    self.outgoing.post(messages.accept(current))
                return
            if current is not None:
                self.runs.revoke(current, "stale_epoch")
            flow = self._flows.get(assignment.flow)
            if flow is None or self._draining or len(self.runs) >= self._options.slots:
                reason = "unknown_flow" if flow is None else "draining" if self._draining else "no_capacity"
                self.outgoing.post(messages.reject(assignment.run_id, assignment.epoch, reason))
                return
            run = flow.open(assignment, self)
            self.runs.add(run)
        self.outgoing.post(messages.accept(run))
        name = f"perfect-run-{run.run_id}"
        threading.Thread(target=self._execute, args=(run, flow), name=name, daemon=True).start()

    def _execute(self, run: Run, flow: Executable) -> None:
        try:
            if complete_journal(run, self._connection, self.requests, self.outgoing):
                flow.drive(run)
        except Exception:
            # Nothing here should raise. If it does, the run must not stay held by a thread that is gone.
            _log.exception("Run %s could not be driven", run.run_id)
            self.outgoing.post(messages.release(run, "resource"))
            self.runs.revoke(run, "released")

    def _beat(self, n: int, lag_ms: int) -> None:
        runs = self.runs.all()
        self.outgoing.post(messages.heartbeat(n, runs, self._options.slots, len(runs), lag_ms))

    def _end(self) -> None:
        if self._closed.is_set():
            return
        self.outgoing.stop()
        self.heartbeat.stop()
        self._closed.set()
        self.runs.notify()
        for callback in self._on_closed:
            callback()
