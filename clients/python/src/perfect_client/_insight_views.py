"""What the HTTP API tells of many runs: figures, failures, alerts, forecasts; and of schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

from ._history_views import Begin

Missed = Literal["skip", "last", "all"]
Overlap = Literal["skip", "queue", "cancel-running", "allow", "buffer-one"]


class ScheduleView(TypedDict):
    """A schedule with all that it says, and when it comes next."""

    id: str
    flowId: str
    flowName: str
    origin: Literal["code", "api"]
    kind: Literal["cron", "interval", "once", "times"]
    cron: str
    timezone: str
    nextAt: str | None
    nextNote: str | None
    text: str
    description: str | None
    status: Literal["active", "paused", "ended"]
    pausedAt: str | None
    pausedUntil: str | None
    skips: int
    handledAt: str
    missed: Missed
    windowMs: float
    maxMissed: int
    overlap: Overlap
    jitterMs: float
    startAt: str | None
    endAt: str | None
    configuration: str | None
    input: Any
    revision: int


class ScheduleOptions(TypedDict, total=False):
    """What a schedule says: one of ``cron``, ``every`` and ``at``, and how it is kept."""

    cron: str
    """Five or six fields, such as ``0 3 * * *``."""
    every: float | timedelta
    """Unit: seconds, or a timedelta."""
    at: str | datetime | Sequence[str | datetime]
    """An instant, or several."""
    timezone: str
    """Of ``cron``. Default: UTC."""
    description: str
    missed: Missed
    """What becomes of times at which no engine ran. Default: ``skip``."""
    window: float | timedelta
    """How late a missed time may be. Unit: seconds, or a timedelta."""
    max_missed: int
    overlap: Overlap
    """What becomes of a time while the run of the one before still goes on. Default: ``skip``."""
    jitter: float | timedelta
    """Longest random delay of each time. Unit: seconds, or a timedelta."""
    start: str | datetime
    end: str | datetime
    input: Any
    """Parameters of the runs."""
    configuration: str


class FireTimeView(TypedDict):
    """A coming time of a schedule; ``firesAt`` has its jitter."""

    at: str
    firesAt: str
    isSkipped: bool
    note: str | None


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
