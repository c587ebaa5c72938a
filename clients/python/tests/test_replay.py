"""Runs with a journal: what is recorded, what a replay does, and what the flow sees both times."""

from __future__ import annotations

import asyncio
import threading
import unittest
from dataclasses import dataclass
from datetime import date
from typing import Any

from perfect_client import (
    MockClient,
    RunCancelled,
    TaskFailedError,
    current_run,
    flow,
    get_logger,
    progress,
    task,
    track,
)
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
        self.assertEqual(set(run.journal), {"load#1", "load#2", "load#3", "untyped#1", "fails#1", "combine#1"})

    def test_does_not_run_a_recorded_task_again(self) -> None:
        client = MockClient()
        client.simulate_crash(after="load#2")
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
        self.assertEqual(set(run.journal), {f"load[{day}]" for day in DAYS})


class AttemptTest(unittest.TestCase):
    def test_retries_and_records_the_last_outcome(self) -> None:
        @task(retries=2, retry_delay=0.001)
        def flaky() -> int:
            if current_run().attempt < 3:
                raise OSError("not yet")
            return current_run().attempt

        @flow
        def retried() -> int:
            return flaky()

        run = MockClient().trigger(retried)
        self.assertEqual((run.result, run.journal["flaky#1"]["attempt"]), (3, 3))

    def test_retries_only_the_errors_it_is_told_to(self) -> None:
        @task(retries=5, retry_delay=0.001, retry_on=OSError)
        def wrong() -> None:
            raise ValueError("wrong for good")

        @flow
        def unretried() -> None:
            wrong()

        run = MockClient().trigger(unretried)
        self.assertEqual(
            (run.status, run.error["type"], run.journal["wrong#1"]["attempt"]), ("failed", "ValueError", 1)
        )
        with self.assertRaisesRegex(ValueError, "wrong for good"):
            run.value()

    def test_fails_a_task_that_takes_too_long(self) -> None:
        ended = threading.Event()

        @task(timeout=0.05)
        def slow() -> None:
            try:
                for _ in track(range(1000)):
                    threading.Event().wait(0.01)
            except RunCancelled:
                ended.set()
                raise

        @flow
        def timed() -> str:
            try:
                slow()
            except TimeoutError as error:
                return str(error)
            return "in time"

        run = MockClient().trigger(timed)
        self.assertIn("longer than its timeout of 0.05 s", str(run.result))
        self.assertTrue(ended.wait(5), "the thread that was left behind ends at its next progress")

    def test_fails_a_result_that_cannot_be_recorded_without_a_retry(self) -> None:
        @task(retries=3)
        def too_large() -> str:
            return "x" * (1 << 20)

        @task(retries=3)
        def not_json() -> object:
            return object()

        @flow
        def large() -> None:
            too_large()

        @flow
        def strange() -> None:
            not_json()

        run = MockClient().trigger(large)
        self.assertEqual((run.error["code"], run.journal["too_large#1"]["attempt"]), ("BODY_TOO_LARGE", 1))
        self.assertEqual(MockClient().trigger(strange).error["code"], "VALUE_UNSERIALIZABLE")

    def test_does_not_run_a_task_twice_that_must_not_be(self) -> None:
        started: list[int] = []

        @task(idempotent=False)
        def pay() -> str:
            started.append(1)
            run = current_run()._run  # pyright: ignore[reportPrivateUsage]
            if len(started) == 1:
                run.revoke("simulated crash in the middle")  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
            return "paid"

        @flow
        def paying() -> str:
            return pay()

        run = MockClient().trigger(paying)
        self.assertEqual((run.status, run.error["code"], len(started)), ("failed", "TASK_OUTCOME_UNKNOWN", 1))

    def test_fails_a_run_whose_parameters_do_not_fit(self) -> None:
        run = MockClient().trigger(pipeline, day="x")
        self.assertEqual((run.status, run.error["code"]), ("failed", "INPUT_INVALID"))

    def test_ends_the_flow_and_not_the_worker_when_it_exits(self) -> None:
        @flow
        def leaving() -> None:
            raise SystemExit(3)

        run = MockClient().trigger(leaving)
        self.assertEqual((run.status, run.error["type"]), ("failed", "SystemExit"))


class ContextTest(unittest.TestCase):
    def test_tells_a_task_what_it_is_part_of(self) -> None:
        @task(key="the key")
        def look() -> list[object]:
            run = current_run()
            return [run.flow, run.task, run.attempt, run.configuration, dict(run.params), run.is_replay]

        @flow
        def looking(n: int = 1) -> list[object]:  # noqa: ARG001 (only looked at)
            return look()

        run = MockClient().trigger(looking, configuration="debug", n=2)
        self.assertEqual(run.result, ["looking", "look[the key]", 1, "debug", {"n": 2}, False])

    def test_keeps_the_idempotency_key_over_crashes(self) -> None:
        keys: list[str] = []

        @task
        def call() -> None:
            keys.append(current_run().idempotency_key)
            if len(keys) == 1:
                current_run()._run.revoke("simulated crash")  # pyright: ignore

        @flow
        def calling() -> None:
            call()

        run = MockClient().trigger(calling)
        self.assertEqual(keys, [f"{run.run_id}:call#1"] * 2)

    def test_reports_progress_of_the_current_task(self) -> None:
        @task
        def steps() -> None:
            progress(-1)
            for _ in track([1, 2], message="row"):
                pass

        @flow
        def stepping() -> None:
            progress(0.3)
            steps()

        run = MockClient().trigger(stepping)
        self.assertEqual(run.progress, [("steps#1", 0.0), ("steps#1", 0.0), ("steps#1", 0.5), ("steps#1", 1.0)])

    def test_collects_logs_and_prints_of_a_run(self) -> None:
        @task(log_prints=True)
        def talk() -> None:
            print("printed", 1)
            get_logger("rows").info("found %d", 3, extra={"rows": 3, "what": {1}})
            get_logger().debug("detail")

        @flow
        def talking() -> None:
            talk()
            get_logger().warning("in the flow")

        lines = MockClient().trigger(talking).logs
        seen = [(line["level"], line["logger"], line["msg"], line.get("task")) for line in lines]
        expected = [
            ("info", "perfect.print", "printed 1", "talk#1"),
            ("info", "perfect.rows", "found 3", "talk#1"),
            ("warn", "perfect", "in the flow", None),
        ]
        self.assertEqual(seen, expected)
        self.assertEqual(lines[1]["fields"], {"rows": 3, "what": [1]})
        debug = MockClient().trigger(talking, configuration="debug").logs
        self.assertIn("detail", [line["msg"] for line in debug])


@task(timeout=0.05)
async def slow_async() -> None:
    await asyncio.sleep(10)


@task(retries=1, retry_delay=0.001)
async def flaky_async(n: int) -> int:
    if current_run().attempt == 1:
        raise OSError("not yet")
    await asyncio.sleep(0.001)
    return n


class AsyncFlowTest(unittest.TestCase):
    def test_gives_the_same_outcome_after_a_crash_at_every_position(self) -> None:
        @flow
        async def branches() -> list[int]:
            later = flaky_async.options(key="later").submit(9)
            numbers = await asyncio.gather(*(flaky_async(n) for n in range(3)))
            mapped = await asyncio.gather(*flaky_async.map(["a", "b"], key=str, max_workers=1))
            return [*numbers, len(mapped), await later]

        run = assert_replayable(branches)
        self.assertEqual(run.result, [0, 1, 2, 2, 9])

    def test_cancels_a_task_that_takes_too_long(self) -> None:
        @flow
        async def timed() -> str:
            try:
                await slow_async()
            except TimeoutError as error:
                return str(error)
            return "in time"

        self.assertIn("longer than its timeout", str(MockClient().trigger(timed).result))

    def test_waits_for_what_was_started_and_not_awaited(self) -> None:
        @flow
        async def forgetful() -> None:
            flaky_async.submit(1)

        self.assertEqual(list(MockClient().trigger(forgetful).journal), ["flaky_async#1"])

    def test_runs_sync_tasks_beside_it(self) -> None:
        @flow
        async def mixed() -> int:
            return await asyncio.wrap_future(combine.submit([]))

        self.assertEqual(MockClient().trigger(mixed).result, 0)

    def test_refuses_an_async_task_in_a_sync_flow(self) -> None:
        @flow
        def wrong() -> None:
            flaky_async(1)  # pyright: ignore[reportUnusedCoroutine]

        run = MockClient().trigger(wrong)
        self.assertEqual((run.status, run.error["type"]), ("failed", "TypeError"))

    def test_refuses_an_async_flow_in_a_sync_flow(self) -> None:
        @flow
        async def inner() -> None: ...

        @flow
        def outer() -> None:
            inner()  # pyright: ignore[reportUnusedCoroutine]

        self.assertEqual(MockClient().trigger(outer).error["type"], "TypeError")

    def test_runs_an_async_flow_inside_another(self) -> None:
        @flow
        async def inner(n: int) -> int:
            return await flaky_async(n)

        @flow
        async def outer() -> int:
            return await inner(1) + await inner(2)

        run = assert_replayable(outer)
        self.assertEqual(list(run.journal), ["inner#1/flaky_async#1", "inner#2/flaky_async#1"])


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
