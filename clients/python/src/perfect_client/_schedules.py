"""When a flow starts by itself. The engine keeps the time; here it is only declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ._check import is_a, is_number, is_seconds, is_text
from .errors import DefinitionError

_MAX_ZONE_CHARS = 100


@dataclass(frozen=True)
class CronSchedule:
    """When a flow starts by itself: a cron expression (5 or 6 fields) in a time zone. The engine keeps the time.

    :raises DefinitionError: SCHEDULE_INVALID when it cannot be a cron expression; the engine checks the rest.
    """

    cron: str
    timezone: str = "UTC"
    catchup: bool = False
    """Whether times that passed while no engine ran are run afterwards: the newest 100 of the last 7 days."""
    jitter: float = 0.0
    """Each time is run up to this much later. Unit: seconds. Range: >= 0."""

    def __post_init__(self) -> None:
        is_cron = is_a(self.cron, str) and (self.cron.startswith("@") or len(self.cron.split()) in (5, 6))
        _require(is_cron, "cron expression", self.cron, '5 or 6 fields, as in "0 3 * * *"')
        is_zone = is_text(self.timezone, _MAX_ZONE_CHARS)
        _require(is_zone, "timezone", self.timezone, 'the name of a time zone, as in "Europe/Berlin"')
        _check_rules(self)


@dataclass(frozen=True)
class IntervalSchedule:
    """When a flow starts by itself: times at a fixed distance, counted from 1970-01-01 UTC, so that
    ``IntervalSchedule(900)`` is at :00, :15, :30 and :45.

    :raises DefinitionError: SCHEDULE_INVALID when the distance is shorter than a second.
    """

    seconds: float | timedelta
    """Unit: seconds, or a timedelta. Range: >= 1."""
    catchup: bool = False
    """Whether times that passed while no engine ran are run afterwards: the newest 100 of the last 7 days."""
    jitter: float = 0.0
    """Each time is run up to this much later. Unit: seconds. Range: >= 0."""

    def __post_init__(self) -> None:
        _require(is_seconds(self.seconds, 1), "distance", self.seconds, "seconds of 1 or more, or a timedelta")
        _check_rules(self)


Schedule = CronSchedule | IntervalSchedule


def schedule_to_json(schedule: Schedule) -> dict[str, Any]:
    """The form in ``POST /api/engine/register``: durations are numbers of milliseconds."""
    entry = schedule_to_hello(schedule)
    return {{"everyMs": "every", "jitterMs": "jitter"}.get(name, name): value for name, value in entry.items()}


def schedule_to_hello(schedule: Schedule) -> dict[str, Any]:
    """The form in ``hello``. What is not declared is left out, so that the hash of a flow stays as it was."""
    if isinstance(schedule, CronSchedule):
        entry: dict[str, Any] = {"cron": schedule.cron, "timezone": schedule.timezone}
    else:
        entry = {"everyMs": _ms(_in_seconds(schedule.seconds))}
    if schedule.catchup:
        entry["missed"] = "all"
    if schedule.jitter:
        entry["jitterMs"] = _ms(schedule.jitter)
    return entry


def schedule_from(value: Any) -> Schedule | None:
    """A schedule from the form of ``POST /api/engine/register``."""
    if value is None or isinstance(value, (CronSchedule, IntervalSchedule)):
        return value
    if isinstance(value, str):
        return CronSchedule(value)
    given: Mapping[str, Any] = value
    rules: dict[str, Any] = {"catchup": given.get("missed") == "all", "jitter": given.get("jitter", 0) / 1000}
    if "every" in given:
        return IntervalSchedule(given["every"] / 1000, **rules)
    return CronSchedule(given["cron"], given.get("timezone", "UTC"), **rules)


def _in_seconds(value: float | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _check_rules(schedule: Schedule) -> None:
    _require(is_a(schedule.catchup, bool), "catchup", schedule.catchup, "True or False")
    _require(is_number(schedule.jitter, 0), "jitter", schedule.jitter, "seconds of 0 or more")


def _require(ok: bool, option: str, value: object, wanted: str) -> None:
    if not ok:
        message = f"The {option} of the schedule is {value!r}. Give {wanted}."
        raise DefinitionError(message, code="SCHEDULE_INVALID")
