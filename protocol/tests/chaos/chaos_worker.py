"""A worker of the chaos test. Each task leaves a trace in a file, and a line in the log that its result names."""

from __future__ import annotations

import os
import random
import sys
import time
import uuid

from perfect_client import (
    _parking,
    create_client,
    current_run,
    flow,
    get_logger,
    sleep,
    task,
)

STEPS = 5
BRANCHES = 3
# A third of the runs sleeps for long enough to be given back in the middle.
SLEEPERS = 3
_parking.PARK_SECONDS, _parking.SETTLE_SECONDS = 0.1, 0.02
url, carrier, isolation, effects_file = sys.argv[1:5]
effects = os.open(effects_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def leave_trace(step: str) -> str:
    line = f"{step} {uuid.uuid4().hex}"
    os.write(effects, f"{current_run().run_id} {step}\n".encode())
    get_logger().info(line)
    return line


@task
def step(n: int, value: int) -> dict[str, object]:
    line = leave_trace(f"step {n}")
    time.sleep(random.random() * 0.04)
    return {"value": value * 31 % 1000003 + n, "line": line}


@task
def branch(n: int) -> dict[str, object]:
    time.sleep(random.random() * 0.04)
    return {"value": n * n, "line": leave_trace(f"branch {n}")}


@flow(name="Chaos")
def chaos(seed: int) -> dict[str, object]:
    value, lines = seed, []
    for n in range(STEPS):
        result = step(n, value)
        value = result["value"]
        lines.append(result["line"])
    if seed % SLEEPERS == 0:
        sleep(0.4)
    results = branch.map(range(BRANCHES))
    for future in results:
        value += future.result()["value"]
        lines.append(future.result()["line"])
    last = f"end {uuid.uuid4().hex}"
    get_logger().info(last)
    return {"value": value, "lines": [*lines, last]}


if __name__ == "__main__":
    client = create_client(url, carrier=carrier, isolation=isolation, slots=4, timeout=5.0)
    client.register_flow(chaos)
    client.listen_for_executions(drain_timeout=2.0)
