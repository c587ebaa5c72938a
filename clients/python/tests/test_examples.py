"""The example flows of the repository: they run on their data, and survive a crash after any of their tasks."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from perfect_client.testing import assert_replayable

from .fake_server import FakeServer

EXAMPLES = Path(__file__).parents[3] / "examples" / "workflows" / "example_flows.py"


@unittest.skipUnless(EXAMPLES.exists(), "the examples are not part of the source package")
class ExampleFlowsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.environment = {"PERFECT_EXAMPLE_PACE": "0", "PERFECT_EXAMPLE_RESULTS": folder.name}

    def load(self) -> Any:
        before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        try:
            spec = importlib.util.spec_from_file_location("example_flows", EXAMPLES)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})

    def test_survive_a_crash_after_any_task(self) -> None:
        examples = self.load()
        etl = assert_replayable(examples.etl_pipeline, sectors=3)
        training = assert_replayable(examples.model_training, blocks=3, epochs=20)
        monitoring = assert_replayable(examples.machine_monitoring, measurements=2)
        self.assertEqual([run.status for run in (etl, training, monitoring)], ["succeeded"] * 3)
        self.assertEqual(etl.result["months"], 120)  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue, reportOptionalSubscript]
        self.assertGreater(training.result["accuracy"], 0.9)  # pyright: ignore

    def test_run_as_a_script_with_nothing_installed(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)
        environment = {**os.environ, **self.environment, "PERFECT_URL": server.url}
        process = subprocess.Popen([sys.executable, str(EXAMPLES)], env=environment, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        run = server.engine.finish(server.engine.trigger("ETL Pipeline"), 30)
        self.assertEqual(run.status, "succeeded")
        names = {definition["name"] for definition in server.engine.registered}
        self.assertEqual(names, {"ETL Pipeline", "Model Training", "Machine Monitoring"})
        process.terminate()
        self.assertEqual(process.wait(15), 0)
