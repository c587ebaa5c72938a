"""Attempts of a task: retries, timeouts, results that cannot be recorded, and tasks that must not run twice."""

from __future__ import annotations

import threading
import unittest

from perfect_client import MockClient, RunCancelled, current_run, flow, task, track


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

    def test_r17_fails_a_result_that_cannot_be_recorded_without_a_retry(self) -> None:
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
        @flow
        def counting(n: int) -> int:
            return n

        run = MockClient().trigger(counting, n="x")
        self.assertEqual((run.status, run.error["code"]), ("failed", "INPUT_INVALID"))

    def test_ends_the_flow_and_not_the_worker_when_it_exits(self) -> None:
        @flow
        def leaving() -> None:
            raise SystemExit(3)

        run = MockClient().trigger(leaving)
        self.assertEqual((run.status, run.error["type"]), ("failed", "SystemExit"))
