"""Tasks in processes of their own: what they say comes back, and they end when they should."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any

from perfect_client import DefinitionError, MockClient, task
from perfect_client._memory_engine import MemoryEngine

from . import process_flows as flows
from .fake_server import wait_until

KILL_PARENT = """
import sys
sys.path[:0] = {path!r}
from perfect_client import MockClient
from tests import process_flows as flows
if __name__ == "__main__":
    MockClient().trigger(flows.hanging, marks={marks!r})
"""


def is_alive(pid: int) -> bool:
    try:
        # A zombie that nobody has waited for is gone too.
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except OSError:
        return False


@unittest.skipUnless(Path("/proc/self/stat").exists(), "looks processes up in /proc")
class ProcessTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.marks = Path(folder.name)

    def pids(self) -> list[int]:
        wait_until(lambda: (self.marks / "pids").exists() and (self.marks / "pids").read_text(), 20, "the task")
        return [int(pid) for pid in (self.marks / "pids").read_text(encoding="utf-8").split()]

    def assert_gone(self, pids: list[int]) -> None:
        wait_until(lambda: not any(is_alive(pid) for pid in pids), 10, "the end of the processes")

    def test_runs_elsewhere_and_tells_how_it_goes(self) -> None:
        run = MockClient().trigger(flows.isolated, note="half")
        result: Any = run.result
        self.assertNotEqual(result["pid"], os.getpid())
        self.assertEqual((result["key"], result["flow"]), (f"{run.run_id}:where#1", "isolated"))
        self.assertIn(("where#1", 0.5), run.progress)
        self.assertEqual([line["msg"] for line in run.logs], ["working on half", "printed"])
        self.assertEqual({line["task"] for line in run.logs}, {"where#1"})

    def test_retries_and_records_what_the_task_raised(self) -> None:
        self.assertEqual(MockClient().trigger(flows.failing, times=1).result, 2)
        run = MockClient().trigger(flows.failing, times=5)
        with self.assertRaisesRegex(flows.OddError, "row 2: bad"):
            run.value()
        self.assertIn("raise OddError", run.journal["fails#1"]["error"]["stack"])

    def test_is_killed_by_a_cancel_with_all_it_has_started(self) -> None:
        engine = MemoryEngine()
        runs: list[Any] = []
        thread = threading.Thread(target=lambda: runs.append(engine.execute(flows.hanging, {"marks": str(self.marks)})))
        thread.start()
        pids = self.pids()
        engine.cancel()
        thread.join(20)
        self.assertEqual(runs[0].status, "cancelled")
        self.assertTrue((self.marks / "cleaned").exists())
        self.assert_gone(pids)

    def test_is_killed_after_the_grace_of_the_cancel(self) -> None:
        engine = MemoryEngine()
        thread = threading.Thread(target=engine.execute, args=(flows.hanging, {"marks": str(self.marks)}))
        thread.start()
        pids = self.pids()
        os.kill(pids[0], signal.SIGSTOP)  # It cannot hear that it should end.
        engine.cancel(grace=0.2)
        thread.join(4)
        self.assertFalse(thread.is_alive())
        self.assertFalse((self.marks / "cleaned").exists())
        self.assert_gone(pids)

    def test_is_killed_by_its_timeout(self) -> None:
        run = MockClient().trigger(flows.hanging, marks=str(self.marks), timeout=1.5)
        self.assertEqual((run.status, run.error["code"]), ("failed", "TASK_TIMEOUT"))
        if (self.marks / "pids").exists():
            self.assert_gone(self.pids())

    def test_ends_with_the_worker_that_is_killed(self) -> None:
        script = self.marks / "script.py"
        path = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "src")]
        script.write_text(KILL_PARENT.format(path=path, marks=str(self.marks)), encoding="utf-8")
        with subprocess.Popen([sys.executable, str(script)]) as worker:
            pids = self.pids()
            worker.kill()
        self.assert_gone(pids)

    def test_fails_when_its_process_dies(self) -> None:
        run = MockClient().trigger(flows.dying)
        self.assertEqual((run.status, run.error["code"]), ("failed", "PROCESS_FAILED"))
        self.assertIn('process of task "dies#1" ended without a result', run.error["message"])

    def test_says_what_cannot_be_sent(self) -> None:
        run = MockClient().trigger(flows.giving_nothing)
        self.assertEqual(run.error["code"], "VALUE_UNSERIALIZABLE")
        self.assertIn('result of task "unsendable#1" cannot be stored', run.error["message"])

    def test_refuses_functions_that_a_process_cannot_find(self) -> None:
        with self.assertRaisesRegex(DefinitionError, 'isolation of task "local" is "process", and .* inside another'):

            @task(isolation="process")
            def local() -> None: ...
