"""Executing runs: what is sent, in which order, and who gets the result."""

from __future__ import annotations

import threading
import unittest
from typing import Any

from perfect_client import create_client, flow
from perfect_client._client import CarrierChoice

from . import worker_flows as flows
from .worker_case import WorkerSetup, needs_websocket


class RunScenarios(WorkerSetup):
    """Each carrier runs all of them."""

    def test_runs_a_flow_and_records_its_tasks_in_order(self) -> None:
        self.listen()
        run = self.engine.finish(self.engine.trigger("steps", {"count": 3}))
        self.case.assertEqual((run.status, run.result, run.epoch), ("succeeded", 3, 1))
        self.case.assertEqual(list(run.journal), ["note#1", "note#2", "note#3"])
        kinds = [event["kind"] for event in run.events]
        self.case.assertEqual(kinds, ["step.started", "step.completed"] * 3 + ["run.completed"])
        self.case.assertEqual([line["msg"] for line in run.logs], ["note 0", "note 1", "note 2"])
        self.case.assertEqual(self.engine.registered[0]["name"], "steps")

    def test_tells_how_many_items_a_map_has(self) -> None:
        self.listen()
        run = self.engine.trigger("parallel")
        self.enter_gate(3)
        self.stage.gate.set()
        self.engine.finish(run)
        maps = {event["key"]: event["map"] for event in run.events if event["kind"] == "step.started"}
        self.case.assertEqual(maps, {f"wait_at_gate#1[{n}]": {"path": "wait_at_gate#1", "count": 3} for n in range(3)})

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

    def test_keeps_its_slots(self) -> None:
        self.listen(slots=2)
        runs = [self.engine.trigger("gated", {"before": 0}) for _ in range(3)]
        self.enter_gate(2)
        self.case.assertEqual([run.status for run in runs], ["running", "running", "queued"])
        self.stage.gate.set()
        for run in runs:
            self.case.assertEqual(self.engine.finish(run).status, "succeeded")
        self.case.assertEqual(self.engine.messages("run.reject"), [])

    def test_r12_sends_every_line_of_a_flood_once_and_in_order(self) -> None:
        self.listen()
        run = self.engine.finish(self.engine.trigger("flooding", {"lines": 5000}), 30)
        expected = [f"line {n}" for n in range(5000)] + ["note 5000"]
        self.case.assertEqual([line["msg"] for line in run.logs], expected)
        self.case.assertEqual(run.dropped_logs, 0)
        self.case.assertLess(len(self.engine.messages("log.batch")), 500)

    def test_sends_the_lines_of_a_task_before_its_end(self) -> None:
        self.listen()
        self.engine.finish(self.engine.trigger("steps", {"count": 3}))
        seen: list[str] = []
        for message in self.engine.received:
            seen += [line["msg"] for line in message.get("lines", ())]
            if any(event["kind"] == "step.completed" for event in message.get("events", ())):
                seen.append("end")
        self.case.assertEqual(seen, ["note 0", "end", "note 1", "end", "note 2", "end"])

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

    def test_runs_a_flow_that_was_registered_by_its_definition(self) -> None:
        self.listen(flows.steps.definition)
        self.case.assertEqual(self.engine.finish(self.engine.trigger("steps")).result, 3)

    def test_runs_async_flows(self) -> None:
        @flow
        async def answer() -> int:
            return 42

        self.listen(answer)
        self.case.assertEqual(self.engine.finish(self.engine.trigger("answer")).result, 42)


class HttpRunTest(RunScenarios, unittest.TestCase):
    """Over long polling, on the standard library."""

    carrier: CarrierChoice = "http"


@needs_websocket
class WebSocketRunTest(RunScenarios, unittest.TestCase):
    """Over a WebSocket."""

    carrier: CarrierChoice = "websocket"
