"""Tasks that are broken off in their thread, and what is kept whole."""

from __future__ import annotations

import random
import sys
import threading
import time
import unittest
from collections.abc import Callable
from typing import Any

from perfect_client import RunCancelled, flow, get_logger, progress, shield, task
from perfect_client._client import CarrierChoice
from perfect_client._hard_cancel import Window
from perfect_client.errors import DefinitionError

from .worker_case import WorkerSetup

ROUNDS = 300


def spin(seconds: float) -> int:
    """Lines of Python for a while: nothing in it looks for a cancel."""
    end, count = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        count += 1
    return count


class Broken:
    """A window in a thread of its own."""

    def __init__(self, body: Callable[[], Any]) -> None:
        self.window: Window
        self.raised: BaseException | None = None
        self.late: BaseException | None = None
        self._ready = threading.Event()
        self._body = body
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        self._ready.wait()

    def _work(self) -> None:
        try:
            self.window = Window()
            try:
                self.window.run(self._begin)
            except RunCancelled as error:
                self.raised = error
            spin(0.002)
        except BaseException as error:
            self.late = error

    def _begin(self) -> None:
        self._ready.set()
        self._body()

    def join(self) -> Broken:
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self


class WindowTest(unittest.TestCase):
    """What the thread of one task sees."""

    def setUp(self) -> None:
        # So that threads take turns in the middle of each other.
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-5)

    def test_breaks_off_code_that_never_looks(self) -> None:
        broken = Broken(lambda: spin(60))
        broken.window.interrupt()
        self.assertIsInstance(broken.join().raised, RunCancelled)

    def test_never_hits_what_comes_after_the_task(self) -> None:
        chance, hits = random.Random(7), 0
        for _ in range(ROUNDS):
            broken = Broken(lambda: spin(0.0005))
            spin(chance.random() * 0.001)
            broken.window.interrupt()
            broken.window.interrupt()
            self.assertIsNone(broken.join().late)
            hits += broken.raised is not None
        self.assertGreater(hits, 0)

    def test_never_hits_a_shielded_block(self) -> None:
        chance = random.Random(11)
        for _ in range(ROUNDS):
            whole: list[str] = []

            def body(done: list[str] = whole) -> None:
                for _ in range(4):
                    with shield():
                        done.append("begun")
                        spin(0.0001)
                        with shield():
                            spin(0.0001)
                        done.append("ended")

            broken = Broken(body)
            spin(chance.random() * 0.001)
            broken.window.interrupt()
            self.assertIsNone(broken.join().late)
            self.assertEqual(whole.count("begun"), whole.count("ended"))

    def test_ends_at_the_end_of_a_shield(self) -> None:
        covered, told, went_on = threading.Event(), threading.Event(), threading.Event()

        def body() -> None:
            with shield():
                covered.set()
                told.wait(10)
            went_on.set()

        broken = Broken(body)
        covered.wait(10)
        broken.window.interrupt()
        told.set()
        self.assertIsInstance(broken.join().raised, RunCancelled)
        self.assertFalse(went_on.is_set())

    def test_lets_a_task_clean_up_under_a_shield(self) -> None:
        began_work, cleaned = threading.Event(), list[int]()

        def body() -> None:
            try:
                began_work.set()
                spin(60)
            finally:
                with shield():
                    cleaned.append(spin(0.001))

        broken = Broken(body)
        began_work.wait(10)
        broken.window.interrupt()
        self.assertIsInstance(broken.join().raised, RunCancelled)
        self.assertEqual(len(cleaned), 1)

    def test_is_no_shield_elsewhere(self) -> None:
        with shield(), shield():
            self.assertTrue(True)

    def test_is_for_sync_tasks_in_threads(self) -> None:
        async def fetch() -> None: ...

        with self.assertRaisesRegex(DefinitionError, "hard_cancel of task .fetch. is True, and it is an async task"):
            task(hard_cancel=True)(fetch)
        with self.assertRaisesRegex(DefinitionError, "a task with a process of its own"):
            task(hard_cancel=True, isolation="process")(spin)


began = threading.Semaphore(0)
left = threading.Semaphore(0)


@task(hard_cancel=True)
def compute(seconds: float) -> int:
    began.release()
    try:
        for _ in range(int(seconds * 1000)):
            spin(0.001)
            progress(0.5)
            get_logger().info("on")
    finally:
        left.release()
    return 1


@task(hard_cancel=True, timeout=0.05)
def hang() -> int:
    try:
        return spin(60)
    finally:
        left.release()


@flow
def computing(seconds: float = 60) -> int:
    return compute(seconds)


@flow
def hanging() -> int:
    return hang()


class HardCancelTest(WorkerSetup, unittest.TestCase):
    """Runs with such tasks."""

    carrier: CarrierChoice = "http"

    def test_ends_a_cancelled_run_at_once_and_runs_the_next_one_in_the_same_thread(self) -> None:
        self.listen(computing, slots=1)
        for _ in range(5):
            run = self.engine.trigger("computing")
            self.assertTrue(began.acquire(timeout=10))
            self.engine.cancel(run)
            self.engine.finish(run)
            self.assertEqual((run.status, run.completions), ("cancelled", []))
            self.assertTrue(left.acquire(timeout=10))
            after = self.engine.finish(self.engine.trigger("computing", {"seconds": 0.01}))
            self.assertEqual((after.status, after.result), ("succeeded", 1))
            self.assertTrue(began.acquire(timeout=10) and left.acquire(timeout=10))

    def test_gives_a_run_up_that_was_taken_away(self) -> None:
        self.listen(computing, slots=1)
        run = self.engine.trigger("computing")
        self.assertTrue(began.acquire(timeout=10))
        self.engine.hold(run)
        self.assertTrue(left.acquire(timeout=10))
        self.assertEqual(run.completions, [])

    def test_breaks_off_what_takes_longer_than_its_timeout(self) -> None:
        self.listen(hanging, slots=1)
        run = self.engine.finish(self.engine.trigger("hanging"))
        self.assertEqual(run.status, "failed")
        self.assertTrue(left.acquire(timeout=10))
