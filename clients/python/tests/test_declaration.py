"""Declaring tasks, flows and schedules."""

from __future__ import annotations

import unittest
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from perfect_client import (
    Concurrency,
    CronSchedule,
    DefinitionError,
    FlowDefinition,
    IntervalSchedule,
    RateLimit,
    TaskPlan,
    flow,
    task,
)
from perfect_client._definition import definition_from


@task(weight=5, estimated_time=3000)
def extract(day: str) -> int:
    return len(day)


@task
def clean(rows: int) -> int:
    return rows


@task(name="write it", estimated_time=timedelta(seconds=2), retries=2)
def write(rows: int) -> None: ...


def both(rows: int) -> int:
    return clean(rows)


@flow(name="ETL Pipeline", schedule=CronSchedule("0 0 * * *"), tags=("demo",), version="7")
def etl(day: str = "today") -> None:
    """Brings the data
    over.

    More.
    """
    counts = [extract(part) for part in day]
    for count in counts:
        both(count)
    write(sum(counts))


@flow
def outer() -> None:
    etl()
    clean(1)


class TaskDeclarationTest(unittest.TestCase):
    def test_says_how_runs_are_started_limited_and_tried_again(self) -> None:
        @flow(
            timeout=timedelta(seconds=2),
            retries=1,
            retry_delay=0.5,
            concurrency=Concurrency(limit=3, key="customer", per_key=2),
            rate_limit=RateLimit(limit=5, seconds=1),
            priority=-2,
        )
        def limited(customer: str) -> str:
            return customer

        shared = {"concurrency": {"limit": 3, "perKey": {"limit": 2, "field": "customer"}}, "priority": -2}
        hello = {
            **shared,
            "timeoutMs": 2000,
            "rateLimit": {"limit": 5, "perMs": 1000},
            "retry": {"attempts": 2, "firstMs": 500, "factor": 2, "maxMs": 60_000},
        }
        registered = {
            **shared,
            "timeout": 2000,
            "rateLimit": {"limit": 5, "per": 1000},
            "retry": {"attempts": 2, "backoff": {"first": 500, "factor": 2, "max": 60_000}},
        }
        self.assertEqual({name: limited.definition.to_hello()[name] for name in hello}, hello)
        self.assertEqual({name: limited.definition.to_json()[name] for name in registered}, registered)

    def test_refuses_policies_that_cannot_be(self) -> None:
        wrong: list[dict[str, Any]] = [
            {"timeout": -1},
            {"retries": -1},
            {"concurrency": 0},
            {"rate_limit": RateLimit(0, 1)},
            {"priority": 11},
        ]
        for options in wrong:
            with self.subTest(options), self.assertRaises(DefinitionError):
                flow(**options)(both)

    def test_works_with_and_without_parentheses(self) -> None:
        self.assertEqual((clean.name, clean.task_options.weight), ("clean", 1))
        self.assertEqual(
            (extract.name, extract.task_options.weight, extract.task_options.estimated_ms), ("extract", 5, 3000)
        )
        self.assertEqual((write.name, write.task_options.estimated_ms), ("write it", 2000))

    def test_keeps_name_docstring_and_function(self) -> None:
        self.assertEqual(getattr(etl, "__name__", None), "etl")
        self.assertEqual(extract.fn("abc"), 3)

    def test_makes_a_copy_with_other_options(self) -> None:
        other = extract.options(weight=2, key="load-a", estimated_time=None)
        self.assertEqual((other.task_options.weight, other.task_options.key), (2, "load-a"))
        self.assertIsNone(other.task_options.estimated_ms)
        self.assertEqual(extract.task_options.weight, 5)

    def test_refuses_options_out_of_range_with_their_code(self) -> None:
        cases: list[tuple[dict[str, object], str]] = [
            ({"weight": 0}, "WEIGHT_INVALID"),
            ({"weight": float("nan")}, "WEIGHT_INVALID"),
            ({"estimated_time": -1}, "DURATION_INVALID"),
            ({"timeout": 0}, "DURATION_INVALID"),
            ({"retries": -1}, "RETRY_INVALID"),
            ({"retry_delay": -1}, "RETRY_INVALID"),
            ({"retry_backoff": 0.5}, "RETRY_INVALID"),
            ({"retry_jitter": 2}, "RETRY_INVALID"),
            ({"name": "a\x00b"}, "TASK_DEFINITION_INVALID"),
        ]
        for options, code in cases:
            with self.subTest(options=options), self.assertRaises(DefinitionError) as raised:
                task(**options)(lambda: None)  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownLambdaType]
            self.assertEqual(raised.exception.code, code)
            self.assertIsInstance(raised.exception, ValueError)

    def test_refuses_methods_generators_and_things_that_are_no_functions(self) -> None:
        with self.assertRaisesRegex(TypeError, "is a method"):

            class Loader:  # pyright: ignore[reportUnusedClass]
                @task
                def load(self) -> None: ...

        def rows() -> Iterator[int]:
            yield 1

        with self.assertRaisesRegex(TypeError, "is a generator"):
            task(rows)
        with self.assertRaisesRegex(TypeError, "made from a function"):
            task(3)  # pyright: ignore[reportArgumentType, reportCallIssue]
        with self.assertRaisesRegex(TypeError, "is a generator"):
            flow(rows)


class FlowDeclarationTest(unittest.TestCase):
    def test_finds_the_tasks_in_the_order_of_the_code(self) -> None:
        self.assertEqual([plan.name for plan in etl.definition.tasks], ["extract", "clean", "write it"])

    def test_looks_into_flows_that_it_calls(self) -> None:
        self.assertEqual([plan.name for plan in outer.definition.tasks], ["extract", "clean", "write it"])

    def test_finds_tasks_of_an_enclosing_function(self) -> None:
        @task
        def inner() -> None: ...

        @flow
        def closure() -> None:
            inner()

        self.assertEqual([plan.name for plan in closure.definition.tasks], ["inner"])

    def test_uses_a_given_plan(self) -> None:
        @flow(plan=[write])
        def planned() -> None:
            clean(1)

        self.assertEqual([plan.name for plan in planned.definition.tasks], ["write it"])

    def test_gives_the_body_of_a_registration(self) -> None:
        self.assertEqual(
            etl.definition.to_json(),
            {
                "name": "ETL Pipeline",
                "version": "7",
                "description": "Brings the data over.",
                "tags": ["demo"],
                "schedule": {"cron": "0 0 * * *", "timezone": "UTC"},
                "tasks": [
                    {"name": "extract", "weight": 5, "estimatedTime": 3000},
                    {"name": "clean", "weight": 1},
                    {"name": "write it", "weight": 1, "estimatedTime": 2000},
                ],
                "inputSchema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"day": {"type": "string", "default": "today"}},
                },
            },
        )

    def test_gives_the_entry_of_a_greeting_with_a_stable_hash(self) -> None:
        entry = etl.definition.to_hello()
        self.assertEqual(entry["tasks"][2], {"name": "write it", "weight": 1, "estimatedMs": 2000, "retries": 2})
        self.assertEqual(entry["hash"], etl.definition.to_hello()["hash"])
        other = FlowDefinition("ETL Pipeline", version="8")
        self.assertNotEqual(entry["hash"], other.to_hello()["hash"])

    def test_refuses_an_empty_name(self) -> None:
        with self.assertRaises(DefinitionError):
            flow(name="")(lambda: None)


class DefinitionFromTest(unittest.TestCase):
    def test_reads_the_shape_of_the_http_api(self) -> None:
        definition = definition_from(
            {"name": "x", "tasks": [{"name": "a", "weight": 2, "estimatedTime": 5}], "schedule": "* * * * *"}
        )
        self.assertEqual(definition.tasks, (TaskPlan("a", 2.0, 5),))
        self.assertEqual(definition.schedule, CronSchedule("* * * * *"))

    def test_refuses_what_has_no_name(self) -> None:
        cases: list[dict[str, Any]] = [{}, {"name": "x", "tasks": [{}]}]
        for data in cases:
            with self.subTest(data=data), self.assertRaises(DefinitionError):
                definition_from(data)


class ScheduleTest(unittest.TestCase):
    def test_is_told_in_the_form_of_each_way(self) -> None:
        cases: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
            (CronSchedule("@daily"), {"cron": "@daily", "timezone": "UTC"}, {"cron": "@daily", "timezone": "UTC"}),
            (
                CronSchedule("@daily", "Asia/Tokyo", catchup=True, jitter=1.5),
                {"cron": "@daily", "timezone": "Asia/Tokyo", "missed": "all", "jitter": 1500},
                {"cron": "@daily", "timezone": "Asia/Tokyo", "missed": "all", "jitterMs": 1500},
            ),
            (IntervalSchedule(timedelta(minutes=15)), {"every": 900_000}, {"everyMs": 900_000}),
        ]
        for schedule, body, hello in cases:
            with self.subTest(schedule=schedule):
                definition = FlowDefinition("x", schedule=schedule)
                self.assertEqual(definition.to_json()["schedule"], body)
                self.assertEqual(definition.to_hello()["schedule"], hello)
                again = definition_from({"name": "x", "schedule": body})
                self.assertEqual(again.to_json()["schedule"], body)

    def test_refuses_distances_and_jitter_that_are_none(self) -> None:
        for make in (
            lambda: IntervalSchedule(0.5),
            lambda: IntervalSchedule(float("nan")),
            lambda: CronSchedule("@daily", jitter=-1),
        ):
            with self.assertRaises(DefinitionError) as raised:
                make()
            self.assertEqual(raised.exception.code, "SCHEDULE_INVALID")

    def test_refuses_what_is_no_cron_expression(self) -> None:
        for text in ("", "every day", "* * *"):
            with self.subTest(text=text), self.assertRaises(DefinitionError) as raised:
                CronSchedule(text)
            self.assertEqual(raised.exception.code, "SCHEDULE_INVALID")
        self.assertEqual(CronSchedule("@daily").timezone, "UTC")
