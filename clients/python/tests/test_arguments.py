"""R6: a replay that calls a recorded task with other arguments."""

from __future__ import annotations

import unittest
from typing import Any

from perfect_client import JournalMismatchError, MockClient, MockRun, flow, task
from perfect_client._args_hash import hash_arguments

calls = 0


@task
def double(n: int) -> int:
    return 2 * n


@task
def last() -> None:
    pass


def _work(n: int) -> int:
    global calls
    calls += 1
    # What no flow should do: another number each time that its code runs.
    result = double(n + calls)
    last()
    return result


@flow
def changing(n: int) -> int:
    return _work(n)


@flow(strict=False)
def lenient(n: int) -> int:
    return _work(n)


@flow
def stubborn(n: int) -> int:
    try:
        return _work(n)
    except Exception:
        return 0


def crashed(which: Any) -> MockRun:
    global calls
    calls = 0
    client = MockClient()
    client.simulate_crash(after="double#1")
    return client.trigger(which, n=1)


class ArgumentsTest(unittest.TestCase):
    def test_r6_fails_the_run_when_a_recorded_task_is_called_with_other_arguments(self) -> None:
        for which in (changing, stubborn):
            with self.subTest(which.name):
                run = crashed(which)
                self.assertEqual((run.status, run.error["code"]), ("failed", JournalMismatchError.code))
                self.assertIn('"double#1" is called with other arguments', run.error["message"])

    def test_r6_takes_the_recorded_result_with_a_warning_when_the_flow_is_not_strict(self) -> None:
        with self.assertLogs("perfect_client", "WARNING") as logs:
            run = crashed(lenient)
        self.assertEqual((run.status, run.result), ("succeeded", 4))
        self.assertIn("other arguments", logs.output[0])

    def test_r6_tells_arguments_apart_by_their_value(self) -> None:
        same = [hash_arguments(([1, {"a": 1, "b": 2.5}],), {}), hash_arguments(([1, {"b": 2.5, "a": 1}],), {})]
        self.assertEqual(same[0], same[1])
        self.assertNotEqual(same[0], hash_arguments(([1, {"a": 1, "b": 2}],), {}))
        self.assertNotEqual(hash_arguments((1,), {}), hash_arguments((), {"n": 1}))

    def test_r6_compares_nothing_that_is_no_json(self) -> None:
        self.assertIsNone(hash_arguments((object(),), {}))
        self.assertIsNone(hash_arguments((), {}))
