"""Worker processes that are killed or told to stop, with real processes and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from .fake_engine import FakeEngine
from .fake_records import FakeRun
from .fake_server import FakeServer, wait_until

WORKER = """
import os, sys, time
from perfect_client import create_client, current_run, flow, get_logger, task

notes = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

@task
def step(n, before):
    # One write is one line, also when the process is killed in the middle of the task.
    os.write(notes, f"{current_run().run_id} {n}\\n".encode())
    time.sleep(0.05)
    get_logger().info("step %d", n)
    return before * 31 % 1000003 + n

@flow
def chain(count=10, seed=1):
    total = seed
    for n in range(count):
        total = step(n, total)
    return total

@flow
def stubborn():
    os.write(notes, b"stubborn 0\\n")
    time.sleep(600)

client = create_client(carrier=os.environ.get("CARRIER", "auto"))
client.register_flow(chain)
client.register_flow(stubborn)
client.listen_for_executions(drain_timeout=float(os.environ.get("DRAIN", "10")))
print("ended cleanly")
"""

HANGING = """
import time
from perfect_client._signals import SignalInbox, serve

def drain():
    print("draining", flush=True)
    time.sleep(600)

inbox = SignalInbox()
inbox.install()
print("listening", flush=True)
serve(inbox, drain, lambda: print("released", flush=True))
"""


def expected(count: int, seed: int) -> int:
    """The result of the flow, computed without it."""
    total = seed
    for n in range(count):
        total = total * 31 % 1000003 + n
    return total


class ProcessTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.notes = Path(folder.name) / "notes"
        self.notes.touch()
        self.server = FakeServer(FakeEngine(lease_ms=1000, heartbeat_ms=200))
        self.addCleanup(self.server.close)

    @property
    def engine(self) -> FakeEngine:
        return self.server.engine

    def start(self, **environment: str) -> subprocess.Popen[str]:
        source = str(Path(__file__).parent.parent / "src")
        paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
        variables = {"PERFECT_URL": self.server.url, "NOTES": str(self.notes), "PYTHONPATH": os.pathsep.join(paths)}
        process = subprocess.Popen(
            [sys.executable, "-W", "error::ResourceWarning", "-c", WORKER],
            env={**os.environ, **variables, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self._end, process)
        connected = len(self.engine.workers) + 1
        self.engine.wait_for(lambda: len(self.engine.workers) >= connected, what="the greeting of the worker")
        return process

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.communicate()

    def effects(self) -> Counter[str]:
        return Counter(self.notes.read_text().splitlines())

    def recorded(self, runs: list[FakeRun]) -> int:
        return sum(len(run.journal) for run in runs)


class KillTest(ProcessTest):
    def test_goes_on_in_the_next_worker_without_repeating_a_recorded_task(self) -> None:
        first = self.start()
        runs = [self.engine.trigger("chain", {"count": 12, "seed": seed}) for seed in range(4)]
        self.engine.wait_for(lambda: self.recorded(runs) >= 12, what="some recorded tasks")
        first.send_signal(signal.SIGKILL)
        first.wait()
        with self.engine.lock:
            before = {f"{run.id} {key.removeprefix('step#')}" for run in runs for key in run.journal}
        self.start()
        for seed, run in enumerate(runs):
            self.engine.finish(run)
            self.assertEqual((run.status, run.result, run.epoch), ("succeeded", expected(12, seed), 2))
            self.assertEqual(len(run.completions), len(set(run.completions)))
        # The tasks in the middle of which it was killed ran twice, and no other.
        repeated = {what for what, count in self.effects().items() if count > 1}
        numbered = {f"{what.split()[0]} {int(what.split()[1]) + 1}" for what in repeated}
        self.assertFalse(numbered & before, "no recorded task ran again")
        self.assertLessEqual(len(repeated), 4)

    def test_discards_what_a_stopped_worker_does_after_its_runs_went_on_elsewhere(self) -> None:
        if not hasattr(signal, "SIGSTOP"):
            self.fail("This test needs a system with SIGSTOP")
        zombie = self.start()
        run = self.engine.trigger("chain", {"count": 20, "seed": 5})
        self.engine.wait_for(lambda: self.recorded([run]) >= 3)
        zombie.send_signal(signal.SIGSTOP)
        self.start()
        self.engine.wait_for(lambda: run.epoch == 2, what="the second epoch")
        zombie.send_signal(signal.SIGCONT)
        self.engine.finish(run)
        self.assertEqual((run.result, run.epoch), (expected(20, 5), 2))
        self.assertEqual(run.completions, [f"step#{n}" for n in range(1, 21)])
        # The zombie may have been in the middle of a task, and starts nothing after that.
        self.assertLessEqual(sum(self.effects().values()), 21)
        self.assertIsNone(zombie.poll())


class SignalTest(ProcessTest):
    def test_waits_for_its_runs_at_the_first_signal_and_exits_with_0(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number):
                process = self.start()
                run = self.engine.trigger("chain", {"count": 10, "seed": 1})
                self.engine.wait_for(lambda run=run: self.recorded([run]) >= 2)
                process.send_signal(number)
                output, errors = process.communicate(timeout=15)
                self.assertEqual((process.returncode, output.strip(), errors), (0, "ended cleanly", ""))
                self.assertEqual((run.status, run.epoch, run.result), ("succeeded", 1, expected(10, 1)))

    def test_gives_its_runs_back_at_the_second_signal(self) -> None:
        process = self.start()
        run = self.engine.trigger("stubborn")
        wait_until(lambda: self.effects()["stubborn 0"] == 1)
        process.send_signal(signal.SIGTERM)
        self.engine.wait_for(lambda: bool(self.engine.messages("drain")))
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=15)
        self.assertEqual((process.returncode, output.strip(), run.status), (0, "ended cleanly", "queued"))

    def test_gives_its_runs_back_when_they_take_too_long(self) -> None:
        process = self.start(DRAIN="0.2")
        run = self.engine.trigger("stubborn")
        wait_until(lambda: self.effects()["stubborn 0"] == 1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
        self.assertEqual((process.returncode, run.status), (0, "queued"))

    def test_exits_at_the_third_signal(self) -> None:
        source = str(Path(__file__).parent.parent / "src")
        process = subprocess.Popen(
            [sys.executable, "-c", HANGING],
            env={**os.environ, "PYTHONPATH": source},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self._end, process)
        assert process.stdout is not None
        for expectation in ("listening", "draining", "released"):
            self.assertEqual(process.stdout.readline().strip(), expectation)
            process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(10), 130)

    def test_ends_when_nothing_runs(self) -> None:
        process = self.start()
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=10)
        self.assertEqual((process.returncode, output.strip(), errors), (0, "ended cleanly", ""))

    def test_tells_which_process_of_the_engine_it_is(self) -> None:
        self.start(PERFECT_PROCESS="etl:3", PERFECT_SLOTS="7")
        hello = self.engine.messages("hello")[0]
        self.assertEqual((hello["labels"], hello["slots"]), ({"perfect.process": "etl:3"}, 7))
