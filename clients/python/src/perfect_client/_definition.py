"""What users declare, as plain frozen data: schedules, task options, flow definitions and their wire shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from ._check import are_classes, is_a, is_integer, is_number, is_positive, is_text
from ._json import JsonValue, dumps
from ._policy import FlowPolicy
from ._schedules import Schedule, schedule_from, schedule_to_hello, schedule_to_json
from .errors import DefinitionError

MAX_NAME_CHARS = 200


def milliseconds(value: float | timedelta | None, what: str) -> int | None:
    """An estimated time as whole milliseconds.

    :raises DefinitionError: DURATION_INVALID when it is negative or not a number.
    """
    if value is None:
        return None
    number = value.total_seconds() * 1000 if isinstance(value, timedelta) else value
    if not is_number(number, 0):
        wanted = "milliseconds of 0 or more, or a timedelta"
        raise DefinitionError(f"The {what} is {value!r}. Give {wanted}.", code="DURATION_INVALID")
    return round(number)


@dataclass(frozen=True)
class TaskOptions:
    """How a task is run. See ``task`` for what each option means."""

    name: str
    weight: float = 1.0
    estimated_ms: int | None = None
    key: str | Callable[..., str] | None = None
    retries: int = 0
    retry_delay: float = 1.0
    retry_backoff: float = 2.0
    retry_jitter: float = 0.1
    retry_max_delay: float | None = None
    retry_on: tuple[type[Exception], ...] = (Exception,)
    retry_if: Callable[[Exception], bool] | None = None
    timeout: float | None = None
    idempotent: bool = True
    journal: bool = True
    isolation: Literal["thread", "process"] = "thread"
    hard_cancel: bool = False
    log_prints: bool = False

    def __post_init__(self) -> None:
        require = self._require
        require("name", is_text(self.name, MAX_NAME_CHARS), f"text of 1 to {MAX_NAME_CHARS} characters")
        require("weight", is_positive(self.weight), "a number above 0", "WEIGHT")
        require("key", self.key is None or is_a(self.key, str) or callable(self.key), "text, or a function")
        require("retries", is_integer(self.retries, 0), "an integer of 0 or more", "RETRY")
        require("retry_delay", is_number(self.retry_delay, 0), "seconds of 0 or more", "RETRY")
        require("retry_backoff", is_number(self.retry_backoff, 1), "a number of 1 or more", "RETRY")
        bound = self.retry_max_delay
        require("retry_max_delay", bound is None or is_number(bound, 0), "seconds of 0 or more, or None", "RETRY")
        require("retry_jitter", is_number(self.retry_jitter, 0, 1), "a number from 0 to 1", "RETRY")
        require("retry_on", are_classes(self.retry_on, Exception), "an exception class, or a tuple of them", "RETRY")
        require("retry_if", self.retry_if is None or callable(self.retry_if), "a function", "RETRY")
        require("timeout", self.timeout is None or is_positive(self.timeout), "seconds above 0", "DURATION")
        require("isolation", self.isolation in ("thread", "process"), '"thread" or "process"')
        for flag in ("idempotent", "journal", "hard_cancel", "log_prints"):
            require(flag, is_a(getattr(self, flag), bool), "True or False")
        in_place = self.isolation == "thread" and not self.hard_cancel and self.timeout is None
        is_plain = self.idempotent and self.retries == 0 and in_place
        wanted = "True: without a record it is a plain call, which has no retries, timeout, process or hard_cancel"
        require("journal", self.journal or is_plain, wanted)

    def _require(self, option: str, ok: bool, wanted: str, subject: str = "TASK_DEFINITION") -> None:
        if not ok:
            message = f'The {option} of task "{self.name}" is {getattr(self, option)!r}. Give {wanted}.'
            raise DefinitionError(message, code=f"{subject}_INVALID")

    def plan(self) -> TaskPlan:
        """What the engine is told of the task before it runs."""
        return TaskPlan(self.name, self.weight, self.estimated_ms, self.retries)


@dataclass(frozen=True)
class TaskPlan:
    """A task that a flow is expected to run."""

    name: str
    weight: float = 1.0
    """Share of the run's progress relative to the other tasks. Range: > 0. Default: 1."""
    estimated_ms: int | None = None
    """Expected duration. Unit: ms. Default: none, learned by the engine."""
    retries: int = 0


@dataclass(frozen=True)
class FlowDefinition:
    """A flow without its code: what is registered and shown."""

    name: str
    version: str = "1"
    description: str | None = None
    tags: tuple[str, ...] = ()
    schedule: Schedule | None = None
    tasks: tuple[TaskPlan, ...] = ()
    params_schema: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    policy: FlowPolicy = field(default_factory=FlowPolicy)
    """How its runs are started, limited and tried again."""
    source: object = field(default=None, compare=False, repr=False)
    """The flow it describes, where that is in this process."""

    def to_json(self) -> dict[str, Any]:
        """The body of ``POST /api/engine/register``."""
        body = {**self._shared(schedule_to_json), **self.policy.to_json()}
        body["tasks"] = [_without_none(name=t.name, weight=t.weight, estimatedTime=t.estimated_ms) for t in self.tasks]
        if self.params_schema:
            body["inputSchema"] = dict(self.params_schema)
        return body

    def to_hello(self) -> dict[str, Any]:
        """The entry in the ``flows`` of a worker's ``hello``. ``hash`` changes whenever anything else in it does."""
        entry = {**self._shared(schedule_to_hello), **self.policy.to_hello()}
        entry["paramsSchema"] = dict(self.params_schema)
        entry["tasks"] = [
            _without_none(name=t.name, weight=t.weight, estimatedMs=t.estimated_ms, retries=t.retries)
            for t in self.tasks
        ]
        import hashlib

        entry["hash"] = hashlib.sha256(dumps(entry).encode()).hexdigest()
        return entry

    def _shared(self, form: Callable[[Schedule], dict[str, Any]]) -> dict[str, Any]:
        return _without_none(
            name=self.name,
            version=self.version,
            description=self.description,
            tags=list(self.tags),
            schedule=None if self.schedule is None else form(self.schedule),
        )


def definition_from(data: Mapping[str, Any]) -> FlowDefinition:
    """A definition from the JSON shape of ``POST /api/engine/register``, as the HTTP API documents it.

    :raises DefinitionError: when it has no name or its tasks have none.
    """
    name = data.get("name")
    if not isinstance(name, str) or not name:
        raise DefinitionError("The flow definition has no name. Give it a 'name'.")
    return FlowDefinition(
        name=name,
        version=str(data.get("version", "1")),
        description=data.get("description"),
        tags=tuple(data.get("tags", ())),
        schedule=schedule_from(data.get("schedule")),
        tasks=tuple(_plans_from(name, data.get("tasks", ()))),
        params_schema=data.get("inputSchema") or {},
    )


def _plans_from(flow: str, tasks: Iterable[Mapping[str, Any]]) -> Iterable[TaskPlan]:
    for task in tasks:
        name = task.get("name")
        if not isinstance(name, str) or not name:
            raise DefinitionError(f'A task of the flow "{flow}" has no name. Give it a "name".')
        what = f'estimated time of task "{name}"'
        options = TaskOptions(name, float(task.get("weight", 1)), milliseconds(task.get("estimatedTime"), what))
        yield options.plan()


def _without_none(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
