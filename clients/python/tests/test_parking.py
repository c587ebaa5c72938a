"""Runs that sleep for long are given back: they keep no slot, no thread and no process."""

from __future__ import annotations

import threading
import unittest
from unittest.mock import patch

from perfect_client import _parking
from perfect_client._client import CarrierChoice

from . import worker_flows as flows
from .worker_case import WorkerSetup, needs_websocket


class ParkingScenarios(WorkerSetup):
    """Each carrier runs all of them."""

    def setUp(self) -> None:
        super().setUp()
        short = patch.multiple(_parking, PARK_SECONDS=0.3, SETTLE_SECONDS=0.02)
        short.start()
        self.case.addCleanup(short.stop)
        self.listen(flows.napping, flows.napping_async, slots=1)

    def test_a_sleeping_run_is_given_back_with_its_log_and_goes_on_when_it_wakes(self) -> None:
        for name, seconds in (("napping", 1.0), ("napping_async", 1.0)):
            run = self.engine.trigger(name, {"seconds": seconds})
            self.engine.wait_for(lambda run=run: run.status == "waiting")
            release = self.engine.messages("run.release")[-1]
            self.case.assertEqual((release["reason"], release["epoch"]), ("sleeping", 1))
            self.case.assertTrue(0 < release["wakeInMs"] <= seconds * 1000)
            self.engine.finish(run)
            self.case.assertEqual((run.status, run.result, run.epoch), ("succeeded", 3, 2))
            self.case.assertEqual(run.completions, [*run.journal])
            self.case.assertEqual(max(n for what, n in self.stage.effects.items() if run.id in what), 1)
            if name == "napping":
                lines = [(line["msg"], line.get("fields", {})) for line in run.logs]
                again = ("going to sleep", {"replay": True})
                self.case.assertEqual(lines, [("note 1", {}), ("going to sleep", {}), again, ("note 2", {})])

    def test_its_slot_and_its_thread_are_free_meanwhile(self) -> None:
        sleeper = self.engine.trigger("napping", {"seconds": 60})
        self.engine.wait_for(lambda: sleeper.status == "waiting")
        short = self.engine.finish(self.engine.trigger("napping", {"seconds": 0}))
        self.case.assertEqual((short.result, sleeper.status), (3, "waiting"))
        self.case.assertFalse([t.name for t in threading.enumerate() if t.name == f"perfect-run-{sleeper.id}"])

    def test_a_run_with_a_task_under_way_stays(self) -> None:
        run = self.engine.trigger("napping", {"seconds": 0.8, "beside": True})
        self.enter_gate()
        self.engine.wait_for(lambda: "note#2" in run.journal)
        self.stage.gate.set()
        self.engine.finish(run)
        self.case.assertEqual((run.result, run.epoch), (3, 1))
        self.case.assertEqual(self.engine.messages("run.release"), [])

    def test_a_sleep_ends_with_a_cancel(self) -> None:
        run = self.engine.trigger("napping", {"seconds": 60, "beside": True})
        self.enter_gate()
        self.engine.cancel(run)
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.epoch), ("cancelled", 1))


class HttpParkingTest(ParkingScenarios, unittest.TestCase):
    """Over long polling, on the standard library."""

    carrier: CarrierChoice = "http"


@needs_websocket
class WebSocketParkingTest(ParkingScenarios, unittest.TestCase):
    """Over a WebSocket."""

    carrier: CarrierChoice = "websocket"
