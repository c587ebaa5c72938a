"""The worker that dialogues are played with: each SDK has one with these flows."""

from __future__ import annotations

import sys
import time

from perfect_client import create_client, current_run, flow, sleep, task


@task
def step(n: int) -> int:
    return n


@task
def wait() -> None:
    while True:
        current_run().check()
        time.sleep(0.01)


@task
def boom() -> None:
    raise ValueError("no")


@task(idempotent=False)
def once() -> str:
    return "done"


@flow(name="Steps")
def steps(count: int) -> int:
    return sum(step(n) for n in range(1, count + 1))


@flow(name="Wait")
def wait_for_cancel() -> None:
    wait()


@flow(name="Boom")
def fail() -> None:
    boom()


@flow(name="Once")
def do_once() -> str:
    return once()


@flow(name="Nap")
def nap(seconds: float) -> int:
    first = step(1)
    sleep(seconds)
    return first + step(2)


client = create_client(sys.argv[1], carrier="websocket", slots=1, timeout=5.0)
for each in (steps, wait_for_cancel, fail, do_once, nap):
    client.register_flow(each)
client.listen_for_executions(drain_timeout=1.0)
