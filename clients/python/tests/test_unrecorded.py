"""Tasks that are not recorded: plain calls, also on replay."""

from __future__ import annotations

import asyncio
import unittest

from perfect_client import MockClient, flow, task
from perfect_client.errors import DefinitionError

calls: list[str] = []


@task(journal=False)
def normalise(text: str) -> str:
    calls.append(text)
    return text.strip().lower()


@task(journal=False)
async def normalise_async(text: str) -> str:
    await asyncio.sleep(0)
    return normalise(text)


@task
def store(text: str) -> str:
    return text


@flow
def tidy() -> list[str]:
    first = store(normalise(" A "))
    others = [future.result() for future in normalise.map([" B ", "C"], max_workers=1)]
    return [first, normalise.submit("D ").result(), *others]


@flow
async def tidy_async() -> str:
    return await normalise_async(" A ") + await normalise_async.submit(" B ")


class UnrecordedTest(unittest.TestCase):
    def setUp(self) -> None:
        calls.clear()

    def test_is_called_as_a_plain_function_and_again_on_replay(self) -> None:
        client = MockClient()
        client.simulate_crash(after="store#1")
        run = client.trigger(tidy)
        self.assertEqual((run.status, run.result), ("succeeded", ["a", "d", "b", "c"]))
        self.assertEqual(list(run.journal), ["store#1"])
        self.assertEqual(calls.count(" A "), 2)

    def test_is_no_part_of_what_a_flow_plans(self) -> None:
        self.assertEqual([planned.name for planned in tidy.definition.tasks], ["store"])

    def test_is_awaited_by_async_flows(self) -> None:
        run = MockClient().trigger(tidy_async)
        self.assertEqual((run.status, run.result), ("succeeded", "ab"))

    def test_has_nothing_that_needs_a_record(self) -> None:
        for options in ({"retries": 1}, {"timeout": 1.0}, {"idempotent": False}, {"hard_cancel": True}):
            with self.subTest(options), self.assertRaisesRegex(DefinitionError, "The journal of task .store. is False"):
                store.options(journal=False, **options)  # type: ignore[arg-type]
