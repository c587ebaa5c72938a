"""``@task`` and ``@flow``, each with and without parentheses."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, ParamSpec, Protocol, TypeVar, overload

from ._definition import TaskOptions, milliseconds
from ._flow import AsyncFlow, Flow
from ._function import is_async, require_plain
from ._json import JsonValue
from ._policy import Concurrency, FlowPolicy, RateLimit
from ._schedules import Schedule
from ._task import AsyncTask, BaseTask, Task

P = ParamSpec("P")
R = TypeVar("R")


class TaskDecorator(Protocol):
    """What ``@task(...)`` gives."""

    @overload
    def __call__(self, fn: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncTask[P, R]: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, fn: Callable[P, R], /) -> Task[P, R]: ...


class FlowDecorator(Protocol):
    """What ``@flow(...)`` gives."""

    @overload
    def __call__(self, fn: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncFlow[P, R]: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, fn: Callable[P, R], /) -> Flow[P, R]: ...


@overload
def task(fn: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncTask[P, R]: ...  # type: ignore[overload-overlap]
@overload
def task(fn: Callable[P, R], /) -> Task[P, R]: ...
@overload
def task(
    *,
    weight: float = 1.0,
    estimated_time: float | timedelta | None = None,
    name: str | None = None,
    key: str | Callable[..., str] | None = None,
    retries: int = 0,
    retry_delay: float = 1.0,
    retry_backoff: float = 2.0,
    retry_jitter: float = 0.1,
    retry_max_delay: float | None = None,
    retry_on: type[Exception] | tuple[type[Exception], ...] = (Exception,),
    retry_if: Callable[[Exception], bool] | None = None,
    timeout: float | None = None,
    idempotent: bool = True,
    journal: bool = True,
    isolation: Literal["thread", "process"] = "thread",
    hard_cancel: bool = False,
    log_prints: bool = False,
) -> TaskDecorator: ...


def task(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    weight: float = 1.0,
    estimated_time: float | timedelta | None = None,
    name: str | None = None,
    key: str | Callable[..., str] | None = None,
    retries: int = 0,
    retry_delay: float = 1.0,
    retry_backoff: float = 2.0,
    retry_jitter: float = 0.1,
    retry_max_delay: float | None = None,
    retry_on: type[Exception] | tuple[type[Exception], ...] = (Exception,),
    retry_if: Callable[[Exception], bool] | None = None,
    timeout: float | None = None,
    idempotent: bool = True,
    journal: bool = True,
    isolation: Literal["thread", "process"] = "thread",
    hard_cancel: bool = False,
    log_prints: bool = False,
) -> Any:
    """Makes a task of a function: a step of a flow whose result is recorded, and never computed again once it is.

    :param weight: share of the run's progress relative to the other tasks. Range: > 0. Default: 1.
    :param estimated_time: expected duration. Unit: ms, or a timedelta. Default: learned by the engine.
    :param name: first part of the journal keys. Default: the name of the function.
    :param key: key of the call in the journal, or a function of the arguments that gives it. Default: a count.
    :param retries: further attempts after a failure. Range: >= 0. Default: 0.
    :param retry_delay: wait before the second attempt. Unit: seconds. Default: 1.
    :param retry_backoff: factor by which the wait grows. Range: >= 1. Default: 2.
    :param retry_jitter: random share by which the wait differs. Range: 0..1. Default: 0.1.
    :param retry_max_delay: longest wait between two attempts. Unit: seconds. Range: >= 0. Default: none.
    :param retry_if: asked with the error; False ends the attempts. Default: always True.
    :param retry_on: only these errors lead to another attempt. Default: all.
    :param timeout: longest duration of an attempt. Unit: seconds. Default: none. Async tasks are cancelled; sync ones
        count as failed, and their thread ends at its next ``progress`` or ``check``.
    :param idempotent: False runs the task at most once: after a crash in the middle it fails with
        ``TaskOutcomeUnknownError`` instead of running again.
    :param journal: False records nothing: the call is one of a plain function, also when a run is replayed. For cheap
        helpers that give the same for the same arguments. Default: True.
    :param isolation: ``process`` runs each attempt in a process of its own, which a cancel and the timeout can kill,
        and which does not share the interpreter with other tasks. Default: ``thread``.
    :param hard_cancel: True breaks the task off in its thread, by ``RunCancelled`` at whichever line of Python it is,
        when the run is cancelled or the timeout is over. ``shield()`` keeps parts of it whole. Default: False.
    :param log_prints: writes what the task prints to the log of the run.
    :raises DefinitionError: when an option is out of range.
    :raises TypeError: for methods and generators.
    """

    options = {key_: value for key_, value in locals().items() if key_ != "fn"}

    def decorate(function: Callable[..., Any]) -> Any:
        return _make_task(function, options)

    return decorate if fn is None else decorate(fn)


def _make_task(function: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    require_plain(function, "task")
    changes = dict(given)
    label = changes["name"] = given["name"] or function.__name__
    changes["estimated_ms"] = milliseconds(changes.pop("estimated_time"), f'estimated time of task "{label}"')
    if isinstance(given["retry_on"], type):
        changes["retry_on"] = (given["retry_on"],)
    kind: Any = AsyncTask if is_async(function) else Task
    return kind(function, TaskOptions(**changes))


@overload
def flow(fn: Callable[P, Coroutine[Any, Any, R]], /) -> AsyncFlow[P, R]: ...  # type: ignore[overload-overlap]
@overload
def flow(fn: Callable[P, R], /) -> Flow[P, R]: ...
@overload
def flow(
    *,
    name: str | None = None,
    schedule: Schedule | None = None,
    version: str = "1",
    description: str | None = None,
    tags: Sequence[str] = (),
    plan: Iterable[BaseTask[..., Any]] | None = None,
    params_schema: Mapping[str, JsonValue] | None = None,
    timeout: float | timedelta | None = None,
    retries: int = 0,
    retry_delay: float = 1.0,
    concurrency: int | Concurrency | None = None,
    rate_limit: RateLimit | None = None,
    priority: int = 0,
    log_prints: bool = False,
    strict: bool = True,
) -> FlowDecorator: ...


def flow(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    schedule: Schedule | None = None,
    version: str = "1",
    description: str | None = None,
    tags: Sequence[str] = (),
    plan: Iterable[BaseTask[..., Any]] | None = None,
    params_schema: Mapping[str, JsonValue] | None = None,
    timeout: float | timedelta | None = None,
    retries: int = 0,
    retry_delay: float = 1.0,
    concurrency: int | Concurrency | None = None,
    rate_limit: RateLimit | None = None,
    priority: int = 0,
    log_prints: bool = False,
    strict: bool = True,
) -> Any:
    """Makes a flow of a function that calls tasks.

    After a crash the function is called again and gets the recorded results, so it must call the same tasks in the same
    order given the same results. Time, random numbers and I/O belong in tasks.

    :param name: name shown and triggered by. Default: the name of the function.
    :param schedule: when it starts by itself: a ``CronSchedule`` or an ``IntervalSchedule``.
    :param version: changes when old runs should not go on with new code. Default: "1".
    :param description: Default: the first paragraph of the docstring.
    :param plan: the tasks it is going to run. Default: those that its code names.
    :param params_schema: JSON Schema of the parameters. Default: made from the signature.
    :param timeout: how long a run may take from its first start. Unit: seconds, or a timedelta. Default: as it needs.
    :param retries: further runs after one that failed; they keep what succeeded. Range: >= 0. Default: 0.
    :param retry_delay: wait before the second run, doubled before each further one. Unit: seconds. Default: 1.
    :param concurrency: how many runs may run at a time, over all workers. Range: >= 1. Default: any number.
    :param rate_limit: how often runs may start. Default: at once.
    :param priority: place in line among all runs; larger goes first. Range: -10..10. Default: 0.
    :param log_prints: writes what the flow and its tasks print to the log of the run.
    :param strict: whether a recorded task that is called with other arguments now fails the run. Default: True.
    :raises DefinitionError: :raises TypeError: for methods and generators.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        require_plain(function, "flow")
        kind: Any = AsyncFlow if is_async(function) else Flow
        return kind(
            function,
            name=function.__name__ if name is None else name,
            schedule=schedule,
            version=version,
            description=description,
            tags=tags,
            plan=plan,
            schema=params_schema,
            policy=FlowPolicy(timeout, retries, retry_delay, concurrency, rate_limit, priority),
            log_prints=log_prints,
            strict=strict,
        )

    return decorate if fn is None else decorate(fn)
