"""Async tasks and flows."""

from __future__ import annotations

import asyncio
import unittest

from perfect_client import MockClient, current_run, flow, task
from perfect_client.testing import assert_replayable


@task(timeout=0.05)
async def slow_async() -> None:
    await asyncio.sleep(10)


@task
def plain(n: int) -> int:
    return n


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
            return await asyncio.wrap_future(plain.submit(3))

        self.assertEqual(MockClient().trigger(mixed).result, 3)

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
