"""The fixtures for pytest, in a pytest of their own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .fake_server import FakeServer

SOURCE = Path(__file__).parent.parent / "src"
TESTS = """
from perfect_client import flow, task

@task
def double(n): return 2 * n

@flow
def doubled(n): return double(n)

def test_mock(perfect_client):
    perfect_client.simulate_crash(after="double#1")
    run = perfect_client.trigger(doubled, n=21)
    assert (run.result, run.epochs) == (42, 2)

def test_engine(perfect_engine):
    assert perfect_engine.health() == "ok"
"""


@unittest.skipUnless(importlib.util.find_spec("pytest"), "pytest is not installed")
class PytestPluginTest(unittest.TestCase):
    def run_pytest(self, **environment: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "test_flows.py"
            file.write_text(TESTS, encoding="utf-8")
            command = [sys.executable, "-m", "pytest", "-p", "perfect_client.pytest_plugin", "-rs", str(file)]
            kept = {name: value for name, value in os.environ.items() if not name.startswith("PERFECT_")}
            variables = {**kept, "PYTHONPATH": str(SOURCE), **environment}
            return subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True).stdout

    def test_gives_a_mock_and_skips_what_needs_an_engine(self) -> None:
        output = self.run_pytest()
        self.assertIn("1 passed, 1 skipped", output)
        self.assertIn("There is no engine: set PERFECT_URL", output)

    def test_uses_the_engine_that_is_there(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)
        server.http.answers += [(200, {"status": "ok"}, {}), (200, {"status": "ok"}, {})]
        self.assertIn("2 passed", self.run_pytest(PERFECT_URL=server.url))

    def test_starts_one_with_the_command_and_ends_it(self) -> None:
        code = (
            "import os; from http.server import *\n"
            "class H(BaseHTTPRequestHandler):\n"
            "    def do_GET(self):\n"
            '        self.send_response(200); self.end_headers(); self.wfile.write(b\'{"status": "ok"}\')\n'
            "HTTPServer(('127.0.0.1', int(os.environ['PORT'])), H).serve_forever()"
        )
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "server.py"
            script.write_text(code, encoding="utf-8")
            output = self.run_pytest(PERFECT_ENGINE_COMMAND=f"{sys.executable} {script}")
        self.assertIn("2 passed", output)
