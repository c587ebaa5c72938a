"""Flows that the worker tests run. Their tasks note what they do, and wait where a test wants them to."""

from __future__ import annotations

import threading
import time
from collections import Counter

from perfect_client import current_run, flow, get_logger, progress, sleep, sleep_async, task


class Stage:
    """What a test and the tasks of its flow share."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)
        self.effects: Counter[str] = Counter()
        self.signals: list[str] = []


stage = Stage()


def reset() -> Stage:
    """A new stage, for the next test."""
    global stage
    stage = Stage()
    return stage


@task
def note(n: int) -> int:
    """Leaves a trace."""
    stage.effects[f"{current_run().run_id} note {n}"] += 1
    get_logger().info("note %d", n)
    return n


@task
def wait_at_gate(n: int = 0) -> int:
    """Waits until the test opens the gate; looks up whether the run goes on."""
    mine = stage
    mine.effects[f"gate {n}"] += 1
    mine.entered.release()
    try:
        while not mine.gate.wait(0.01):
            progress(0.5, "waiting")
    except BaseException as signal:
        mine.signals.append(type(signal).__name__)
        raise
    return n


@flow
def steps(count: int = 3) -> int:
    """Some tasks, one after the other."""
    return sum(note(n) for n in range(count))


@flow
def gated(before: int = 1) -> int:
    """Some tasks, one that waits, and one more."""
    total = sum(note(n) for n in range(before))
    total += wait_at_gate()
    return total + note(100)


@flow
def parallel(width: int = 3) -> int:
    """Tasks beside each other."""
    return sum(future.result() for future in wait_at_gate.map(range(width)))


@flow
def flooding(lines: int) -> int:
    """Writes more than is sent at once."""
    for n in range(lines):
        get_logger().info("line %d", n)
    return note(lines)


@flow
def sleeping() -> None:
    """Never looks whether the run goes on."""
    stage.entered.release()
    time.sleep(60)


@flow
def long_journal(count: int) -> int:
    """Records more than fits the assignment."""
    total = sum(note(n) for n in range(count))
    return total + wait_at_gate()


@task
async def note_async(n: int) -> int:
    """Leaves a trace, from an event loop."""
    return note.fn(n)


@flow
def napping(seconds: float, beside: bool = False) -> int:
    """Sleeps between two tasks; with a third one beside it, where that is wanted."""
    total = note(1)
    open_call = wait_at_gate.submit() if beside else None
    get_logger().info("going to sleep")
    sleep(seconds)
    return total + note(2) + (open_call.result() if open_call else 0)


@flow
async def napping_async(seconds: float) -> int:
    """Sleeps between two tasks, on an event loop."""
    total = await note_async(1)
    await sleep_async(seconds)
    return total + await note_async(2)
