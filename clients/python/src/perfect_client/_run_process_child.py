"""The other side of ``_run_process``: drives one run in this process, and tells the parent what is to be stored."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
import time
from collections import deque
from types import FrameType
from typing import TYPE_CHECKING, Any

from ._assignment import OWN_SHARE
from ._drive import drive, flow_body
from ._failure import to_record
from ._fork import after_fork
from ._json import dumps, loads
from ._lease import Lease
from ._log_buffer import LogBuffer
from ._logging import LogCapture
from ._loop import LoopThread
from ._pool import TaskPool
from ._process_child import Pipe, be_quiet, end_group, find_in_module
from ._run import Run
from .errors import DefinitionError, RunCancelled

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from ._flow import AnyFlow
    from ._run_process import RunJob

_INTENT_SECONDS = 0.5
_LOOK_SECONDS = 0.5


class ChildHost:
    """What the run needs of a worker. All it has to say goes out in one thread: a signal in the middle of a write
    would tear the message."""

    skips_sleeps = False

    def __init__(self, pipe: Pipe, job: RunJob) -> None:
        self.lease = Lease()
        self.lease.extend(job.lease_deadline)
        self.pool = TaskPool()
        self.loop = LoopThread()
        self.log_buffer = LogBuffer()
        self.max_result_bytes = job.max_result_bytes
        self.interrupted = threading.Event()
        self._pipe = pipe
        self._lines: deque[tuple[str, bool]] = deque()
        self._progress: dict[str, tuple[float, str | None]] = {}
        self._changed = threading.Event()
        self._offered: str | None = None

    def wake(self) -> None:
        """There is something to tell."""
        self._changed.set()

    def report_progress(self, run: Run, key: str, done: float, message: str | None) -> None:  # noqa: ARG002 (one run)
        """Tells the newest."""
        self._progress[key] = (done, message)
        self.wake()

    def add_line(self, line: str, *, is_debug: bool) -> None:
        """Tells a line of the log."""
        self._lines.append((line, is_debug))
        self.wake()

    def write(self, run: Run) -> None:
        """Tells what there is to tell, for ever."""
        wait: float | None = None
        while True:
            self._changed.wait(wait)
            self._changed.clear()
            # First the events, told last: a line that was written before an event comes before it.
            batches = list(iter(run.events.take, None))
            while self._lines:
                self._pipe.send("log", *self._lines.popleft())
            while self._progress:
                key, told = self._progress.popitem()
                self._pipe.send("progress", key, *told)
            for first, texts in batches:
                self._tell_events(run, first, texts)
            wait = self._tell_rest(run)

    def _tell_events(self, run: Run, first: int, texts: list[str]) -> None:
        for seq, text in enumerate(texts, first):
            if seq == run.final_seq:
                self._pipe.send("end", text)
                continue
            event: Any = loads(text)
            self._pipe.send("event", text, event["key"] if event["kind"] == "step.completed" else None)

    def _tell_rest(self, run: Run) -> float | None:
        """Tells whether the run may be given back. Gives the seconds until that is looked at again."""
        rest = run.rest(can_park=True)
        reason = rest.reason if rest is not None and rest.seconds == 0 else None
        if reason != self._offered:
            self._offered = reason
            self._pipe.send("rest", reason, time.time() + (rest.wake_ms or 0) / 1000 if rest is not None else 0.0)
        if rest is not None and rest.seconds > 0:
            return rest.seconds
        return None if reason is None else _LOOK_SECONDS

    def listen(self, connection: Connection, run: Run) -> None:
        """Hears what the parent says, and ends with it."""
        try:
            while True:
                kind, value = connection.recv()
                if kind == "ack":
                    run.events.ack(value)
                    self.wake()
                elif kind == "lease":
                    self.lease.extend(value)
                elif kind == "pause":
                    run.pause_tasks(value)
                else:
                    if kind == "cancel":
                        run.cancel(value * OWN_SHARE)
                    else:
                        run.revoke(value)
                    self.interrupted.set()
        except (EOFError, OSError):
            end_group()

    def on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        """Interrupts the flow, when the parent has said that it should end. Any other SIGTERM is for the worker, which
        waits for its runs."""
        if self.interrupted.wait(_INTENT_SECONDS):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            raise RunCancelled("The run was cancelled")


class ChildRun(Run):
    """The run as it is driven here."""

    def add_log(self, line: str, *, is_debug: bool) -> None:
        """The parent keeps the lines."""
        host = self.host
        if isinstance(host, ChildHost) and not self.revoked:
            host.add_line(line, is_debug=is_debug)


def main(connection: Connection, text: bytes) -> None:
    """Drives the run of the job to its end."""
    # A group of its own: Ctrl-C is for the worker, and what the run starts ends with it.
    if hasattr(os, "setsid"):
        os.setsid()
    pipe = Pipe(connection)
    try:
        job: RunJob = pickle.loads(text)
        flow = _flow_of(job)
    except Exception as error:
        # What the program itself would have failed with: another process would do no better.
        pipe.send("end", dumps({"kind": "run.completed", "status": "failed", "error": to_record(error)}))
        connection.poll(None)
        return
    host = ChildHost(pipe, job)
    run = ChildRun(job.assignment, host, is_async=flow is not None and flow.is_async)
    signal.signal(signal.SIGTERM, host.on_terminate)
    after_fork(be_quiet)
    threading.Thread(target=host.listen, args=(connection, run), name="perfect-pipe-reader", daemon=True).start()
    threading.Thread(target=host.write, args=(run,), name="perfect-pipe-writer", daemon=True).start()
    capture = LogCapture()
    capture.start()
    # Tasks may want it even where the flow does not.
    capture.take_prints()
    with contextlib.suppress(RunCancelled):  # Interrupted outside of the flow. The parent knows how it ends.
        drive(run, flow_body(flow, job.source.callback), log_prints=job.log_prints)


def _flow_of(job: RunJob) -> AnyFlow | None:
    from ._flow import BaseFlow

    source = job.source
    if source.module is None:
        return None
    found = find_in_module(source.module, source.qualname)
    if not isinstance(found, BaseFlow):
        raise DefinitionError(
            f'The flow "{job.assignment.flow}" is not found as "{source.qualname}" in the module "{source.module}" by '
            "the process that should run it. Define it at the top of a module, and not under if __name__.",
            code="FLOW_DEFINITION_INVALID",
        )
    return found  # pyright: ignore[reportUnknownVariableType]
