"""What code inside a run can ask and say: the current run, progress, logs and prints."""

from __future__ import annotations

import unittest

from perfect_client import MockClient, current_run, flow, get_logger, progress, task, track


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
