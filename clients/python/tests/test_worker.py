"""The worker against a small engine, over both carriers: what it does in order, and what it survives."""

from __future__ import annotations

import logging
import threading
import unittest
from typing import Any

from perfect_client import PerfectClient, create_client, flow
from perfect_client._carrier_ws import has_websocket
from perfect_client._client import CarrierChoice, ListenHandle

from . import worker_flows as flows
from .fake_engine import FakeEngine, Message
from .fake_server import FakeServer, wait_until


class WorkerScenarios:
    """The scenarios; each carrier runs all of them."""

    carrier: CarrierChoice
    client: PerfectClient

    def setUp(self) -> None:
        case = self.case
        self.stage = flows.reset()
        self.server = FakeServer(FakeEngine())
        case.addCleanup(self.server.close)
        case.addCleanup(self.stage.gate.set)
        logger = logging.getLogger("perfect_client")
        logger.setLevel(logging.CRITICAL)
        case.addCleanup(logger.setLevel, logging.NOTSET)

    @property
    def case(self) -> unittest.TestCase:
        assert isinstance(self, unittest.TestCase)
        return self

    @property
    def engine(self) -> FakeEngine:
        return self.server.engine

    def listen(
        self, *registered: Any, slots: int = 4, name: str | None = None, labels: dict[str, str] | None = None
    ) -> ListenHandle:
        client = create_client(self.server.url, slots=slots, name=name, labels=labels, carrier=self.carrier)
        self.client = client
        self.case.addCleanup(client.close)
        for definition in registered or (flows.steps, flows.gated, flows.parallel, flows.flooding, flows.long_journal):
            self.case.assertTrue(client.register_flow(definition))
        handle = client.listen_for_executions(block=False)
        self.case.assertTrue(handle.ready(5))
        return handle

    def enter_gate(self, times: int = 1) -> None:
        for _ in range(times):
            self.case.assertTrue(self.stage.entered.acquire(timeout=10))

    def test_runs_a_flow_and_records_its_tasks_in_order(self) -> None:
        self.listen()
        run = self.engine.finish(self.engine.trigger("steps", {"count": 3}))
        self.case.assertEqual((run.status, run.result, run.epoch), ("succeeded", 3, 1))
        self.case.assertEqual(list(run.journal), ["note#1", "note#2", "note#3"])
        kinds = [event["kind"] for event in run.events]
        self.case.assertEqual(kinds, ["step.started", "step.completed"] * 3 + ["run.completed"])
        self.case.assertEqual([line["msg"] for line in run.logs], ["note 0", "note 1", "note 2"])
        self.case.assertEqual(self.engine.registered[0]["name"], "steps")

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
        self.engine.wait_for(lambda: self._heartbeats() > 2, what="some heartbeats")
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

    def test_accepts_the_same_assignment_again(self) -> None:
        self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        with self.engine.lock:
            worker = next(iter(self.engine.workers.values()))
            assert worker.session is not None
            again = {"type": "run.assign", "runId": run.id, "epoch": run.epoch, "flow": "gated", "params": None}
            worker.session.send(again)
        self.engine.wait_for(lambda: len(self.engine.messages("run.accept")) == 2)
        self.stage.gate.set()
        self.engine.finish(run)
        self.case.assertEqual(self.stage.effects["gate 0"], 1)

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

    def test_starts_no_task_while_its_lease_is_in_doubt(self) -> None:
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
        self.case.assertEqual((run.status, run.epoch, self._heartbeats()), ("succeeded", 1, 1))

    def test_fetches_the_part_of_the_journal_that_did_not_fit(self) -> None:
        self.engine.inline_journal = 2
        self.listen()
        run = self.engine.trigger("long_journal", {"count": 10})
        self.enter_gate()
        self.engine.take_away(run)
        self.enter_gate()
        self.stage.gate.set()
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.epoch, run.result), ("succeeded", 2, 45))
        self.case.assertEqual(len(self.engine.messages("journal.get")), 3)
        self.case.assertEqual(max(n for what, n in self.stage.effects.items() if "note" in what), 1)

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

    def test_keeps_its_slots(self) -> None:
        self.listen(slots=2)
        runs = [self.engine.trigger("gated", {"before": 0}) for _ in range(3)]
        self.enter_gate(2)
        self.case.assertEqual([run.status for run in runs], ["running", "running", "queued"])
        self.stage.gate.set()
        for run in runs:
            self.case.assertEqual(self.engine.finish(run).status, "succeeded")
        self.case.assertEqual(self.engine.messages("run.reject"), [])

    def test_sends_every_line_of_a_flood_once_and_in_order(self) -> None:
        self.listen()
        run = self.engine.finish(self.engine.trigger("flooding", {"lines": 5000}), 30)
        expected = [f"line {n}" for n in range(5000)] + ["note 5000"]
        self.case.assertEqual([line["msg"] for line in run.logs], expected)
        self.case.assertEqual(run.dropped_logs, 0)
        self.case.assertLess(len(self.engine.messages("log.batch")), 500)

    def test_never_waits_for_logs_and_counts_what_it_drops(self) -> None:
        self.listen()
        blocked = threading.Event()
        self.engine.intercept = lambda message: message["type"] == "log.batch" and not blocked.is_set()
        worker = self.client._worker  # pyright: ignore[reportPrivateUsage]
        assert worker is not None
        worker.log_buffer._max_bytes = 20_000  # pyright: ignore[reportPrivateUsage]
        run = self.engine.trigger("flooding", {"lines": 5000})
        self.engine.wait_for(lambda: "note#1" in run.journal, what="the task after the flood")
        blocked.set()
        self.engine.drop_connections()
        self.engine.finish(run)
        self.case.assertGreater(run.dropped_logs, 0)
        numbers = [int(line["msg"].split()[1]) for line in run.logs if line["msg"].startswith("line")]
        self.case.assertEqual(numbers, sorted(set(numbers)))
        self.case.assertEqual(len(numbers) + run.dropped_logs, 5000)
        self.case.assertTrue(any("were dropped" in line["msg"] for line in run.logs))

    def test_sends_the_progress_of_a_task_at_most_once_in_an_interval(self) -> None:
        self.engine.limits = {"progressMs": 100}
        self.listen()
        run = self.engine.trigger("gated")
        self.enter_gate()
        self.engine.wait_for(lambda: len(run.progress) >= 3, what="some progress")
        self.stage.gate.set()
        self.engine.finish(run)
        # The task reports every 10 ms.
        self.case.assertLess(len(run.progress), 0.5 * self.stage.effects["gate 0"] * 100)
        self.case.assertEqual((run.progress[0]["done"], run.progress[0]["message"]), (0.5, "waiting"))

    def test_beats_when_it_is_idle(self) -> None:
        self.listen()
        self.engine.wait_for(lambda: self._heartbeats() >= 3, what="three heartbeats")
        self.case.assertEqual(self.engine.messages("heartbeat")[0]["runs"], [])

    def test_announces_a_flow_that_is_registered_later(self) -> None:
        self.listen(flows.steps)
        self.case.assertTrue(self.client.register_flow(flows.gated))
        self.stage.gate.set()
        self.case.assertEqual(self.engine.finish(self.engine.trigger("gated")).status, "succeeded")

    def test_tells_the_engine_who_it_is(self) -> None:
        self.listen(flows.steps, slots=3, name="box", labels={"zone": "a"})
        hello = self.engine.messages("hello")[0]
        self.case.assertEqual((hello["name"], hello["slots"], hello["labels"]), ("box", 3, {"zone": "a"}))
        self.case.assertEqual((hello["sdk"]["name"], hello["sdk"]["language"]), ("perfect_client", "python"))
        self.case.assertEqual(hello["flows"], [flows.steps.definition.to_hello()])

    def test_has_a_callback_execute_the_runs(self) -> None:
        client = create_client(self.server.url, carrier=self.carrier)
        self.case.addCleanup(client.close)
        client.register_flow({"name": "bare", "tasks": [{"name": "a"}]})
        client.register_flow(flows.steps)
        seen: list[tuple[str, str]] = []

        @client.on_execution_request
        def execute(request: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
            seen.append((request.flow, request.configuration))
            client.send_log(request.run_id, "from the callback", level="warning")
            return request.execute() if request.flow == "steps" else {"got": dict(request.params)}

        self.case.assertTrue(client.listen_for_executions(block=False).ready(5))
        bare = self.engine.finish(self.engine.trigger("bare", {"x": 1}, "debug"))
        steps = self.engine.finish(self.engine.trigger("steps"))
        self.case.assertEqual((bare.result, steps.result), ({"got": {"x": 1}}, 3))
        self.case.assertEqual(seen, [("bare", "debug"), ("steps", "development")])
        self.case.assertEqual([(line["level"], line["msg"]) for line in bare.logs], [("warn", "from the callback")])

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

    def test_runs_async_flows(self) -> None:
        @flow
        async def answer() -> int:
            return 42

        self.listen(answer)
        self.case.assertEqual(self.engine.finish(self.engine.trigger("answer")).result, 42)

    def _heartbeats(self) -> int:
        return len(self.engine.messages("heartbeat"))


def _all_final(runs: list[Any]) -> bool:
    return all(run.is_final for run in runs)


class HttpWorkerTest(WorkerScenarios, unittest.TestCase):
    """Over long polling, on the standard library."""

    carrier: CarrierChoice = "http"


@unittest.skipUnless(has_websocket(), "websocket-client is not installed (Debian: python3-websocket)")
class WebSocketWorkerTest(WorkerScenarios, unittest.TestCase):
    """Over a WebSocket."""

    carrier: CarrierChoice = "websocket"

    def test_goes_on_over_http_where_websockets_are_not_let_through(self) -> None:
        self.server.http.upgrade_status = 502
        client = create_client(self.server.url)
        self.addCleanup(client.close)
        client.register_flow(flows.steps)
        self.assertTrue(client.listen_for_executions(block=False).ready(5))
        self.assertEqual(self.engine.finish(self.engine.trigger("steps")).status, "succeeded")


class RefusalTest(unittest.TestCase):
    def test_stops_when_the_engine_does_not_know_its_token(self) -> None:
        from perfect_client._carrier import ConnectionRefused

        logging.getLogger("perfect_client").setLevel(logging.CRITICAL)
        self.addCleanup(logging.getLogger("perfect_client").setLevel, logging.NOTSET)
        server = FakeServer()
        self.addCleanup(server.close)
        server.http.token = "right"
        carriers: list[CarrierChoice] = ["http", "websocket"] if has_websocket() else ["http"]
        for carrier in carriers:
            with self.subTest(carrier=carrier):
                asked: list[int] = []
                client = create_client(
                    server.url, token=lambda asked=asked: asked.append(1) or "wrong", carrier=carrier
                )
                self.assertFalse(client.register_flow(flows.steps))
                self.assertEqual(getattr(client.last_error, "status", None), 401)
                with self.assertRaises(ConnectionRefused) as raised:
                    client.listen_for_executions(handle_signals=False)
                self.assertEqual(raised.exception.code, "UNAUTHORIZED")
                self.assertGreaterEqual(len(asked), 2, "the token is asked for once more")

    def test_gives_its_token(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)
        server.http.token = "right"
        client = create_client(server.url, token="right", carrier="http")
        self.addCleanup(client.close)
        self.assertTrue(client.register_flow(flows.steps))
        self.assertTrue(client.listen_for_executions(block=False).ready(5))
        self.assertIs(client.listen_for_executions.__self__, client)

    def test_listens_once_at_a_time(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)
        with create_client(server.url, carrier="http") as client:
            client.listen_for_executions(block=False)
            with self.assertRaisesRegex(Exception, "listens already"):
                client.listen_for_executions(block=False)


class BackoffTest(unittest.TestCase):
    def test_waits_a_random_time_that_grows_and_is_bounded(self) -> None:
        from perfect_client import _connection

        backoff = _connection._backoff  # pyright: ignore[reportPrivateUsage]
        self.assertLessEqual(max(backoff(1, 30.0, None) for _ in range(100)), 0.5)
        self.assertLessEqual(max(backoff(1000, 30.0, None) for _ in range(100)), 30.0)
        self.assertLessEqual(max(backoff(1000, 1.5, None) for _ in range(100)), 1.5)
        self.assertGreaterEqual(backoff(0, 30.0, 2.0), 2.0)
