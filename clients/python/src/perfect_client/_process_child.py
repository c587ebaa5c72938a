"""The other side of ``_process``: runs one attempt of a task, and tells the parent how it goes."""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import signal
import sys
import threading
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from ._context import RunContext, TaskFrame, entered
from ._failure import to_record
from ._fork import after_fork
from ._json import to_json
from ._keys import KeyScope
from ._logging import LogCapture
from .errors import DefinitionError, RunCancelled, SerializationError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from ._process import Job


class ChildRun:
    """The run as its task sees it from here."""

    # A cancel comes as a signal, and raises by itself.
    cancelled = False
    # The parent does.
    is_recorded = False

    def __init__(self, facts: Mapping[str, Any], pipe: Pipe) -> None:
        self.run_id: str = facts["run_id"]
        self.flow: str = facts["flow"]
        self.attempt: int = facts["attempt"]
        self.configuration: str = facts["configuration"]
        self.params: Mapping[str, Any] = facts["params"]
        self.is_replay: bool = facts["is_replay"]
        self._pipe = pipe

    def check(self) -> None:
        """A cancel comes as a signal."""

    def report_progress(self, key: str, done: float, message: str | None) -> None:  # noqa: ARG002 (there is one task)
        """Tells the parent."""
        self._pipe.send("progress", done, message)

    def add_log(self, line: str, *, is_debug: bool) -> None:
        """Tells the parent."""
        self._pipe.send("log", line, is_debug)


class Pipe:
    """The way to the parent, for several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, kind: str, *content: Any) -> None:
        """Sends a message."""
        self.send_bytes(pickle.dumps((kind, *content)))

    def send_bytes(self, message: bytes) -> None:
        """Sends the pickle of a message."""
        with self._lock:
            self._connection.send_bytes(message)


def main(connection: Connection, text: bytes) -> None:
    """Runs the job and sends its end."""
    # A group of its own: Ctrl-C is for the worker, and what the task starts ends with it.
    if hasattr(os, "setsid"):
        os.setsid()
    signal.signal(signal.SIGTERM, _cancel)
    after_fork(be_quiet)
    threading.Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
    with contextlib.suppress(RunCancelled):  # while it ends: it has nothing more to say then
        _work(Pipe(connection), text)


def _work(pipe: Pipe, text: bytes) -> None:
    try:
        _send_result(pipe, pickle.loads(text))
    except RunCancelled:
        be_quiet()
        pipe.send("cancelled")
    except BaseException as error:  # sys.exit() in a task ends the task
        be_quiet()
        pipe.send("failed", to_record(error))


def be_quiet() -> None:
    """SIGTERM ends the process, and raises nothing any more: all is said, or it is a forked child."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _send_result(pipe: Pipe, job: Job) -> None:
    result = _run(pipe, job)
    try:
        message = pickle.dumps(("done", result))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        what = f'result of task "{job.key}"'
        to_json(result, what)  # says best what is wrong with it
        raise SerializationError(f"The {what} cannot be sent from its process: {error}") from error
    be_quiet()
    pipe.send_bytes(message)


def _run(pipe: Pipe, job: Job) -> Any:
    capture = LogCapture()
    capture.start()
    if job.log_prints:
        capture.take_prints()
    frame = TaskFrame(job.key, job.task, job.attempt, log_prints=job.log_prints)
    fn = _function(job)
    with entered(RunContext(ChildRun(job.run, pipe), KeyScope(), frame)):
        return fn(*job.args, **job.kwargs)


def _function(job: Job) -> Any:
    found = find_in_module(job.module, job.qualname)
    if found is None:
        raise DefinitionError(
            f'The task "{job.task}" is not found as "{job.qualname}" in the module "{job.module}" by the process that '
            "should run it. Define it at the top of a module, and not under if __name__.",
            code="TASK_DEFINITION_INVALID",
        )
    return getattr(found, "fn", found)


def find_in_module(module: str, qualname: str) -> Any:
    """What a module of the program has under a name; None when there is nothing."""
    found: Any = sys.modules["__main__"] if module == "__main__" else importlib.import_module(module)
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found


def _cancel(_number: int, _frame: FrameType | None) -> None:
    raise RunCancelled("The task was cancelled")


def _end_with_parent(connection: Connection) -> None:
    try:
        connection.poll(None)
        connection.recv()
    except (EOFError, OSError):
        pass
    # Nothing is ever sent to here: the parent is gone, and what this task still does would count for nothing.
    end_group()


def end_group() -> None:
    """Ends this process, and all that it has started."""
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
