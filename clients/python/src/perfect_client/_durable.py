"""What flow code may ask of the world without a task: waits, the time, chance. A replay gets the same answers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ._check import is_number
from ._context import RunContext, context_or_none, scope_of
from ._current import current_flow, recorded_run
from ._definition import TaskOptions
from ._json import JsonValue
from .errors import DefinitionError

if TYPE_CHECKING:
    from ._run import Run

_SLEEP = TaskOptions("sleep")
_NOW = TaskOptions("now")
_UUID = TaskOptions("uuid4")
_RANDOM = TaskOptions("random")

# A double has 53 bits: seven bytes less three.
_RANDOM_BITS = 53


def sleep(duration: float | timedelta) -> None:
    """Waits. In a flow the end of the wait is recorded first: a run that is killed meanwhile waits only for the rest.

    A run that sleeps for more than 5 s with nothing else under way is given back: no slot, thread or process is kept
    for it, and it goes on with whichever worker is there when it wakes. ``finally`` blocks of the flow run when it is
    given back, with ``RunRevoked``, and again at the end; cleanup belongs into tasks. In a task, and outside of runs,
    it is an ordinary wait; in a run it ends with ``RunCancelled`` when the run is cancelled.

    :param duration: Unit: seconds, or a timedelta. Range: >= 0.
    :raises DefinitionError: DURATION_INVALID when it is negative or not a number.
    :raises TypeError: in an async flow; use ``sleep_async`` there.
    """
    seconds = _seconds(duration)
    flow = current_flow()
    if flow is None:
        _wait_here(context_or_none(), seconds)
        return
    run, context = flow
    if run.is_async:
        raise TypeError("sleep() would stop all async flows of this process. Write: await sleep_async(...)")
    stored, wake_at = _wake_at(run, context, seconds)
    if stored is not None:
        stored.result()
    run.sleep(wake_at)


async def sleep_async(duration: float | timedelta) -> None:
    """``sleep`` for async flows and tasks.

    :param duration: Unit: seconds, or a timedelta. Range: >= 0.
    :raises DefinitionError: DURATION_INVALID when it is negative or not a number.
    """
    import asyncio

    seconds = _seconds(duration)
    flow = current_flow()
    if flow is None:
        await asyncio.sleep(seconds)
        return
    stored, wake_at = _wake_at(*flow, seconds)
    if stored is not None:
        await asyncio.wrap_future(stored)
    run = flow[0]
    with run.sleeping(wake_at):
        await asyncio.sleep(run.time_until(wake_at))


def now() -> datetime:
    """The time, in UTC. In a flow it is recorded, and a replay gets the recorded one.

    :raises TypeError: in an async flow; ask for the time in a task there.
    """
    flow = current_flow()
    if flow is None:
        return datetime.now(timezone.utc)
    run, context = flow
    if run.is_async:
        raise TypeError("now() would stop all async flows of this process. Ask for the time in a task.")
    stored, value = _recorded(run, context, _NOW, lambda: datetime.now(timezone.utc).isoformat())
    if stored is not None:
        stored.result()
    return datetime.fromisoformat(value)


def uuid4() -> uuid.UUID:
    """A random UUID. In a flow it follows from the id of the run and the number of the call: a replay gets the same."""
    seed = _seed(_UUID)
    return uuid.uuid4() if seed is None else uuid.UUID(bytes=seed[:16], version=4)


def random() -> float:
    """A random number. Range: 0..1, without 1. In a flow it follows from the run and the number of the call: a replay
    gets the same."""
    seed = _seed(_RANDOM)
    if seed is None:
        import random as chance

        return chance.random()
    return (int.from_bytes(seed[:7], "big") >> (56 - _RANDOM_BITS)) / (1 << _RANDOM_BITS)


def _seconds(duration: float | timedelta) -> float:
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not is_number(seconds, 0):
        raise DefinitionError(
            f"The duration of the sleep is {duration!r}. Give seconds of 0 or more, or a timedelta.",
            code="DURATION_INVALID",
        )
    return seconds


def _wait_here(context: RunContext | None, seconds: float) -> None:
    run = recorded_run(context)
    if run is None:
        time.sleep(seconds)
    else:
        run.pause(seconds)


def _wake_at(run: Run, context: RunContext, seconds: float) -> tuple[Future[None] | None, float]:
    """When the wait ends, by the wall clock: the only one that still counts when another process goes on with it."""
    return _recorded(run, context, _SLEEP, lambda: round(time.time() + seconds, 3))


def _recorded(
    run: Run, context: RunContext, options: TaskOptions, make: Callable[[], JsonValue]
) -> tuple[Future[None] | None, Any]:
    from ._task_call import TaskCall

    key = run.calls.key(scope_of(context), options, (), {})
    call = TaskCall(run, key, options, Any)
    if call.is_recorded:
        return None, call.replay()
    # Nothing happens here that another holder of the run could repeat, so the lease may be in doubt.
    run.check_start()
    call.start()
    with run.calls.open(key):
        return call.succeed(make())


def _seed(options: TaskOptions) -> bytes | None:
    """Bytes that belong to this call of the flow; None outside of flow code."""
    flow = current_flow()
    if flow is None:
        return None
    run, context = flow
    import hashlib

    key = run.calls.key(scope_of(context), options, (), {})
    return hashlib.sha256(f"{run.assignment.seed}/{key}".encode()).digest()
