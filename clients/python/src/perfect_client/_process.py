"""Attempts of tasks in a process of their own: Python cannot stop a thread, but it can stop a process.

The child imports the module of the task again, so a script needs ``if __name__ == "__main__":``. What it logs and
reports comes back over a pipe. It is asked to end with SIGTERM, which raises ``RunCancelled`` in the task, and is
killed if it does not. When this process dies, the child sees the end of the pipe and kills itself.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._assignment import GRACE_SECONDS
from ._context import RunContext, RunPort, TaskFrame, captures_prints, run_of
from ._current import recorded_run
from ._failure import to_exception
from ._fork import after_fork
from ._logging import LogSink
from .errors import RunCancelled, SerializationError, TaskFailedError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess


@dataclass(frozen=True)
class Job:
    """What a child is to do. Sent as a pickle, between processes of the same program only."""

    module: str
    qualname: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    key: str
    task: str
    attempt: int
    run: dict[str, Any]
    log_prints: bool


_children: set[SpawnProcess] = set()
# At its end a forked child ends what it has started, and not what its parent has.
after_fork(_children.clear)


def run_in_process(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    context: RunContext,
    frame: TaskFrame,
    timeout: float | None,
) -> Any:
    """Runs the function in another process and gives its result.

    :raises TimeoutError: when it took longer than ``timeout`` seconds; the process is gone then.
    :raises RunCancelled: :raises RunRevoked: when the run was cancelled or revoked; the process is gone then.
    """
    import multiprocessing
    from multiprocessing.connection import wait
    from multiprocessing.reduction import ForkingPickler

    from ._process_child import main

    job = _job(fn, args, kwargs, context, frame)
    try:
        text = bytes(ForkingPickler.dumps(job))
    except Exception as error:
        raise SerializationError(
            f'The arguments of task "{frame.key}" cannot be sent to its process: {error}. Give values that can be '
            "pickled: JSON types, dataclasses and other instances of classes of a module."
        ) from error
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    bell, ring = spawn.Pipe(duplex=False)
    run = run_of(context)
    recorded = recorded_run(context)
    forget = None if recorded is None else recorded.on_interrupt(lambda: ring.send_bytes(b"!"))
    child = spawn.Process(target=main, args=(theirs, text), name=f"perfect-task-{frame.key}")
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        start_process(child)
        theirs.close()
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = wait([ours, bell], left)
            if ours in ready:
                ended, result = _take(ours, run, frame)
                if ended:
                    return result
            elif bell in ready:
                run.check()
            else:
                raise TimeoutError
    finally:
        if forget is not None:
            forget()
        end_process(child, recorded.cancel_grace if recorded is not None and recorded.cancelled else GRACE_SECONDS)
        for end in (ours, bell, ring):
            end.close()


def _job(
    fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], context: RunContext, frame: TaskFrame
) -> Job:
    run = run_of(context)
    names = ("run_id", "flow", "attempt", "configuration", "params", "is_replay")
    return Job(
        module=fn.__module__,
        qualname=fn.__qualname__,
        args=args,
        kwargs=kwargs,
        key=frame.key,
        task=frame.name,
        attempt=frame.attempt,
        run={name: getattr(run, name) for name in names},
        log_prints=captures_prints(context) or frame.log_prints,
    )


def start_process(child: SpawnProcess) -> None:
    """Starts a child that ends with this process."""
    if not _children:
        # After the one of multiprocessing, so before it: that one would wait for the children.
        atexit.unregister(_kill_all)
        atexit.register(_kill_all)
    _children.add(child)
    child.start()


def _take(connection: Connection, run: RunPort, frame: TaskFrame) -> tuple[bool, Any]:
    """Handles a message of the child. Gives whether it was the last one, and the result."""
    try:
        kind, *content = connection.recv()
    except (EOFError, OSError):
        raise _lost(frame) from None
    if kind == "log" and isinstance(run, LogSink):
        run.add_log(content[0], is_debug=content[1])
    elif kind == "progress":
        run.report_progress(frame.key, content[0], content[1])
    elif kind == "done":
        return True, content[0]
    elif kind == "failed":
        failure = to_exception(content[0])
        failure.recorded_stack = content[0].get("stack")
        raise failure
    elif kind == "cancelled":
        run.check()
        raise RunCancelled(f"The task {frame.key} has ended itself")
    return False, None


def _lost(frame: TaskFrame) -> TaskFailedError:
    error = TaskFailedError(
        f'The process of task "{frame.key}" ended without a result. It was killed (by the system, when memory ran '
        "out), or crashed in native code; its output says more."
    )
    error.code = "PROCESS_FAILED"
    return error


def end_process(child: SpawnProcess, grace: float = GRACE_SECONDS) -> None:
    """Ends a child and everything it has started, if it has not ended yet: it may take ``grace`` seconds for it."""
    if child.pid is not None:
        if child.is_alive():
            _signal(child.pid, signal.SIGTERM)
            child.join(grace)
        # What the task has left behind in its group too.
        _signal(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        child.join()
        # Another thread, which starts or awaits a child, may just have heard of the end: then it is not known here yet.
        with contextlib.suppress(ValueError):
            child.close()
    _children.discard(child)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def _kill_all() -> None:
    for child in list(_children):
        if child.pid is not None:
            _signal(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
