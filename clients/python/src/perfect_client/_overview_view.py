"""What the HTTP API tells of everything that goes on."""

from __future__ import annotations

from typing import TypedDict

from ._schedule_views import ScheduleView
from ._views import RunView, WorkerView


class OverviewView(TypedDict):
    """What goes on, at one instant."""

    serverTime: str
    lastEventId: str
    counts: dict[str, int] | None
    running: list[RunView]
    isMoreRunning: bool
    schedules: list[ScheduleView]
    workers: list[WorkerView]
    failures: list[RunView]
