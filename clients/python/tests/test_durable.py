"""Sleeps, time and chance in flows: in the next process a run waits for the rest only, and sees the same values."""

from __future__ import annotations

import threading
import time
import unittest
from datetime import timedelta
from typing import Any

from perfect_client import (
    DefinitionError,
    MapFailedError,
    MockClient,
    current_run,
    flow,
    now,
    progress,
    random,
    sleep,
    sleep_async,
    task,
    uuid4,
    wrap,
)
from perfect_client._assignment import Assignment
from perfect_client._memory_engine import MemoryEngine
from perfect_client.testing import assert_replayable


@task
def double(n: int) -> int:
    if n < 0:
        raise ValueError(f"{n} is negative")
    return 2 * n


@task
async def double_async(n: int) -> int:
    if n < 0:
        raise ValueError(f"{n} is negative")
    return 2 * n


@flow
def napping(seconds: float = 0.0) -> int:
    sleep(seconds)
    return double(1)


@flow
async def napping_async(seconds: float = 0.0) -> int:
    await sleep_async(timedelta(seconds=seconds))
    return await double_async(1)


@flow
def chancy() -> list[Any]:
    before = [random(), random(), str(uuid4()), now().isoformat()]
    double(1)
    return [*before, str(uuid4())]


@flow
def lenient(items: list[int]) -> list[Any]:
    return [getattr(outcome, "value", None) or str(outcome) for outcome in double.map(items, key=str).settled()]


class SleepTest(unittest.TestCase):
    def test_waits_and_records_when_it_ends(self) -> None:
        for napper in (napping, napping_async):
            began = time.monotonic()
            run = MockClient().trigger(napper, seconds=0.05)
            self.assertGreaterEqual(time.monotonic() - began, 0.045)
            self.assertEqual((run.result, next(iter(run.journal))), (2, "sleep#1"))

    def test_ends_at_once_in_tests_when_it_would_take_long(self) -> None:
        for napper in (napping, napping_async):
            began = time.time()
            run = MockClient().trigger(napper, seconds=7 * 24 * 3600)
            self.assertLess(time.time() - began, 5)
            self.assertEqual((run.status, run.result), ("succeeded", 2))
            self.assertGreater(run.journal["sleep#1"]["result"], began + 600_000)
            assert_replayable(napper, seconds=3600)

    def test_waits_only_for_the_rest_after_a_crash(self) -> None:
        wake_at = time.time() + 0.05
        entry = {"key": "sleep#1", "task": "sleep", "status": "succeeded", "result": wake_at}
        run = MemoryEngine().execute(napping, {"seconds": 3600}, journal={"sleep#1": entry})
        self.assertEqual((run.status, run.result), ("succeeded", 2))
        self.assertGreaterEqual(time.time(), wake_at - 0.01)

    def test_ends_with_the_run(self) -> None:
        engine = MemoryEngine()
        engine.skips_sleeps = False
        timer = threading.Timer(0.05, lambda: engine.cancel())
        timer.start()
        self.assertEqual(engine.execute(napping, {"seconds": 3600}).status, "cancelled")

    def test_refuses_what_is_no_duration(self) -> None:
        for wrong in (-1, float("nan"), timedelta(seconds=-2)):
            with self.assertRaisesRegex(DefinitionError, "duration of the sleep is .* Give seconds"):
                sleep(wrong)


class ChanceTest(unittest.TestCase):
    def test_gives_a_replay_the_same_values(self) -> None:
        run = assert_replayable(chancy)
        assert isinstance(run.result, list)
        self.assertNotEqual(run.result[0], run.result[1])
        self.assertNotEqual(run.result[2], run.result[4])

    def test_follows_from_the_seed_of_the_engine(self) -> None:
        message = {"runId": "r", "epoch": 1, "flow": "f", "seed": "8f1c"}
        self.assertEqual(Assignment.from_message(message).seed, "8f1c")

    def test_differs_between_runs(self) -> None:
        self.assertNotEqual(MockClient().trigger(chancy).result, MockClient().trigger(chancy).result)

    def test_is_ordinary_outside_of_flows(self) -> None:
        self.assertNotEqual(uuid4(), uuid4())
        self.assertTrue(0 <= random() < 1)
        self.assertIsNotNone(now().tzinfo)


class MapTest(unittest.TestCase):
    def test_collects_failures(self) -> None:
        run = MockClient().trigger(lenient, items=[1, -1, 3])
        assert isinstance(run.result, list)
        self.assertEqual((run.result[0], run.result[2]), (2, 6))
        self.assertIn("-1 is negative", str(run.result[1]))

    def test_ends_when_more_fail_than_may(self) -> None:
        futures = double.map([1, -1, -2])
        with self.assertRaisesRegex(MapFailedError, "2 of 3 calls .* max_failures is 1.* item 1: ValueError: -1"):
            futures.settled(max_failures=1)
        with self.assertRaisesRegex(ValueError, "-1 is negative"):
            futures.results()
        self.assertEqual(double.map([1, 2]).results(), [2, 4])

    def test_collects_failures_of_async_tasks(self) -> None:
        @flow
        async def lenient_async() -> list[bool]:
            settled = await double_async.map([1, -1], key=str).settled()
            return [outcome.ok for outcome in settled]

        self.assertEqual(MockClient().trigger(lenient_async).result, [True, False])


class WrapTest(unittest.TestCase):
    def test_takes_the_run_along_into_a_thread(self) -> None:
        seen: list[str | None] = []

        @task
        def threaded() -> None:
            def work(share: float) -> None:
                progress(share)
                seen.append(current_run().task)

            threads = [threading.Thread(target=wrap(work), args=(share,)) for share in (0.2, 0.4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        @flow
        def outer() -> None:
            threaded()

        run = MockClient().trigger(outer)
        self.assertEqual((seen, len(run.progress)), (["threaded#1", "threaded#1"], 2))


class RetryTest(unittest.TestCase):
    def test_asks_whether_an_error_is_worth_another_try(self) -> None:
        @task(retries=5, retry_delay=0.001, retry_max_delay=0.002, retry_if=lambda error: "again" in str(error))
        def picky() -> None:
            attempt = current_run().attempt
            raise ValueError("again" if attempt < 3 else "for good")

        @flow
        def outer() -> None:
            picky()

        run = MockClient().trigger(outer)
        self.assertEqual((run.status, run.journal["picky#1"]["attempt"]), ("failed", 3))
