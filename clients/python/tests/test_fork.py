"""Forked children, such as those of ``multiprocessing.Pool``: they leave the worker alone, and end when told to."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path
from typing import Any

from perfect_client import current_run, flow, get_logger, progress, task
from perfect_client.errors import OutsideRunError

from .worker_case import WorkerSetup, needs_websocket

WORKER = """
import os, sys, threading
sys.path[:0] = {path!r}
from perfect_client import create_client
from tests.fake_server import FakeServer
from tests.test_fork import terminating

server = FakeServer()
client = create_client(server.url)
client.register_flow(terminating)

def trigger():
    run = server.engine.finish(server.engine.trigger("terminating"))
    print(run.result, flush=True)
    os._exit(0)

threading.Thread(target=trigger).start()
client.listen_for_executions()
"""


def fork_context() -> Any:
    return multiprocessing.get_context("fork")


@task
def double(n: int) -> int:
    return n * 2


def doubled_in_child(n: int) -> tuple[int, bool]:
    get_logger().info("in the child")
    progress(0.5)
    try:
        current_run()
    except OutsideRunError:
        return double(n), True
    return double(n), False


@task
def pooled(count: int) -> list[Any]:
    with fork_context().Pool(2) as pool:
        return [list(pair) for pair in pool.map(doubled_in_child, range(count))]


@flow
def pooling(count: int) -> list[Any]:
    return [pooled(count), double(count)]


def live_long(started: Any) -> None:
    started.set()
    # In short naps: Python notices a signal that comes just before a nap at its end.
    for _ in range(3000):
        time.sleep(0.01)


@task
def terminated() -> int:
    started = fork_context().Event()
    child = fork_context().Process(target=live_long, args=(started,))
    child.start()
    # Python forgets signals that come before its first step in the child.
    started.wait(10)
    child.terminate()
    child.join(10)
    code = child.exitcode
    child.kill()
    return code if code is not None else 0


@flow
def terminating() -> int:
    return terminated()


@unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
class ForkTest(unittest.TestCase):
    def test_ends_a_child_of_a_worker_that_is_terminated(self) -> None:
        path = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "src")]
        script = WORKER.format(path=path)
        output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(output.stdout.strip(), "-15", output.stderr)


class ForkScenarios(WorkerSetup):
    """Each carrier runs all of them."""

    def test_is_outside_of_the_run_in_a_child(self) -> None:
        self.listen(pooling)
        run = self.engine.finish(self.engine.trigger("pooling", {"count": 3}))
        self.case.assertEqual(run.result, [[[0, True], [2, True], [4, True]], 6])
        self.case.assertEqual((run.completions, run.logs), (["pooled#1", "double#1"], []))

    def test_keeps_the_connection_when_a_child_closes_its_client(self) -> None:
        self.listen(pooling)
        child = fork_context().Process(target=self.client.close)
        child.start()
        child.join(10)
        self.case.assertEqual(child.exitcode, 0)
        self.engine.finish(self.engine.trigger("pooling", {"count": 1}))
        self.case.assertEqual(len(self.engine.messages("hello")), 1)


@unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
@needs_websocket
class ForkOverWebSocketTest(ForkScenarios, unittest.TestCase):
    carrier = "websocket"


@unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
class ForkOverHttpTest(ForkScenarios, unittest.TestCase):
    carrier = "http"


if __name__ == "__main__":
    unittest.main()
