"""Flows: functions that call tasks, and survive the process that runs them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeVar, cast

from ._check import are, is_a, is_text
from ._context import LocalRun, RunContext, context_or_none, entered, run_of, scope_of
from ._current import current_flow
from ._definition import MAX_NAME_CHARS, FlowDefinition
from ._function import require_plain
from ._json import JsonValue
from ._keys import KeyScope
from ._plan import planned_tasks
from ._policy import FlowPolicy
from ._schedules import CronSchedule, IntervalSchedule, Schedule
from ._schema import params_schema
from ._task import BaseTask
from .errors import DefinitionError

if TYPE_CHECKING:
    from ._handle import RunHandle

P = ParamSpec("P")
R = TypeVar("R")


class BaseFlow(Generic[P, R]):
    """What sync and async flows share."""

    is_async = False

    def __init__(
        self,
        fn: Callable[P, Any],
        *,
        name: str,
        schedule: Schedule | None,
        version: str,
        description: str | None,
        tags: Sequence[str],
        plan: Iterable[BaseTask[..., Any]] | None,
        schema: Mapping[str, JsonValue] | None,
        policy: FlowPolicy,
        log_prints: bool,
        strict: bool,
    ) -> None:
        require_plain(fn, "flow")
        label = fn.__qualname__
        _require(label, "name", name, is_text(name, MAX_NAME_CHARS), f"text of 1 to {MAX_NAME_CHARS} characters")
        is_schedule = schedule is None or is_a(schedule, CronSchedule, IntervalSchedule)
        _require(label, "schedule", schedule, is_schedule, "a CronSchedule or an IntervalSchedule")
        _require(label, "version", version, is_text(version, MAX_NAME_CHARS), "text")
        _require(label, "description", description, description is None or is_a(description, str), "text")
        _require(label, "tags", tags, are(tags, str), "a list of texts")
        tasks = None if plan is None else list(plan)
        _require(label, "plan", tasks, tasks is None or are(tasks, BaseTask), "a list of tasks, as task() makes them")
        _require(label, "params_schema", schema, schema is None or is_a(schema, Mapping), "a JSON Schema as a dict")
        functools.update_wrapper(cast("Any", self), fn)
        self.fn = fn
        """The function itself."""
        self.name = name
        self.log_prints = log_prints
        self.strict = strict
        policy.check(name)
        self._declared = (schedule, version, description, tuple(tags), tasks, schema, policy)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @functools.cached_property
    def definition(self) -> FlowDefinition:
        """What the engine is told of the flow. Made when first asked for: all tasks of the module are there then."""
        schedule, version, description, tags, plan, schema, policy = self._declared
        from ._docstring import description_of

        tasks = planned_tasks(self.fn) if plan is None else list(plan)
        return FlowDefinition(
            name=self.name,
            version=version,
            description=description or description_of(self.fn),
            tags=tags,
            schedule=schedule,
            tasks=tuple(task.task_options.plan() for task in tasks),
            params_schema=params_schema(self.fn) if schema is None else schema,
            policy=policy,
            source=self,
        )

    @property
    def params_schema(self) -> Mapping[str, JsonValue]:
        """JSON Schema of the parameters."""
        return self.definition.params_schema

    def _trigger(self, client: Triggers, args: tuple[Any, ...], kwargs: dict[str, Any]) -> RunHandle[Any]:
        import inspect

        signature = inspect.signature(self.fn)
        params = dict(signature.bind(*args, **kwargs).arguments)
        for parameter in signature.parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                params.update(params.pop(parameter.name, {}))
        return client.trigger(cast("BaseFlow[..., Any]", self), params)

    def _context_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> RunContext | None:
        """The context that a plain call runs in; None inside a task, of which it is then a part."""
        flow = current_flow()
        if flow is not None:
            run, context = flow
            path = run.calls.scope_path(scope_of(context), self.name)
            return RunContext(run, KeyScope(path), log_prints=self.log_prints)
        if context_or_none() is not None:
            return None
        import inspect

        bound = inspect.signature(self.fn).bind(*args, **kwargs)
        return RunContext(LocalRun(self.name, bound.arguments), KeyScope())


def _require(flow: str, option: str, value: object, ok: bool, wanted: str) -> None:
    if not ok:
        raise DefinitionError(f"The {option} of the flow {flow} is {value!r}. Give {wanted}.")


class Triggers(Protocol):
    """A client that can start runs."""

    def trigger(self, flow: BaseFlow[..., Any], params: Mapping[str, Any], /) -> RunHandle[Any]: ...


class Flow(BaseFlow[P, R]):
    """A sync flow. Called as a function it runs here and now, without a server; its tasks are plain calls then."""

    fn: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs the flow: a part of the calling flow when there is one, else a local run."""
        context = self._context_for(args, kwargs)
        if context is None:
            return self.fn(*args, **kwargs)
        with entered(context):
            return self.fn(*args, **kwargs)

    def trigger(self, client: Triggers, /, *args: P.args, **kwargs: P.kwargs) -> RunHandle[R]:
        """Starts a run at the server of the client, with checked arguments. ``.result()`` of the handle waits for it.

        :raises NotFoundError: FLOW_NOT_FOUND when the flow is not registered.
        """
        return self._trigger(client, args, kwargs)


class AsyncFlow(BaseFlow[P, R]):
    """An async flow. Runs share one event loop, in a thread of their own."""

    fn: Callable[P, Coroutine[Any, Any, R]]
    is_async = True

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, R]:
        """A coroutine that runs the flow: a part of the calling flow when there is one, else a local run."""
        context = self._context_for(args, kwargs)
        if context is not None and current_flow() is not None and not _runs_async(context):
            raise TypeError(f'The flow "{self.name}" is async. Call it from an async flow.')
        return self.fn(*args, **kwargs) if context is None else _within(context, self.fn(*args, **kwargs))

    def trigger(self, client: Triggers, /, *args: P.args, **kwargs: P.kwargs) -> RunHandle[R]:
        """Starts a run at the server of the client, with checked arguments. ``.result()`` of the handle waits for it.

        :raises NotFoundError: FLOW_NOT_FOUND when the flow is not registered.
        """
        return self._trigger(client, args, kwargs)


def _runs_async(context: RunContext) -> bool:
    return bool(getattr(run_of(context), "is_async", False))


async def _within(context: RunContext, coroutine: Coroutine[Any, Any, R]) -> R:
    with entered(context):
        return await coroutine


AnyFlow = BaseFlow[..., Any]
