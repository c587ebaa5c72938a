"""Journal keys, and which calls are too ambiguous to get one."""

from __future__ import annotations

import asyncio
import threading
import unittest
from concurrent.futures import as_completed
from typing import Any

from perfect_client import MockClient, TaskKeyAmbiguousError, flow, task
from perfect_client._keys import KeyScope
from perfect_client.errors import DefinitionError, PerfectError

from . import vectors


class KeyScopeTest(unittest.TestCase):
    def test_r6_gives_the_keys_of_the_vectors(self) -> None:
        for case in vectors.load("keys"):
            with self.subTest(case["title"]):
                self._check(case)

    def _check(self, case: dict[str, Any]) -> None:
        scope = KeyScope()
        keys: list[str] = []
        try:
            for call in case["calls"]:
                name, burst, racing = call["name"], call.get("burst", 0), call.get("racing", False)
                if "key" in call:
                    keys.append(scope.keyed(name, call["key"]))
                elif "itemKeys" in call:
                    keyed = scope.keyed_map(name, len(call["itemKeys"]))
                    keys.extend(scope.item(keyed, item) for item in call["itemKeys"])
                elif "items" in call:
                    counted = scope.counted_map(name, call["items"], burst=burst, racing=racing)
                    keys.extend(scope.item(counted, str(position)) for position in range(call["items"]))
                else:
                    keys.append(scope.counted(name, burst=burst, racing=racing))
        except PerfectError as error:
            self.assertEqual(error.code, case.get("error"))
        else:
            self.assertEqual(keys, case.get("keys"))

    def test_puts_the_path_of_the_scope_first(self) -> None:
        self.assertEqual(KeyScope("child#1/").counted("a", burst=0, racing=False), "child#1/a#1")

    def test_refuses_keys_that_the_engine_does_not_take(self) -> None:
        with self.assertRaises(DefinitionError):
            KeyScope().keyed("a", "x" * 1000)


release = threading.Event()


@task
def first(n: int) -> int:
    # The first of several ends last.
    if n == 0:
        release.wait(5)
    return n


@task
def second(n: int) -> int:
    return n * 10


@task
async def first_async(n: int) -> int:
    await asyncio.sleep(0.01 * (3 - n))
    return n


@task
async def second_async(n: int) -> int:
    return n * 10


class AmbiguityTest(unittest.TestCase):
    def setUp(self) -> None:
        release.clear()

    def test_refuses_calls_in_the_order_of_completion(self) -> None:
        @flow
        def racing() -> int:
            total = 0
            try:
                for future in as_completed([first.submit(n) for n in range(3)]):
                    total += second(future.result())
            finally:
                release.set()
            return total

        run = MockClient().trigger(racing)
        self.assertEqual((run.status, run.error["code"]), ("failed", "TASK_KEY_AMBIGUOUS"))
        self.assertIn("second.options(key=", run.error["message"])

    def test_takes_them_with_a_key(self) -> None:
        @flow
        def keyed() -> int:
            total = 0
            for count, future in enumerate(as_completed([first.submit(n) for n in range(3)])):
                number = future.result()
                total += second.options(key=str(number))(number)
                if count == 1:
                    release.set()
            return total

        run = MockClient().trigger(keyed)
        self.assertEqual((run.status, run.result), ("succeeded", 30))
        self.assertEqual(
            {key for key in run.journal if key.startswith("second")}, {"second[0]", "second[1]", "second[2]"}
        )

    def test_refuses_calls_after_a_look_at_who_is_done(self) -> None:
        @flow
        def looking() -> int:
            slow = first.submit(0)
            total = second(1)
            try:
                if not slow.done():
                    total += second(2)
            finally:
                release.set()
            return total + slow.result()

        run = MockClient().trigger(looking)
        self.assertEqual((run.status, run.error["code"]), ("failed", "TASK_KEY_AMBIGUOUS"))

    def test_takes_calls_that_the_code_alone_orders(self) -> None:
        @flow
        def ordered() -> int:
            slow = first.submit(0)
            total = second(1) + second(2)
            release.set()
            return total + slow.result()

        run = MockClient().trigger(ordered)
        self.assertEqual((run.status, list(run.journal)[:2]), ("succeeded", ["second#1", "second#2"]))

    def test_refuses_two_step_branches_of_an_async_flow(self) -> None:
        async def branch(n: int) -> int:
            return await second_async(await first_async(n))

        @flow
        async def branches() -> list[int]:
            return list(await asyncio.gather(branch(0), branch(1), branch(2)))

        run = MockClient().trigger(branches)
        self.assertEqual((run.status, run.error["code"]), ("failed", TaskKeyAmbiguousError.code))

    def test_takes_stages_of_an_async_flow(self) -> None:
        @flow
        async def stages() -> list[int]:
            numbers = await asyncio.gather(*(first_async(n) for n in range(3)))
            return await asyncio.gather(*(second_async(n) for n in numbers))

        run = MockClient().trigger(stages)
        self.assertEqual((run.status, run.result), ("succeeded", [0, 10, 20]))
        self.assertEqual(
            set(run.journal), {f"{name}#{n}" for name in ("first_async", "second_async") for n in (1, 2, 3)}
        )
