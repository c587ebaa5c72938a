"""The wheel: it is built, installed where there is nothing else, and a script and the command run."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCRIPT = """
from perfect_client import create_client, flow, task

@task
def double(n: int) -> int:
    return 2 * n

@flow
def doubled(n: int = 21) -> int:
    return double(n)

if __name__ == "__main__":
    print(create_client(mock=True).trigger(doubled).value())
"""


@unittest.skipUnless(importlib.util.find_spec("build") and importlib.util.find_spec("hatchling"), "build is missing")
class WheelTest(unittest.TestCase):
    def call(self, *command: object) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PERFECT_"))}
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=kept)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.strip()

    def test_runs_in_an_environment_that_has_nothing_else(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            self.call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, ROOT)
            (wheel,) = place.glob("*.whl")
            names = zipfile.ZipFile(wheel).namelist()
            self.assertIn("perfect_client/py.typed", names)
            self.assertFalse([name for name in names if name.startswith("tests")])
            self.call(sys.executable, "-m", "venv", "--without-pip", place / "venv")
            python = place / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
            self.call(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", wheel)
            (place / "script.py").write_text(SCRIPT, encoding="utf-8")
            self.assertEqual(self.call(python, place / "script.py"), "42")
            self.assertRegex(self.call(python, "-m", "perfect_client", "--version"), r"^perfect_client \d")
            self.assertRegex(self.call(python.parent / "perfect-client", "--version"), r"^perfect_client \d")
