"""Options that cannot be: each is refused by name and value, with a code and what to give instead."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from functools import partial
from typing import Any

from perfect_client import (
    Concurrency,
    CronSchedule,
    DefinitionError,
    IntervalSchedule,
    PerfectAPIClient,
    RateLimit,
    create_client,
    flow,
    sleep,
    task,
)

NAN = float("nan")

TASK: dict[str, tuple[Any, ...]] = {
    "name": ("x" * 201, 5, "a\x00b"),
    "weight": (0, -1, NAN, "1", True),
    "estimated_time": (-1, "1s", NAN, True),
    "key": (5,),
    "retries": (-1, "3", 1.5, True),
    "retry_delay": (-1, "1", NAN),
    "retry_backoff": (0.5, "2"),
    "retry_jitter": (-0.1, 1.1, "0"),
    "retry_max_delay": (-1, "9"),
    "retry_on": ("x", int, (ValueError, "x"), BaseException),
    "retry_if": (5,),
    "timeout": (0, -1, "1", NAN),
    "idempotent": ("no", None),
    "journal": (0,),
    "isolation": ("fork", None),
    "hard_cancel": (1,),
    "log_prints": ("yes",),
}

FLOW: dict[str, tuple[Any, ...]] = {
    "name": ("", "x" * 201, 5),
    "schedule": ("0 3 * * *", 5),
    "version": (2, ""),
    "description": (5,),
    "tags": ("abc", ["a", 1]),
    "plan": ([5], [lambda: 1]),
    "params_schema": ([], "{}"),
    "timeout": (-1, "1h", NAN),
    "retries": (-1, 1.5, "3"),
    "retry_delay": (-1, "1"),
    "concurrency": (0, "2", Concurrency(limit=0), Concurrency(key="a", per_key=0), Concurrency(key=5)),  # type: ignore[arg-type]
    "rate_limit": (5, RateLimit(0, 1), RateLimit(10_001, 1), RateLimit(1, 0)),
    "priority": (11, "high", NAN),
}

CLIENT: dict[str, tuple[Any, ...]] = {
    "base_url": ("nope", "ftp://x", "http://", "http://x:port", 5),
    "token": (5, b"secret"),
    "session": (5,),
    "slots": (0, -1, "x", True),
    "name": (5, "x" * 201),
    "labels": ("x", {"a": 1}),
    "timeout": (0, "1", NAN),
    "carrier": ("pigeon",),
    "isolation": ("fork",),
}

SCHEDULE: list[tuple[str, Callable[..., Any], dict[str, Any]]] = [
    ("cron expression", CronSchedule, {"cron": "nope"}),
    ("cron expression", CronSchedule, {"cron": 5}),
    ("timezone", CronSchedule, {"cron": "* * * * *", "timezone": None}),
    ("catchup", CronSchedule, {"cron": "* * * * *", "catchup": "yes"}),
    ("jitter", CronSchedule, {"cron": "* * * * *", "jitter": "1"}),
    ("distance", IntervalSchedule, {"seconds": 0.5}),
    ("distance", IntervalSchedule, {"seconds": "1h"}),
    ("jitter", IntervalSchedule, {"seconds": 60, "jitter": -1}),
]


def work(day: str = "") -> str:
    return day


class BadOptionsTest(unittest.TestCase):
    def refused(self, option: str, value: object, make: Callable[[], Any]) -> None:
        with self.subTest(option=option, value=value), self.assertRaises(DefinitionError) as caught:
            make()
        error = caught.exception
        self.assertIn(
            option.replace("_", "."), str(error).replace("_", ".").replace("estimated time", "estimated.time")
        )
        self.assertRegex(str(error), r"\. Give .+\.$")
        self.assertRegex(error.code, r"^[A-Z_]+_INVALID$")

    def test_are_refused_by_tasks(self) -> None:
        for option, values in TASK.items():
            for value in values:
                given: dict[str, Any] = {option: value}
                self.refused(option, value, lambda given=given: task(**given)(work))

    def test_are_refused_by_flows(self) -> None:
        for option, values in FLOW.items():
            for value in values:
                given: dict[str, Any] = {option: value}
                self.refused(option, value, lambda given=given: flow(**given)(work))

    def test_are_refused_by_clients(self) -> None:
        for option, values in CLIENT.items():
            for value in values:
                given: dict[str, Any] = {option: value}
                make: Callable[..., Any] = create_client
                self.refused(option, value, partial(make, **given))

    def test_are_refused_by_schedules(self) -> None:
        for option, kind, given in SCHEDULE:
            self.refused(option, given, partial(kind, **given))

    def test_are_refused_by_the_client_of_the_api(self) -> None:
        for option, value in (("timeout", 0), ("timeout", "1"), ("retries", -1), ("retries", 1.5)):
            given: dict[str, Any] = {option: value}
            self.refused(option, value, lambda given=given: PerfectAPIClient("http://127.0.0.1:3000", **given))

    def test_are_refused_by_sleeps(self) -> None:
        for duration in (-1, "1", NAN, True):
            value: Any = duration
            self.refused("duration", value, partial(sleep, value))

    def test_do_not_tell_the_token(self) -> None:
        token: Any = b"secret"
        with self.assertRaises(DefinitionError) as caught:
            create_client(token=token)
        self.assertNotIn("secret", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
