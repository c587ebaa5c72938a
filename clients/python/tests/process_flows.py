"""Flows whose tasks run in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from perfect_client import current_run, flow, get_logger, progress, task


class OddError(Exception):
    """Its __init__ takes more than a message, so a pickle of it cannot be read."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(f"row {row}: {reason}")


@task(isolation="process", log_prints=True)
def where(note: str) -> dict[str, object]:
    progress(0.5, note)
    get_logger().info("working on %s", note)
    print("printed")
    return {"pid": os.getpid(), "key": current_run().idempotency_key, "flow": current_run().flow}


@task(isolation="process", retries=1, retry_delay=0.001)
def fails(times: int) -> int:
    attempt = current_run().attempt
    if attempt <= times:
        raise OddError(attempt, "bad")
    return attempt


@task(isolation="process")
def hangs(marks: str, *, stubborn: bool = False) -> None:
    folder = Path(marks)
    helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    helper.returncode = 0  # it is left behind on purpose
    (folder / "pids").write_text(f"{os.getpid()} {helper.pid}", encoding="utf-8")
    try:
        while True:
            time.sleep(600)
    finally:
        (folder / "cleaned").touch()
        if stubborn:
            time.sleep(600)


@task(isolation="process")
def dies() -> None:
    os.kill(os.getpid(), 9)


@task(isolation="process")
def unsendable() -> object:
    return threading.Lock()


@flow
def isolated(note: str = "x") -> dict[str, object]:
    return where(note)


@flow
def failing(times: int) -> int:
    return fails(times)


@flow
def hanging(marks: str, timeout: float | None = None) -> None:
    hangs.options(timeout=timeout)(marks)


@flow
def dying() -> None:
    dies()


@flow
def giving_nothing() -> None:
    unsendable()
