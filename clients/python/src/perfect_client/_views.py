"""What the HTTP API answers, as typed dictionaries. Fields are only added; instants are RFC 3339 text in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypedDict, TypeVar

from ._action_views import ClientActionsView, FlowActionsView, RunActionsView, WorkerActionsView
from ._task_views import ErrorView, TaskView

T = TypeVar("T")

RunStatus = Literal["scheduled", "queued", "running", "waiting", "retrying", "succeeded", "failed", "cancelled"]


class CountView(TypedDict):
    """How many items there are; ``isMore`` when they were not all counted."""

    value: int
    isMore: bool


class Page(Generic[T]):
    """A page of a list."""

    def __init__(
        self,
        items: list[T],
        next_cursor: str | None,
        count: CountView | None = None,
        prev_cursor: str | None = None,
    ) -> None:
        self.items = items
        self.next_cursor = next_cursor
        """Where the next page starts; None on the last one."""
        self.prev_cursor = prev_cursor
        """Where the page before starts, of lists of runs; None on the first one."""
        self.count = count
        """How many there are on all pages, where that was asked for."""


class PlannedTaskView(TypedDict):
    """A task that a flow plans."""

    name: str
    weight: float
    estimatedMs: float | None


class FlowScheduleView(TypedDict):
    """When a flow starts by itself."""

    cron: str
    timezone: str
    nextAt: str | None


class FlowView(TypedDict):
    """A registered flow."""

    id: str
    name: str
    description: str | None
    version: str
    tags: list[str]
    tasks: list[PlannedTaskView]
    schedule: FlowScheduleView | None
    inputSchema: dict[str, Any] | None
    runsOn: Literal["engine", "worker"]
    workers: int
    configurations: list[str]
    defaultConfiguration: str
    can: FlowActionsView


class SegmentView(TypedDict):
    """One part of the progress bar."""

    name: str
    weight: float
    fraction: float
    status: Literal["pending", "running", "retrying", "succeeded", "failed"]


class FoundView(TypedDict):
    """Work that a run has found on its way. ``text`` is for people: ``+12 tasks found``."""

    tasks: int
    at: str
    text: str


class ProgressView(TypedDict):
    """Weighted progress. ``percent`` never falls, and is 100 only on success."""

    percent: float
    done: int
    total: int
    current: str | None
    segments: list[SegmentView]
    found: FoundView | None


class EstimateView(TypedDict):
    """How long a run still takes. ``sentence`` is for people: ``about 4 min left, likely 3 to 6 min``."""

    state: Literal["none", "first-run", "ok", "slow", "stalled", "waiting", "queued"]
    remainingMs: float | None
    finishAt: str | None
    early: str | None
    late: str | None
    fraction: float | None
    startsInMs: float | None
    ahead: int | None
    basis: str
    sentence: str


class RunTrigger(TypedDict):
    """What started a run."""

    kind: Literal["code", "api", "schedule", "parent", "retry"]
    by: str | None


class RunView(TypedDict):
    """A run."""

    id: str
    flowId: str
    flowName: str
    flowVersion: str
    status: RunStatus
    reason: str | None
    configuration: str
    trigger: RunTrigger
    createdAt: str
    startedAt: str | None
    finishedAt: str | None
    wakeAt: str | None
    epoch: int
    workerId: str | None
    progress: ProgressView
    estimate: EstimateView | None
    error: ErrorView | None
    cancelRequestedAt: str | None
    cancelReason: str | None
    tags: list[str]
    attributes: dict[str, str | float | bool]
    priority: float
    pausedAt: str | None
    parentRunId: str | None
    retryOf: str | None
    attempt: int
    nextRunId: str | None


class RunDetailView(TypedDict):
    """A run with everything that is known of it."""

    run: RunView
    tasks: list[TaskView]
    input: Any
    result: Any
    logLines: int
    can: RunActionsView


class LogView(TypedDict):
    """A log line of a run."""

    seq: int
    at: str
    level: Literal["debug", "info", "warn", "error"]
    task: str | None
    message: str
    fields: dict[str, Any] | None


class ClientLogView(TypedDict):
    """A line of a client process' output."""

    seq: int
    at: str
    stream: Literal["stdout", "stderr", "system"]
    text: str


class ClientUsageView(TypedDict):
    """What a client and the processes it has started use."""

    at: str
    cpu: float
    memoryBytes: int
    processes: int


class ClientView(TypedDict):
    """A declared client process."""

    id: str
    name: str
    status: Literal["stopped", "starting", "running", "stopping", "restarting", "failed"]
    health: Literal["ok", "silent", "unknown"]
    pid: int | None
    startedAt: str | None
    exit: dict[str, Any] | None
    starts: int
    restarts: int
    nextStartAt: str | None
    usage: list[ClientUsageView]
    logs: list[ClientLogView]
    can: ClientActionsView


class RegisterResult(TypedDict):
    """What became of a registration."""

    status: Literal["created", "updated", "unchanged"]
    flow: FlowView


class WorkerView(TypedDict):
    """A remote worker."""

    id: str
    name: str
    status: Literal["online", "draining", "suspect", "offline"]
    carrier: Literal["websocket", "http"]
    flows: list[str]
    slots: int
    busy: int
    connectedAt: str
    lastSeenAt: str
    sdk: str
    can: WorkerActionsView


class EngineInfo(TypedDict):
    """What an engine is."""

    name: str
    version: str
    engineId: str
    storage: str | None
    state: str
    serverTime: str
    apiVersion: str
    node: str


@dataclass(frozen=True)
class RunEvent:
    """Something that happened, told after it was stored."""

    id: str
    """For ``last_event_id``."""
    type: str
    """``run.updated``, ``task.updated``, ``log.appended`` ..."""
    data: Any
