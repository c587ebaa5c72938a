"""What the HTTP API tells of many runs: figures, failures, alerts, forecasts."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from ._action_views import AlertActionsView
from ._history_views import Begin
from ._views import RunStatus


class RunCountsView(TypedDict):
    """How many runs have ended how."""

    succeeded: int
    failed: int
    cancelled: int


class TimesView(TypedDict):
    """How long something took: mean and quantiles. Unit: ms."""

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float


class RunStatsView(Begin, TypedDict):
    """Figures about the ended runs of a flow in a configuration, in a stretch of time that begins at ``from``."""

    flowId: str
    configuration: str
    runs: RunCountsView
    successRate: float | None
    duration: TimesView | None
    waitMs: float


class EstimateAccuracyView(TypedDict):
    """How well the estimates of ended runs have held."""

    runs: int
    withinInterval: float
    meanErrorMs: float
    medianError: float


class SeriesPointView(Begin, TypedDict):
    """Figures about the runs that ended in an hour, or on a day, which begins at ``from``."""

    runs: RunCountsView
    perHour: float
    successRate: float | None
    duration: TimesView | None
    wait: TimesView | None
    estimates: EstimateAccuracyView | None


class SeriesView(TypedDict):
    """Figures over time; ``precision`` is the largest relative error of the times."""

    bucket: Literal["hour", "day"]
    precision: float
    items: list[SeriesPointView]


class HistogramBarView(Begin, TypedDict):
    """How many runs were created in a stretch of time that begins at ``from``, by the status that they have now."""

    runs: dict[RunStatus, int]


class HistogramView(TypedDict):
    """When runs were created; ``isPartial`` when not all were counted."""

    widthMs: int
    isPartial: bool
    items: list[HistogramBarView]


class AuditChangeView(TypedDict):
    """A field that somebody has changed."""

    field: str
    before: Any
    after: Any


class AuditView(TypedDict):
    """What somebody did. ``begun``: it goes on, or the process ended before it was known."""

    id: str
    at: str
    door: str
    actor: str | None
    address: str | None
    requestId: str | None
    action: str
    target: str | None
    flowId: str | None
    outcome: Literal["begun", "done", "refused", "failed"]
    code: str | None
    changes: list[AuditChangeView]
    facts: dict[str, Any]
    endedAt: str | None


class FlowCountView(TypedDict):
    """How many runs of a flow."""

    flowId: str
    runs: int


class FailureGroupView(TypedDict):
    """Failures of one kind: the same code, task and message but for its numbers and ids."""

    fingerprint: str
    code: str | None
    task: str | None
    pattern: str
    message: str
    runs: int
    firstSeenAt: str
    lastSeenAt: str
    exampleRunId: str
    flows: list[FlowCountView]


class AlertView(TypedDict):
    """Something that was told to a receiver, and what became of it. ``event`` is what was told."""

    id: str
    rule: str
    kind: Literal["failed", "slow", "missed", "recovered"]
    flowId: str
    runId: str | None
    scheduleId: str | None
    createdAt: str
    state: Literal["pending", "delivered", "given-up"]
    attempts: int
    maxAttempts: int
    nextAttemptAt: str | None
    settledAt: str | None
    problem: str | None
    event: dict[str, Any]
    can: AlertActionsView


class SimulatedTaskView(TypedDict):
    """A task of a run that was not run. Times from its start on, in ms."""

    name: str
    calls: float
    startMs: float | None
    endMs: float | None
    callMs: float | None
    basis: Literal["past-runs", "declared", "unknown"]


class SimulationView(TypedDict):
    """How a run would look. Unit: ms."""

    flowId: str
    configuration: str
    totalMs: float | None
    earlyMs: float | None
    lateMs: float | None
    basis: str
    tasks: list[SimulatedTaskView]


class ForecastRunView(TypedDict):
    """A run that a schedule is going to start."""

    scheduleId: str
    flowId: str
    flowName: str
    configuration: str
    at: str
    firesAt: str
    finishAt: str | None
    totalMs: float | None
    earlyMs: float | None
    lateMs: float | None
    basis: str


class CollisionView(TypedDict):
    """An instant at which runs will wait for each other."""

    kind: Literal["engine", "flow", "schedule"]
    id: str | None
    at: str
    limit: float
    runs: int


class ForecastView(TypedDict):
    """What the schedules are going to start."""

    runs: list[ForecastRunView]
    collisions: list[CollisionView]


class FlowVersionView(TypedDict):
    """A version of a flow that was seen."""

    version: str
    fingerprint: str
    firstSeenAt: str
    lastSeenAt: str


class VersionedRunView(TypedDict):
    """What becomes of an open run whose flow has changed."""

    runId: str
    flowId: str
    version: str
    verdict: Literal["same", "pinned", "compatible", "held"]
    text: str | None


class VersionReportView(TypedDict):
    """What becomes of open runs whose flow has changed."""

    runs: list[VersionedRunView]
    checked: int
    isPartial: bool
