"""What user code can ask of the run it is part of. The current run travels in a context variable."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from ._fork import after_fork
from ._hard_cancel import shield
from ._keys import KeyScope
from .errors import OutsideRunError, RunCancelled

if TYPE_CHECKING:
    import logging

    from ._hard_cancel import Window

P = ParamSpec("P")
T = TypeVar("T")


class RunPort(Protocol):
    """The side of a run that its context needs."""

    run_id: str
    flow: str
    attempt: int
    configuration: str
    params: Mapping[str, Any]
    is_replay: bool
    is_recorded: bool
    """Whether tasks that its flow calls are recorded by this process."""

    @property
    def cancelled(self) -> bool: ...
    def check(self) -> None: ...
    def report_progress(self, key: str, done: float, message: str | None) -> None: ...


class TaskFrame:
    """The attempt of a task that is running."""

    def __init__(self, key: str, name: str, attempt: int, *, log_prints: bool = False) -> None:
        self.key = key
        self.name = name
        self.attempt = attempt
        self.log_prints = log_prints
        self.timed_out = False
        self.window: Window | None = None
        """Where a task with ``hard_cancel`` is broken off."""


class RunContext:
    """The current run, from inside a flow or task."""

    def __init__(
        self, run: RunPort, scope: KeyScope, task: TaskFrame | None = None, *, log_prints: bool = False
    ) -> None:
        self._run = run
        self._scope = scope
        self._task = task
        self._log_prints = log_prints

    @property
    def run_id(self) -> str:
        """Id of the run; ``local-...`` when the flow was called without a server."""
        return self._run.run_id

    @property
    def flow(self) -> str:
        """Name of the flow."""
        return self._run.flow

    @property
    def task(self) -> str | None:
        """Journal key of the current task; None in the flow itself."""
        return self._task.key if self._task else None

    @property
    def attempt(self) -> int:
        """Which try this is: of the current task, or of the run in the flow itself. Range: >= 1."""
        return self._task.attempt if self._task else self._run.attempt

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters of the run."""
        return self._run.params

    @property
    def configuration(self) -> str:
        """Name of the configuration: ``development``, ``debug``, ``release``, or one of the host's."""
        return self._run.configuration

    @property
    def is_replay(self) -> bool:
        """Whether the run had recorded tasks when it came here."""
        return self._run.is_replay

    @property
    def idempotency_key(self) -> str:
        """The same text each time this task of this run is tried, here or elsewhere; for calls to other systems."""
        return f"{self._run.run_id}:{self._task.key}" if self._task else self._run.run_id

    @property
    def cancelled(self) -> bool:
        """Whether the run was asked to end, or the current task has timed out."""
        return self._run.cancelled or (self._task is not None and self._task.timed_out)

    @property
    def logger(self) -> logging.Logger:
        """The logger of the run; see ``get_logger``."""
        from ._logging import get_logger

        return get_logger()

    def check(self) -> None:
        """Raises when the run was cancelled, revoked, or the current task has timed out. Call it in long loops.

        :raises RunCancelled: the run, or this attempt of the task, should end.
        :raises RunRevoked: the run is not this worker's any more.
        """
        if self._task is not None and self._task.timed_out:
            raise RunCancelled(f"Task {self._task.key} has timed out")
        self._run.check()


_current: ContextVar[RunContext | None] = ContextVar("perfect_run", default=None)
# A forked child has no way to the engine: it is outside of the run.
after_fork(lambda: _current.set(None))


def current_run() -> RunContext:
    """The run that this code is part of.

    :raises OutsideRunError: TASK_OUTSIDE_FLOW when there is none.
    """
    context = _current.get()
    if context is None:
        raise OutsideRunError("There is no current run here. Call current_run() inside a flow or task.")
    return context


def context_or_none() -> RunContext | None:
    """The current context; None outside of runs."""
    return _current.get()


@contextmanager
def entered(context: RunContext) -> Generator[RunContext]:
    """Makes a context the current one for a block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def run_of(context: RunContext) -> RunPort:
    """The run behind a context."""
    return context._run  # pyright: ignore[reportPrivateUsage]


def scope_of(context: RunContext) -> KeyScope:
    """The scope in which a context gives out task keys."""
    return context._scope  # pyright: ignore[reportPrivateUsage]


def inside_task(context: RunContext, task: TaskFrame) -> RunContext:
    """The context of an attempt of a task that the flow of a context has called."""
    inherits = context._log_prints  # pyright: ignore[reportPrivateUsage]
    return RunContext(run_of(context), scope_of(context), task, log_prints=inherits)


def captures_prints(context: RunContext) -> bool:
    """Whether ``print`` writes to the log of the run here."""
    return context._log_prints or (context._task is not None and context._task.log_prints)  # pyright: ignore[reportPrivateUsage]


def progress(done: float, message: str | None = None) -> None:
    """Reports how much of the current task is done. A no-op outside of tasks; also a place where a cancel takes effect.

    :param done: Unit: none (ratio). Range: 0..1; values outside are cut.
    :param message: a short note shown beside the progress.
    :raises RunCancelled: when the run was cancelled.
    :raises RunRevoked: when the run is not this worker's any more.
    """
    context = _current.get()
    if context is None:
        return
    with shield():
        context.check()
        if context.task is not None:
            run_of(context).report_progress(context.task, min(1.0, max(0.0, float(done))), message)


def track(iterable: Iterable[T], total: int | None = None, message: str | None = None) -> Iterator[T]:
    """Yields the items and reports the progress of the current task by their number.

    :param total: number of items; taken from ``len`` when not given. Without either only cancels are checked.
    """
    count = len(iterable) if total is None and isinstance(iterable, Sized) else total
    for index, item in enumerate(iterable):
        if count:
            progress(index / count, message)
        elif (context := _current.get()) is not None:
            context.check()
        yield item
    if count:
        progress(1.0, message)


def wrap(fn: Callable[P, T]) -> Callable[P, T]:
    """The function, bound to the current run: for threads of your own, which do not know what run they work for.

    ``threading.Thread(target=wrap(work))`` has ``progress``, ``current_run`` and the log of the run.
    """
    caller = copy_context()
    # A copy for each call: one context cannot be entered twice at the same time.
    return lambda *args, **kwargs: caller.copy().run(fn, *args, **kwargs)


class LocalRun:
    """A flow that was called as a plain function: never cancelled, nothing recorded."""

    attempt = 1
    configuration = "development"
    is_replay = False
    is_recorded = False
    cancelled = False

    def __init__(self, flow: str, params: Mapping[str, Any]) -> None:
        self.run_id = f"local-{uuid.uuid4().hex[:12]}"
        self.flow = flow
        self.params = params

    def check(self) -> None:
        """A local run is never cancelled."""

    def report_progress(self, key: str, done: float, message: str | None) -> None:
        """Nobody looks on."""
