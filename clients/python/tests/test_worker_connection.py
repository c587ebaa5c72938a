"""Lost, dead and stolen connections: nothing is repeated, nothing is lost."""

from __future__ import annotations

import unittest
from typing import Any

from perfect_client import create_client
from perfect_client._client import CarrierChoice

from . import worker_flows as flows
from .fake_records import Message
from .fake_server import FakeServer, wait_until
from .worker_case import WorkerSetup, needs_websocket


class ConnectionScenarios(WorkerSetup):
    """Each carrier runs all of them."""

    def test_gives_a_result_to_the_flow_only_after_it_is_recorded(self) -> None:
        self.listen()
        withheld: list[Message] = []

        def withhold(message: Message) -> bool:
            completes = message["type"] == "run.events" and any(
                event["kind"] == "step.completed" for event in message["events"]
            )
            if completes and not withheld:
                withheld.append(message)
                return True
            return False

        self.engine.intercept = withhold
        run = self.engine.trigger("steps", {"count": 2})
        self.engine.wait_for(lambda: bool(withheld), what="the first result")
        self.engine.wait_for(lambda: self.heartbeats() > 2, what="some heartbeats")
        self.case.assertEqual(sum(self.stage.effects.values()), 1, "the next task waits for the record of the first")
        self.engine.drop_connections()
        self.engine.finish(run)
        self.case.assertEqual((run.result, run.epoch, sum(self.stage.effects.values())), (1, 1, 2))

    def test_goes_on_after_a_lost_connection_without_repeating_anything(self) -> None:
        self.listen()
        runs = [self.engine.trigger("steps", {"count": 20}) for _ in range(4)]
        for _ in range(3):
            seen = sum(len(run.journal) for run in runs)
            self.engine.wait_for(lambda seen=seen: sum(len(r.journal) for r in runs) > seen + 3 or _all_final(runs))
            self.engine.drop_connections()
        for run in runs:
            self.engine.finish(run)
            self.case.assertEqual((run.status, run.result, run.epoch), ("succeeded", 190, 1))
            self.case.assertEqual(run.completions, [f"note#{n}" for n in range(1, 21)])
            self.case.assertEqual([line["msg"] for line in run.logs], [f"note {n}" for n in range(20)])
        self.case.assertEqual(set(self.stage.effects.values()), {1})

    def test_sends_again_what_was_lost_in_the_middle_of_a_batch(self) -> None:
        self.listen()
        lost: list[Message] = []

        def lose(message: Message) -> bool:
            # The first batch with results is stored, but its answer gets lost with the connection.
            if message["type"] == "run.events" and len(message["events"]) >= 1 and len(lost) < 2:
                lost.append(message)
                self.engine.drop_connections()
            return False

        self.stage.gate.set()
        self.engine.intercept = lose
        run = self.engine.finish(self.engine.trigger("parallel", {"width": 5}))
        self.case.assertEqual((run.status, run.result, run.epoch, len(lost)), ("succeeded", 10, 1, 2))
        self.case.assertEqual(len(run.completions), len(set(run.completions)))

    def test_fills_a_gap_that_the_engine_reports(self) -> None:
        self.listen()
        swallowed: list[Message] = []

        def swallow(message: Message) -> bool:
            if message["type"] == "run.events" and not swallowed:
                swallowed.append(message)
                held = next(iter(self.engine.runs.values()))
                session = next(iter(self.engine.workers.values())).session
                assert session is not None
                session.send(
                    {
                        "type": "error",
                        "re": "run.events",
                        "code": "journal_gap",
                        "runId": held.id,
                        "epoch": held.epoch,
                        "expectedSeq": 1,
                        "title": "Missing events",
                        "fatal": False,
                    }
                )
                return True
            return False

        self.engine.intercept = swallow
        run = self.engine.finish(self.engine.trigger("steps"))
        self.case.assertEqual((run.status, run.epoch, len(swallowed)), ("succeeded", 1, 1))

    def test_survives_the_same_acknowledgement_twice_and_an_old_one(self) -> None:
        self.listen()

        def repeat(message: Message) -> bool:
            if message["type"] == "run.events":
                worker = next(iter(self.engine.workers.values()))
                run = self.engine.runs[message["runId"]]
                assert worker.session is not None
                for seq in (run.seq, 0):
                    worker.session.send({"type": "run.ack", "runId": run.id, "epoch": run.epoch, "seq": seq})
                worker.session.send({"type": "run.ack", "runId": run.id, "epoch": run.epoch + 1, "seq": 99})
                worker.session.send({"type": "of.the.future", "x": 1})
            return False

        self.engine.intercept = repeat
        run = self.engine.finish(self.engine.trigger("steps"))
        self.case.assertEqual((run.status, list(run.journal)), ("succeeded", ["note#1", "note#2", "note#3"]))
        self.case.assertIn("unknown_type", [message["code"] for message in self.engine.messages("error")])

    def test_connects_again_when_a_newer_connection_took_over(self) -> None:
        handle = self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        with self.engine.lock:
            worker = next(iter(self.engine.workers.values()))
            assert worker.session is not None
            worker.session.close(4409, "superseded")
        self.engine.wait_for(lambda: len(self.engine.messages("hello")) == 2)
        self.stage.gate.set()
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.epoch, handle.ready(5)), ("succeeded", 1, True))

    def test_notices_a_connection_that_is_open_but_dead(self) -> None:
        self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        hellos = len(self.engine.messages("hello"))
        self.engine.intercept = lambda message: (
            message["type"] != "hello" and not self.engine.messages("hello")[hellos:]
        )
        self.stage.gate.set()
        self.engine.wait_for(lambda: len(self.engine.messages("hello")) > hellos, what="a new connection")
        self.engine.intercept = None
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.epoch), ("succeeded", 1))

    def test_r7_starts_no_task_while_its_lease_is_in_doubt(self) -> None:
        # The lease ends long before the heartbeat that renews it.
        self.engine.lease_ms, self.engine.heartbeat_ms = 300, 1500
        self.listen()
        run = self.engine.trigger("gated")
        with self.engine.lock:
            run.lease_until += 60
        self.enter_gate()
        worker = self.client._worker  # pyright: ignore[reportPrivateUsage]
        assert worker is not None
        wait_until(lambda: not worker.lease.is_valid, what="the end of the lease")
        self.stage.gate.set()
        self.engine.wait_for(lambda: "wait_at_gate#1" in run.journal, what="the result of the running task")
        self.case.assertFalse(worker.lease.is_valid)
        self.case.assertEqual(sum("note 100" in what for what in self.stage.effects), 0)
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.epoch, self.heartbeats()), ("succeeded", 1, 1))

    def test_beats_when_it_is_idle(self) -> None:
        self.listen()
        self.engine.wait_for(lambda: self.heartbeats() >= 3, what="three heartbeats")
        self.case.assertEqual(self.engine.messages("heartbeat")[0]["runs"], [])

    def test_goes_on_with_its_runs_when_the_engine_was_restarted(self) -> None:
        self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        engine, port = self.engine, self.server.port
        self.server.close(keep_engine=True)
        self.stage.gate.set()
        self.server = FakeServer(engine, port)
        self.case.addCleanup(self.server.close)
        engine.finish(run)
        self.case.assertEqual((run.status, run.epoch), ("succeeded", 1))


class HttpConnectionTest(ConnectionScenarios, unittest.TestCase):
    """Over long polling, on the standard library."""

    carrier: CarrierChoice = "http"


@needs_websocket
class WebSocketConnectionTest(ConnectionScenarios, unittest.TestCase):
    """Over a WebSocket."""

    carrier: CarrierChoice = "websocket"

    def test_goes_on_over_http_where_websockets_are_not_let_through(self) -> None:
        self.server.http.upgrade_status = 502
        client = create_client(self.server.url)
        self.addCleanup(client.close)
        client.register_flow(flows.steps)
        self.assertTrue(client.listen_for_executions(block=False).ready(5))
        self.assertEqual(self.engine.finish(self.engine.trigger("steps")).status, "succeeded")


def _all_final(runs: list[Any]) -> bool:
    return all(run.is_final for run in runs)
