"""The client without a server."""

from __future__ import annotations

import asyncio
import unittest
from datetime import datetime, timedelta, timezone
from typing import Any

from perfect_client import ExecutionRequest, MockClient, NotFoundError, create_client, flow, task


@task
def double(n: int) -> int:
    return n * 2


@flow(timeout=60)
def hurried() -> None: ...


@flow
def doubled(n: int = 1) -> int:
    return double(n)


class MockClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.client: MockClient = create_client(mock=True)

    def test_keeps_what_it_is_given(self) -> None:
        self.assertTrue(self.client.register_flow(doubled))
        self.assertTrue(self.client.register_flow({"name": "bare", "tasks": []}))
        self.assertTrue(self.client.send_log("run_1", "Processing..."))
        self.assertIsNone(self.client.listen_for_executions())
        asyncio.run(self.client.listen_async())
        self.assertEqual(list(self.client.registered), ["doubled", "bare"])
        self.assertEqual(self.client.logs, [("run_1", "Processing...")])
        expected = ["register_flow", "register_flow", "send_log", "listen_for_executions", "listen_async"]
        self.assertEqual(self.client.calls, expected)

    def test_runs_a_registered_flow_by_its_name(self) -> None:
        self.client.register_flow(doubled.definition)
        run = self.client.trigger("doubled", n=4)
        self.assertEqual((run.status, run.value(), run.epochs), ("succeeded", 8, 1))
        with self.assertRaises(NotFoundError) as raised:
            self.client.trigger("unknown")
        self.assertEqual(raised.exception.code, "FLOW_NOT_FOUND")

    def test_has_the_callback_execute_the_run(self) -> None:
        @self.client.on_execution_request
        def execute(request: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
            return [request.params, request.execute()]

        self.assertEqual(self.client.trigger(doubled, n=2).result, [{"n": 2}, 4])

    def test_tells_the_callback_until_when_the_run_may_take(self) -> None:
        deadlines: list[datetime | None] = []

        @self.client.on_execution_request
        def execute(request: ExecutionRequest) -> None:  # pyright: ignore[reportUnusedFunction]
            deadlines.append(request.deadline)

        began = datetime.now(timezone.utc)
        self.client.trigger(hurried)
        self.client.trigger(doubled)
        deadline, none = deadlines
        self.assertIsNone(none)
        assert deadline is not None
        # Instants on the wire are whole milliseconds.
        self.assertGreaterEqual(deadline, began + timedelta(seconds=59.9))
        self.assertLessEqual(deadline, datetime.now(timezone.utc) + timedelta(seconds=60))

    def test_crashes_once_after_a_task(self) -> None:
        self.client.simulate_crash(after="double#1")
        self.assertEqual(self.client.trigger(doubled).epochs, 2)
        self.assertEqual(self.client.trigger(doubled).epochs, 1)

    def test_is_ready_at_once_in_the_background(self) -> None:
        with self.client as client:
            handle = client.listen_for_executions(block=False)
            assert handle is not None
            self.assertTrue(handle.ready(0))
            self.assertTrue(handle.drain())
            handle.close()
        self.assertEqual(self.client.calls[-1], "close")
