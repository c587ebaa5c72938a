"""Runs with a journal: what is recorded, what a replay does, and what the flow sees both times."""

from __future__ import annotations

import unittest
from dataclasses import dataclass
from datetime import date
from typing import Any

from perfect_client import MockClient, TaskFailedError, flow, task
from perfect_client.testing import assert_replayable

effects: list[str] = []


@dataclass
class Part:
    day: date
    rows: int


class OwnError(Exception):
    """Its __init__ takes more than a message."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(f"row {row}: {reason}")
        self.row = row


@task(weight=5, estimated_time=3000)
def load(day: str) -> Part:
    effects.append(f"load {day}")
    return Part(date.fromisoformat(day), 10)


@task
def untyped(n: int) -> dict[str, Any]:
    return {"ratio": 1.0, "pair": (n, 2)}


@task
def fails(n: int) -> None:
    effects.append(f"fails {n}")
    raise OwnError(n, "bad")


@task
def combine(parts: list[Part]) -> int:
    return sum(part.rows for part in parts)


@flow
def pipeline(days: list[str]) -> dict[str, int]:
    parts = [future.result() for future in load.map(days, max_workers=2)]
    rest = untyped(3)
    kinds = [type(parts[0]).__name__, type(rest["ratio"]).__name__, type(rest["pair"]).__name__]
    try:
        fails(7)
    except OwnError as error:
        kinds.append(f"{type(error).__name__} {error}")
    return {"rows": combine(parts), **dict.fromkeys(kinds, 1)}


DAYS = ["2026-11-21", "2026-11-22", "2026-11-23"]


class ReplayTest(unittest.TestCase):
    def setUp(self) -> None:
        effects.clear()

    def test_gives_the_same_outcome_after_a_crash_at_every_position(self) -> None:
        run = assert_replayable(pipeline, days=DAYS)
        for key in run.journal:
            client = MockClient()
            client.simulate_crash(after=key)
            self.assertEqual(client.trigger(pipeline, days=DAYS).result, run.result)
        self.assertEqual(run.result, {"rows": 30, "Part": 1, "int": 1, "list": 1, "OwnError row 7: bad": 1})
        self.assertEqual(set(run.journal), {"load#1[0]", "load#1[1]", "load#1[2]", "untyped#1", "fails#1", "combine#1"})

    def test_does_not_run_a_recorded_task_again(self) -> None:
        client = MockClient()
        client.simulate_crash(after="load#1[1]")
        client.simulate_crash(after="fails#1")
        run = client.trigger(pipeline, days=DAYS)
        self.assertEqual((run.status, run.epochs), ("succeeded", 3))
        self.assertEqual(effects.count("fails 7"), 1)
        self.assertEqual(len(run.recorded), len(set(run.recorded)))

    def test_reports_a_flow_that_does_not_replay(self) -> None:
        calls = iter(range(100))

        @flow
        def unstable() -> int:
            combine([])
            return untyped(next(calls))["pair"][0] + next(calls)

        with self.assertRaisesRegex(AssertionError, 'Without a crash the flow "unstable" ends with'):
            assert_replayable(unstable)

    def test_raises_the_recorded_failure_as_its_original_class_both_times(self) -> None:
        seen: list[BaseException] = []

        @flow
        def catching() -> None:
            try:
                fails(1)
            except OwnError as error:
                seen.append(error)
            combine([])

        client = MockClient()
        client.simulate_crash(after="combine#1")
        client.trigger(catching)
        first, second = seen
        self.assertEqual((type(first).__name__, str(first)), (type(second).__name__, str(second)))
        self.assertIsInstance(first, TaskFailedError)
        self.assertIsInstance(first.__cause__, OwnError)

    def test_nests_the_keys_of_a_flow_called_by_a_flow(self) -> None:
        @flow
        def child(n: int) -> int:
            return combine([]) + n

        @flow
        def parent() -> int:
            return child(1) + child(2) + combine([])

        run = assert_replayable(parent)
        self.assertEqual(list(run.journal), ["child#1/combine#1", "child#2/combine#1", "combine#1"])

    def test_makes_a_task_called_by_a_task_part_of_it(self) -> None:
        @task
        def whole() -> int:
            return combine([]) + sum(future.result() for future in combine.map([[], []]))

        @flow
        def nested() -> int:
            return whole()

        self.assertEqual(list(MockClient().trigger(nested).journal), ["whole#1"])

    def test_keeps_item_keys_whatever_the_order_of_the_items(self) -> None:
        @flow
        def keyed() -> int:
            return sum(part.result().rows for part in load.map(DAYS, key=lambda day: day))

        run = assert_replayable(keyed)
        self.assertEqual(set(run.journal), {f"load#[{day}]" for day in DAYS})


class AssertReplayableTest(unittest.TestCase):
    def test_takes_tasks_that_give_another_result_each_time(self) -> None:
        numbers = iter(range(1000))

        @task
        def draw() -> int:
            return next(numbers)

        @flow
        def drawing() -> int:
            return draw() + draw()

        self.assertEqual(assert_replayable(drawing).result, 1)

    def test_reports_a_flow_that_calls_other_tasks_each_time(self) -> None:
        names = iter(range(1000))

        @flow
        def wandering() -> None:
            combine.options(name=f"combine {next(names)}")([])

        with self.assertRaisesRegex(AssertionError, "calls other tasks when it is replayed"):
            assert_replayable(wandering)
