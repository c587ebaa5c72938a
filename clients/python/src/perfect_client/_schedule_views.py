"""What the HTTP API tells of schedules, and what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

from ._action_views import ScheduleActionsView

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
    can: ScheduleActionsView


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
