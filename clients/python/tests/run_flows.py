"""Flows whose runs have processes of their own. What they did stands in files: a test sees nothing else of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from perfect_client import ExecutionRequest, current_run, flow, get_logger, progress, sleep, task


@task
def mark(marks: str, n: int) -> int:
    with (Path(marks) / "effects").open("a", encoding="utf-8") as file:
        file.write(f"{n}\n")
    get_logger().info("marked %d", n)
    return os.getpid()


@task
def hold(marks: str) -> int:
    """Waits for a file, and never looks whether the run goes on."""
    progress(0.5, "waiting")
    folder = Path(marks)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as helper:
        try:
            (folder / "pids").write_text(f"{os.getpid()} {helper.pid}", encoding="utf-8")
            while not (folder / "go").exists():
                time.sleep(0.02)
            return current_run().attempt
        finally:
            (folder / "cleaned").touch()
            helper.kill()


@flow
def held(marks: str, stubborn: bool = False) -> dict[str, object]:
    """Marks, waits, and marks again."""
    first = mark(marks, 1)
    wait = hold.submit(marks).result if stubborn else lambda: hold(marks)
    return {"first": first, "attempt": wait(), "last": mark(marks, 2)}


@task
def die_once(marks: str) -> None:
    if not (Path(marks) / "died").exists():
        (Path(marks) / "died").touch()
        time.sleep(0.3)  # what was told before is on its way
        os.kill(os.getpid(), 9)


@flow
def dying(marks: str) -> int:
    """Crashes once, in a task."""
    mark(marks, 1)
    die_once(marks)
    return mark(marks, 2)


@flow
async def waiting(marks: str) -> int:
    """Async flows have their event loop there too."""
    return current_run().attempt + len(marks) * 0


@flow
def napping(marks: str) -> int:
    """Sleeps for long enough to be given back."""
    mark(marks, 1)
    sleep(6)
    return mark(marks, 2)


@flow
def failing(marks: str) -> None:
    """Fails."""
    raise LookupError(f"nothing in {Path(marks).name and 'it'}")


def answer(request: ExecutionRequest) -> dict[str, object]:
    """Executes runs as a callback."""
    return {"flow": request.flow, "pid": os.getpid()}
