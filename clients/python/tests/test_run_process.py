"""Runs in processes of their own: they tell the same as in threads, can be killed, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from perfect_client import DefinitionError, create_client, flow
from perfect_client._client import CarrierChoice
from perfect_client._executable import Isolation

from . import run_flows as flows
from .fake_server import wait_until
from .test_process import is_alive
from .worker_case import WorkerSetup, needs_websocket

WORKER = """
import sys
sys.path[:0] = {path!r}
from perfect_client import create_client
from tests import run_flows as flows
if __name__ == "__main__":
    client = create_client({url!r}, carrier="http", isolation="process")
    client.register_flow(flows.held)
    client.listen_for_executions()
"""


class RunProcessScenarios(WorkerSetup):
    """Each carrier runs all of them."""

    isolation: Isolation = "process"

    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.case.addCleanup(folder.cleanup)
        self.marks = Path(folder.name)

    def trigger(self, name: str, **params: Any) -> Any:
        return self.engine.trigger(name, {"marks": str(self.marks), **params})

    def effects(self) -> list[str]:
        return (self.marks / "effects").read_text(encoding="utf-8").split()

    def pids(self) -> list[int]:
        wait_until(lambda: (self.marks / "pids").exists() and (self.marks / "pids").read_text(), 20, "the task")
        return [int(pid) for pid in (self.marks / "pids").read_text(encoding="utf-8").split()]

    def assert_gone(self, pids: list[int]) -> None:
        wait_until(lambda: not any(is_alive(pid) for pid in pids), 10, "the end of the processes")

    def test_tells_the_same_as_a_run_in_a_thread(self) -> None:
        self.listen(flows.held)
        run = self.trigger("held")
        self.engine.wait_for(lambda: [message["key"] for message in self.engine.messages("progress")] == ["hold#1"])
        (self.marks / "go").touch()
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.completions), ("succeeded", ["mark#1", "hold#1", "mark#2"]))
        self.case.assertNotEqual(run.result["first"], os.getpid())
        self.case.assertEqual(run.result["first"], run.result["last"])
        self.case.assertEqual([line["msg"] for line in run.logs], ["marked 1", "marked 2"])

    def test_records_how_a_flow_failed(self) -> None:
        self.listen(flows.failing)
        run = self.engine.finish(self.trigger("failing"))
        self.case.assertEqual((run.status, run.error["type"]), ("failed", "LookupError"))

    def test_runs_async_flows_and_callbacks(self) -> None:
        handle = self.listen(flows.waiting)
        self.case.assertEqual(self.engine.finish(self.trigger("waiting")).result, 1)
        handle.close()
        self.client.on_execution_request(flows.answer)
        self.client.listen_for_executions(block=False).ready(5)
        run = self.engine.finish(self.trigger("waiting"))
        self.case.assertEqual(run.result["flow"], "waiting")
        self.case.assertNotEqual(run.result["pid"], os.getpid())

    def test_interrupts_a_cancelled_run_that_does_not_look(self) -> None:
        self.listen(flows.held)
        run = self.trigger("held")
        pids = self.pids()
        self.engine.cancel(run)
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.completions), ("cancelled", ["mark#1"]))
        self.case.assertTrue((self.marks / "cleaned").exists())
        self.assert_gone(pids)

    def test_kills_a_cancelled_run_that_cannot_be_interrupted(self) -> None:
        self.listen(flows.held)
        run = self.trigger("held", stubborn=True)
        pids = self.pids()
        os.kill(pids[0], signal.SIGSTOP)
        self.engine.cancel(run, grace_ms=500)
        self.engine.finish(run, timeout=4)
        self.case.assertEqual((run.status, run.completions), ("cancelled", ["mark#1"]))
        self.assert_gone(pids)

    def test_kills_a_run_that_was_taken_away(self) -> None:
        self.listen(flows.held)
        run = self.trigger("held")
        pids = self.pids()
        self.engine.hold(run)
        self.assert_gone(pids)
        self.case.assertEqual(run.completions, ["mark#1"])

    def test_goes_on_in_another_process_when_one_dies(self) -> None:
        self.listen(flows.dying)
        # As the real one: the start of a task is acknowledged with its end.
        self.engine.intercept = lambda message: (
            message["type"] == "run.events" and all(event["kind"] == "step.started" for event in message["events"])
        )
        run = self.engine.finish(self.trigger("dying"))
        self.case.assertEqual((run.status, run.completions), ("succeeded", ["mark#1", "die_once#1", "mark#2"]))
        self.case.assertEqual(self.effects(), ["1", "2"])
        self.case.assertEqual([message["reason"] for message in self.engine.messages("run.release")], ["crashed"])

    def test_gives_a_run_back_that_sleeps(self) -> None:
        self.listen(flows.napping)
        run = self.trigger("napping")
        self.engine.wait_for(lambda: bool(self.engine.messages("run.release")))
        self.case.assertEqual(self.engine.messages("run.release")[0]["reason"], "sleeping")
        self.case.assertEqual(run.completions, ["mark#1", "sleep#1"])

    def test_leaves_no_process_behind_when_the_worker_is_killed(self) -> None:
        script = self.marks / "script.py"
        path = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "src")]
        script.write_text(WORKER.format(path=path, url=self.server.url), encoding="utf-8")
        with subprocess.Popen([sys.executable, str(script)]) as worker:
            run = self.trigger("held")
            pids = self.pids()
            worker.kill()
        self.assert_gone(pids)
        self.listen(flows.held)
        (self.marks / "go").touch()
        self.engine.finish(run)
        self.case.assertEqual((run.status, run.completions), ("succeeded", ["mark#1", "hold#1", "mark#2"]))
        self.case.assertEqual(self.effects(), ["1", "2"])


has_proc = unittest.skipUnless(Path("/proc/self/stat").exists(), "looks processes up in /proc")


@has_proc
class HttpRunProcessTest(RunProcessScenarios, unittest.TestCase):
    """Over long polling, on the standard library."""

    carrier: CarrierChoice = "http"


@has_proc
@needs_websocket
class WebSocketRunProcessTest(RunProcessScenarios, unittest.TestCase):
    """Over a WebSocket."""

    carrier: CarrierChoice = "websocket"


class RefusalTest(unittest.TestCase):
    def test_refuses_a_flow_that_a_process_cannot_find(self) -> None:
        @flow
        def local() -> None: ...

        client = create_client("http://127.0.0.1:9", isolation="process", timeout=0.2)
        self.addCleanup(client.close)
        client._flows[local.name] = (local.definition, local)  # pyright: ignore[reportPrivateUsage]
        with self.assertRaisesRegex(DefinitionError, "is not at the top of a module"):
            client.listen_for_executions(block=False)

    def test_refuses_an_unknown_isolation(self) -> None:
        with self.assertRaisesRegex(DefinitionError, 'Give "thread" or "process"'):
            create_client(isolation="fiber")  # type: ignore[call-overload]
