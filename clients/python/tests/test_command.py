"""The command line: flows of a module run until a signal comes, and runs are started and listed."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from perfect_client import DefinitionError
from perfect_client._command import main
from perfect_client._targets import flows_of

from .fake_server import FakeServer

SOURCE = Path(__file__).parent.parent / "src"
FLOWS = """
from perfect_client import flow, task

@task
def double(n: int) -> int:
    return 2 * n

@flow
def doubled(n: int = 2) -> int:
    return double(n)

@flow(name="other")
def another() -> int:
    return 1

group = [another]
number = 3
"""


def run_view(status: str, **more: Any) -> dict[str, Any]:
    run = {"id": "run_1", "flowName": "doubled", "status": status, "progress": {"percent": 50}, "error": None}
    return {**run, "createdAt": "2026-11-22T00:00:00.000Z", "cancelReason": None, **more}


class TargetTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.name = f"flows_{id(self)}"
        self.file = Path(folder.name) / f"{self.name}.py"
        self.file.write_text(FLOWS, encoding="utf-8")
        self.addCleanup(sys.modules.pop, self.name, None)
        sys.path.insert(0, folder.name)
        self.addCleanup(sys.path.remove, folder.name)

    def names(self, target: str) -> list[str]:
        return [flow.name for flow in flows_of([target])]

    def test_finds_flows_by_module_file_and_name(self) -> None:
        self.assertEqual(self.names(self.name), ["doubled", "other"])
        self.assertEqual(self.names(f"{self.name}:*"), ["doubled", "other"])
        self.assertEqual(self.names(f"{self.name}:doubled"), ["doubled"])
        self.assertEqual(self.names(f"{self.name}:group"), ["other"])
        self.assertEqual(self.names(f"{self.name}:another,doubled"), ["other", "doubled"])
        self.assertEqual(self.names(str(self.file)), ["doubled", "other"])

    def test_says_what_is_not_there_and_what_is(self) -> None:
        wrong = {
            f"{self.name}:absent": r'"absent" of ".*" is not there, .* Flows of the module: another, doubled',
            f"{self.name}:number": r'"number" of ".*" is of type int, not a flow',
            "no_such_module": r'The module "no_such_module" is not found',
            "no/such/file.py": r'The file "no/such/file.py" does not exist',
            "json": r'There is no flow in "json"',
        }
        for target, message in wrong.items():
            with self.assertRaisesRegex(DefinitionError, message):
                flows_of([target])


class CommandTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = FakeServer()
        self.addCleanup(self.server.close)

    def call(self, *arguments: str) -> tuple[int, str, str]:
        output, problems = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(problems):
            code = main([*arguments, "--url", self.server.url])
        return code, output.getvalue(), problems.getvalue()

    def answer(self, status: int, body: Any) -> None:
        self.server.http.answers.append((status, body, {}))

    def test_runs_the_flows_of_a_file_until_a_signal_comes(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = Path(folder.name) / "my_flows.py"
        file.write_text(FLOWS, encoding="utf-8")
        command = [sys.executable, "-m", "perfect_client", "worker", str(file), "--url", self.server.url]
        environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        run = self.server.engine.finish(self.server.engine.trigger("doubled", {"n": 21}))
        self.assertEqual((run.status, run.result), ("succeeded", 42))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(15), 0)

    def test_starts_a_run_and_waits_for_it(self) -> None:
        self.answer(202, {"run": run_view("queued")})
        self.answer(200, {"run": run_view("running"), "result": None})
        self.answer(200, {"run": run_view("succeeded"), "result": 42})
        code, output, _ = self.call("trigger", "doubled", "n=21", "day=today", "--wait")
        self.assertEqual((code, output), (0, '{"id": "run_1", "status": "succeeded", "result": 42}\n'))
        self.assertEqual(self.server.http.requests[0][2], {"input": {"n": 21, "day": "today"}})

    def test_fails_with_a_run_that_fails(self) -> None:
        self.answer(202, {"run": run_view("queued")})
        error = {"name": "ValueError", "code": None, "message": "no rows"}
        self.answer(200, {"run": run_view("failed", error=error), "result": None})
        code, _, problems = self.call("trigger", "doubled", "--wait")
        self.assertEqual((code, problems), (1, "ValueError: no rows\n"))

    def test_lists_runs(self) -> None:
        self.answer(200, {"items": [run_view("running")], "nextCursor": None})
        code, output, _ = self.call("runs", "--flow", "doubled", "--status", "running")
        self.assertEqual(code, 0)
        self.assertRegex(output, r"run_1  running +50%  2026-11-22T00:00:00.000Z  doubled")
        self.assertIn("flow=doubled&status=running", self.server.http.requests[0][1])

    def test_says_what_is_wrong_with_its_arguments(self) -> None:
        code, _, problems = self.call("trigger", "doubled", "n")
        self.assertEqual(code, 2)
        self.assertIn('INPUT_INVALID: The parameter "n" has no value. Write it as name=value.', problems)
        self.answer(404, {"title": "No such flow", "detail": 'Flow "x" is not registered.', "code": "FLOW_NOT_FOUND"})
        code, _, problems = self.call("trigger", "x")
        self.assertEqual(code, 1)
        self.assertIn('FLOW_NOT_FOUND: Flow "x" is not registered.', problems)
