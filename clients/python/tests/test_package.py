"""The package as a whole: what importing it costs, what it exports, and that it needs nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

import perfect_client
from perfect_client import api, errors, sdk
from perfect_client.errors import PerfectError

SOURCE = Path(perfect_client.__file__).parent

HEAVY: set[str] = {
    "asyncio",
    "email",
    "http.client",
    "multiprocessing",
    "requests",
    "socket",
    "sqlite3",
    "ssl",
    # Before Python 3.11 the module uuid loads it.
    *(["subprocess"] if sys.version_info >= (3, 11) else list[str]()),
    "urllib.request",
    "websocket",
}

RUNNING = {f"perfect_client.{name}" for name in ("_client", "_execute", "_run", "_task_call", "_worker")}

# Nothing but the standard library, and no network before somebody asks for it.
IMPORT = """
import json, sys
before = set(sys.modules)
import perfect_client
print(json.dumps(sorted(set(sys.modules) - before)))
"""

WITHOUT_EXTRAS = """
import sys
sys.modules["requests"] = None
sys.modules["websocket"] = None
from perfect_client import create_client, flow, task
from perfect_client._carrier_ws import has_websocket

@task
def double(n): return n * 2

@flow
def doubled(n=2): return double(n)

assert not has_websocket()
client = create_client()
assert type(client.session).__name__ == "StdlibSession", client.session
assert client.register_flow(doubled), client.last_error
handle = client.listen_for_executions(block=False)
assert handle.ready(5)
sys.stdin.readline()
assert handle.drain(5)
"""


def python(code: str, **environment: str) -> subprocess.Popen[str]:
    """Runs code in another interpreter that finds the package."""
    variables = {**os.environ, "PYTHONPATH": str(SOURCE.parent), **environment}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class ImportTest(unittest.TestCase):
    def test_imports_nothing_heavy(self) -> None:
        output, problems = python(IMPORT).communicate(timeout=30)
        self.assertEqual(problems, "")
        loaded = set(json.loads(output))
        self.assertEqual(loaded & HEAVY, set())
        # What runs flows of an engine is loaded with the first one.
        self.assertEqual(loaded & RUNNING, set())

    def test_works_with_nothing_but_the_standard_library(self) -> None:
        from .fake_server import FakeServer

        server = FakeServer()
        self.addCleanup(server.close)
        process = python(WITHOUT_EXTRAS, PERFECT_URL=server.url)
        run = server.engine.trigger("doubled", {"n": 21})
        server.engine.finish(run)
        _, problems = process.communicate("\n", timeout=15)
        self.assertEqual((run.result, problems, process.returncode), (42, "", 0))


class ExportTest(unittest.TestCase):
    def test_exports_the_names_of_the_brief(self) -> None:
        for name in ("task", "flow", "CronSchedule", "create_client"):
            self.assertIn(name, perfect_client.__all__)
            self.assertIn(name, sdk.__all__)
        self.assertIs(perfect_client.PerfectAPIClient, api.PerfectAPIClient)

    def test_exports_what_it_says(self) -> None:
        for module in (perfect_client, sdk):
            for name in module.__all__:
                self.assertTrue(hasattr(module, name), f"{module.__name__}.{name}")

    def test_exports_every_error(self) -> None:
        for name, value in vars(errors).items():
            if isinstance(value, type) and issubclass(value, BaseException):
                self.assertIn(name, perfect_client.__all__)

    def test_documents_every_public_name(self) -> None:
        for name in perfect_client.__all__:
            if not name.startswith("__"):
                self.assertTrue(getattr(perfect_client, name).__doc__, name)

    def test_gives_every_error_a_code(self) -> None:
        for value in vars(errors).values():
            if isinstance(value, type) and issubclass(value, PerfectError):
                self.assertRegex(value.code, r"^[A-Z_]+$")


class StyleTest(unittest.TestCase):
    def test_keeps_files_and_functions_short(self) -> None:
        import ast

        for file in SOURCE.glob("*.py"):
            text = file.read_text(encoding="utf-8")
            self.assertLessEqual(len(text.splitlines()), 300, file.name)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                    self.assertLessEqual(_body_lines(node), 60, f"{file.name} {node.name}")


def _body_lines(node: object) -> int:
    import ast

    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    # Signature and docstring are for readers; what grows out of hand is the rest.
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
