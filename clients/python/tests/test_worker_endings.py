"""Runs that end early: taken away, cancelled, or given back."""

from __future__ import annotations

import threading
import unittest

from perfect_client._client import CarrierChoice

from . import worker_flows as flows
from .fake_server import wait_until
from .worker_case import WorkerSetup, needs_websocket


class EndingScenarios(WorkerSetup):
    """Each carrier runs all of them."""

    def test_gives_up_a_run_of_an_old_epoch_and_runs_the_new_one(self) -> None:
        self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        self.engine.take_away(run)
        self.enter_gate()
        wait_until(lambda: self.stage.signals == ["RunRevoked"], what="the signal in the task of the old epoch")
        self.stage.gate.set()
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.epoch, run.result), ("succeeded", 2, 100))
        self.case.assertEqual(run.completions, ["note#1", "wait_at_gate#1", "note#2"])
        self.case.assertEqual(max(n for what, n in self.stage.effects.items() if "note" in what), 1)

    def test_hears_in_a_heartbeat_that_a_run_is_no_longer_its_own(self) -> None:
        self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        self.engine.hold(run)
        wait_until(lambda: self.stage.signals == ["RunRevoked"], what="the signal in the task")
        self.case.assertEqual(run.completions, ["note#1"])

    def test_frees_the_slot_of_a_revoked_run_at_once(self) -> None:
        self.listen(flows.sleeping, flows.steps, slots=1)
        stuck = self.engine.trigger("sleeping")
        self.enter_gate()
        self.engine.hold(stuck)
        run = self.engine.finish(self.engine.trigger("steps"))
        self.case.assertEqual(run.status, "succeeded")

    def test_ends_a_cancelled_run_at_its_next_progress(self) -> None:
        self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        self.engine.cancel(run)
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.completions), ("cancelled", ["note#1"]))
        self.case.assertEqual(self.stage.signals, ["RunCancelled"])

    def test_hears_of_a_cancel_after_a_lost_connection(self) -> None:
        self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        with self.engine.lock:
            run.cancel = True
        self.engine.drop_connections()
        self.engine.finish(run)
        self.case.assertEqual(run.status, "cancelled")

    def test_waits_for_its_runs_when_it_drains(self) -> None:
        handle = self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        drained: list[bool] = []
        thread = threading.Thread(target=lambda: drained.append(handle.drain(10)))
        thread.start()
        self.engine.wait_for(lambda: bool(self.engine.messages("drain")))
        self.case.assertEqual(handle.state, "draining")
        later = self.engine.trigger("steps")
        self.stage.gate.set()
        thread.join(10)
        self.case.assertEqual((drained, handle.state), ([True], "closed"))
        self.case.assertEqual((run.status, run.epoch, later.status), ("succeeded", 1, "queued"))

    def test_gives_back_what_is_left_after_the_drain(self) -> None:
        handle = self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        self.case.assertFalse(handle.drain(0.05))
        self.engine.wait_for(lambda: run.status == "queued")
        self.case.assertEqual((run.epoch, run.completions), (1, ["note#1"]))
        wait_until(lambda: self.stage.signals == ["RunRevoked"])
        self.case.assertEqual([message["reason"] for message in self.engine.messages("run.release")], ["shutdown"])


class HttpEndingTest(EndingScenarios, unittest.TestCase):
    """Over long polling, on the standard library."""

    carrier: CarrierChoice = "http"


@needs_websocket
class WebSocketEndingTest(EndingScenarios, unittest.TestCase):
    """Over a WebSocket."""

    carrier: CarrierChoice = "websocket"
