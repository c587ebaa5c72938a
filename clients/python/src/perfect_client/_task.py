"""Tasks: functions whose results are recorded when a flow calls them."""

from __future__ import annotations

import contextvars
import dataclasses
import functools
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar, cast

from ._calls import Invocation, MapItem, TaskFuture, resolve
from ._context import context_or_none, scope_of
from ._current import current_flow
from ._definition import TaskOptions, milliseconds
from ._function import require_importable, require_plain, require_thread
from ._mapped import AsyncTasks, TaskFutures
from ._pool import TaskPool
from ._schema import resolve_hints

# _execute is imported where it is used: with the first recorded call, not with the package.

if TYPE_CHECKING:
    import asyncio

    from ._context import RunContext
    from ._run import Run

P = ParamSpec("P")
R = TypeVar("R")

KEEP: Any = object()
"""Stands for an option that is not changed."""

_nested_pool = TaskPool()


class BaseTask(Generic[P, R]):
    """What sync and async tasks share."""

    def __init__(self, fn: Callable[P, Any], options: TaskOptions) -> None:
        require_plain(fn, "task")
        if options.isolation == "process":
            require_importable(fn, options.name)
        if options.hard_cancel:
            require_thread(fn, options.name, options.isolation)
        functools.update_wrapper(cast("Any", self), fn)
        self.fn = fn
        """The function without the recording."""
        self.task_options = options
        """The options it was declared with."""

    @property
    def name(self) -> str:
        """Name of the task, the first part of its journal keys."""
        return self.task_options.name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @functools.cached_property
    def _hint(self) -> Any:
        return resolve_hints(self.fn).get("return", Any)

    def _flow(self) -> tuple[Run, RunContext] | None:
        # Without a record it is a plain function, wherever it is called.
        return current_flow() if self.task_options.journal else None

    def _invocation(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], options: TaskOptions | None = None
    ) -> Invocation:
        return Invocation(self.fn, options or self.task_options, self._hint, args, kwargs)

    def _calls_of(self, items: Iterable[Any], key: Callable[[Any], str] | None) -> list[Invocation]:
        options = self.task_options if key is None else dataclasses.replace(self.task_options, key=key)
        calls = [self._invocation((item,), {}, options) for item in items]
        flow = self._flow()
        if flow is not None and calls:
            run, context = flow
            map_path = run.calls.open_map(scope_of(context), options, len(calls))
            for index, call in enumerate(calls):
                call.item = MapItem(map_path, index)
        return calls

    def _changed(self, changes: dict[str, Any]) -> TaskOptions:
        given = {name: value for name, value in changes.items() if value is not KEEP}
        if "estimated_time" in given:
            what = f'estimated time of task "{self.name}"'
            given["estimated_ms"] = milliseconds(given.pop("estimated_time"), what)
        if isinstance(given.get("retry_on"), type):
            given["retry_on"] = (given["retry_on"],)
        return dataclasses.replace(self.task_options, **given)


class Task(BaseTask[P, R]):
    """A sync task. Called by a flow it runs once for each key, and returns the recorded value; called elsewhere it is
    the plain function."""

    fn: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs the task and waits for its result to be recorded."""
        flow = self._flow()
        if flow is None:
            return self.fn(*args, **kwargs)
        from ._execute import call_task

        result: R = call_task(*flow, self._invocation(args, kwargs))
        return result

    def submit(self, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Starts the task in another thread and gives its future. Its key is taken now.

        Without a run it is called at once, and the future is done.
        """
        return self._submit(self._invocation(args, kwargs))

    def map(
        self, items: Iterable[Any], *, max_workers: int | None = None, key: Callable[[Any], str] | None = None
    ) -> TaskFutures[R]:
        """Starts the task for each item. The futures are in the order of the items; ``.results()`` waits for all of
        them, ``.settled()`` collects failures instead of raising them.

        :param max_workers: how many run at the same time. Range: >= 1. Default: as many as there are threads.
        :param key: gives each item its key, so that a replay finds it again wherever it stands in the list.
        """
        calls = self._calls_of(items, key)
        flow = self._flow()
        if max_workers is None or flow is None:
            return TaskFutures(self._submit(call) for call in calls)
        from ._execute import prepare_task

        return TaskFutures(_in_turns([prepare_task(*flow, call) for call in calls], max_workers))

    def options(
        self,
        *,
        name: str = KEEP,
        weight: float = KEEP,
        estimated_time: Any = KEEP,
        key: str | Callable[P, str] | None = KEEP,
        retries: int = KEEP,
        retry_delay: float = KEEP,
        retry_backoff: float = KEEP,
        retry_jitter: float = KEEP,
        retry_max_delay: float | None = KEEP,
        retry_on: type[Exception] | tuple[type[Exception], ...] = KEEP,
        retry_if: Callable[[Exception], bool] | None = KEEP,
        timeout: float | None = KEEP,
        idempotent: bool = KEEP,
        journal: bool = KEEP,
        isolation: Literal["thread", "process"] = KEEP,
        hard_cancel: bool = KEEP,
        log_prints: bool = KEEP,
    ) -> Task[P, R]:
        """The same task with other options; see ``task``."""
        changes = {name_: value for name_, value in locals().items() if name_ != "self"}
        return Task(self.fn, self._changed(changes))

    def _submit(self, call: Invocation) -> Future[R]:
        flow = self._flow()
        if flow is None:
            return _submit_plain(call)
        from ._execute import submit_task

        return submit_task(*flow, call)


def _submit_plain(call: Invocation) -> Future[Any]:
    future: TaskFuture[Any] = TaskFuture()
    caller = contextvars.copy_context()

    def job() -> None:
        resolve(future, lambda: caller.run(call.fn, *call.args, **call.kwargs))

    # In a task of a run it works beside it; the threads are others than those of the flow's own tasks.
    if context_or_none() is None or not _nested_pool.submit_if_free(job):
        job()
    return future


def _in_turns(prepared: list[tuple[TaskFuture[Any], Callable[[], None]]], width: int) -> list[Future[Any]]:
    """Starts at most ``width`` of the prepared calls, and another whenever one ends."""
    waiting = iter(prepared)

    def start_next(_ended: Future[Any] | None = None) -> None:
        following = next(waiting, None)
        if following is not None:
            future, start = following
            # Past the observing override: this look at the end decides nothing in the flow.
            super(TaskFuture, future).add_done_callback(start_next)
            start()

    for _ in range(max(1, width)):
        start_next()
    return [future for future, _ in prepared]


class AsyncTask(BaseTask[P, R]):
    """An async task, for async flows. It takes its key when it is called, so ``gather(t(1), t(2))`` is ordered."""

    fn: Callable[P, Coroutine[Any, Any, R]]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R]:
        """A coroutine that runs the task and waits for its result to be recorded."""
        return self._call(self._invocation(args, kwargs))

    def submit(self, *args: P.args, **kwargs: P.kwargs) -> asyncio.Task[R]:
        """Starts the task beside the flow and gives its ``asyncio.Task``."""
        return self._start(self._call(self._invocation(args, kwargs)))

    def map(
        self, items: Iterable[Any], *, max_workers: int | None = None, key: Callable[[Any], str] | None = None
    ) -> AsyncTasks[R]:
        """Starts the task for each item, at most ``max_workers`` at a time. The tasks are in the order of the items;
        ``await tasks.results()`` waits for all of them, ``await tasks.settled()`` collects failures.
        """
        import asyncio

        gate = None if max_workers is None else asyncio.Semaphore(max(1, max_workers))
        calls = [self._call(call) for call in self._calls_of(items, key)]
        return AsyncTasks(self._start(call if gate is None else _gated(gate, call)) for call in calls)

    def options(
        self,
        *,
        name: str = KEEP,
        weight: float = KEEP,
        estimated_time: Any = KEEP,
        key: str | Callable[P, str] | None = KEEP,
        retries: int = KEEP,
        retry_delay: float = KEEP,
        retry_backoff: float = KEEP,
        retry_jitter: float = KEEP,
        retry_max_delay: float | None = KEEP,
        retry_on: type[Exception] | tuple[type[Exception], ...] = KEEP,
        retry_if: Callable[[Exception], bool] | None = KEEP,
        timeout: float | None = KEEP,
        idempotent: bool = KEEP,
        journal: bool = KEEP,
        isolation: Literal["thread", "process"] = KEEP,
        hard_cancel: bool = KEEP,
        log_prints: bool = KEEP,
    ) -> AsyncTask[P, R]:
        """The same task with other options; see ``task``."""
        changes = {name_: value for name_, value in locals().items() if name_ != "self"}
        return AsyncTask(self.fn, self._changed(changes))

    def _call(self, call: Invocation) -> Coroutine[Any, Any, R]:
        flow = self._flow()
        if flow is None:
            work: Coroutine[Any, Any, R] = call.fn(*call.args, **call.kwargs)
            return work
        run, context = flow
        if not run.is_async:
            raise TypeError(f'The task "{self.name}" is async. Call it from an async flow, or make it a sync task.')
        from ._execute import call_task_async

        return call_task_async(run, context, call, call.key_in(run, context))

    def _start(self, coroutine: Coroutine[Any, Any, R]) -> asyncio.Task[R]:
        import asyncio

        flow = current_flow()
        if flow is None:
            return asyncio.get_running_loop().create_task(coroutine)
        from ._execute import start_task_async

        return start_task_async(coroutine, flow[0])


async def _gated(gate: asyncio.Semaphore, coroutine: Coroutine[Any, Any, R]) -> R:
    try:
        async with gate:
            return await coroutine
    finally:
        # One that was cancelled before its turn would complain that nobody awaited it.
        coroutine.close()
