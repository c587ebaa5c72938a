"""Flows and tasks as plain functions, without a server."""

from __future__ import annotations

import asyncio
import unittest

from perfect_client import OutsideRunError, current_run, flow, get_logger, progress, task, track


@task
def double(n: int) -> int:
    progress(0.5)
    return n * 2


@flow
def doubled(n: int = 1) -> tuple[int, str]:
    return double(n) + sum(future.result() for future in double.map([1, 2])), current_run().run_id


@flow
def outer() -> int:
    return doubled(3)[0]


@task
async def double_async(n: int) -> int:
    await asyncio.sleep(0)
    return n * 2


@flow
async def doubled_async(n: int) -> int:
    first = double_async.submit(n)
    others = await asyncio.gather(*double_async.map([1, 2], max_workers=1))
    return await first + sum(others)


class LocalTest(unittest.TestCase):
    def test_runs_a_flow_without_a_server(self) -> None:
        result, run_id = doubled(2)
        self.assertEqual(result, 4 + 2 + 4)
        self.assertTrue(run_id.startswith("local-"))

    def test_runs_a_flow_that_calls_a_flow(self) -> None:
        self.assertEqual(outer(), 12)

    def test_runs_an_async_flow_without_a_server(self) -> None:
        self.assertEqual(asyncio.run(doubled_async(3)), 6 + 2 + 4)

    def test_calls_a_task_as_a_plain_function(self) -> None:
        self.assertEqual((double(4), double.submit(4).result()), (8, 8))
        self.assertEqual(asyncio.run(double_async(4)), 8)

    def test_keeps_python_values_as_they_are(self) -> None:
        value = object()

        @task
        def same(x: object) -> object:
            return x

        self.assertIs(same(value), value)

    def test_raises_the_original_error(self) -> None:
        class OwnError(Exception):
            pass

        @task
        def fails() -> None:
            raise OwnError

        with self.assertRaises(OwnError):
            fails()
        with self.assertRaises(OwnError):
            fails.submit().result()

    def test_has_no_current_run_outside_of_runs(self) -> None:
        with self.assertRaises(OutsideRunError) as raised:
            current_run()
        self.assertEqual(raised.exception.code, "TASK_OUTSIDE_FLOW")

    def test_leaves_progress_and_track_harmless_outside_of_runs(self) -> None:
        progress(0.5, "half")
        self.assertEqual(list(track(iter([1, 2]))), [1, 2])
        self.assertEqual(list(track([1, 2], message="x")), [1, 2])

    def test_follows_the_root_level_outside_of_runs(self) -> None:
        with self.assertLogs(level="WARNING") as logs:
            get_logger().info("not seen")
            get_logger("x").warning("seen")
        self.assertEqual([record.getMessage() for record in logs.records], ["seen"])
