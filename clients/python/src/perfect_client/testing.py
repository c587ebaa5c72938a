"""For the tests of flows: proves that a flow survives a crash at every point where one could hit it."""

from __future__ import annotations

from typing import Any

from ._flow import AnyFlow
from ._memory_engine import MemoryEngine, MockRun
from ._mock import MockClient

__all__ = ["MockClient", "MockRun", "assert_replayable"]


def assert_replayable(flow: AnyFlow, /, *, configuration: str = "development", **params: Any) -> MockRun:
    """Runs the flow once, then once more for each recorded task with a crash right after that task, and checks that no
    recorded task runs again, that the same tasks are recorded, and that each run, replayed from its journal alone, ends
    as it had ended. Tasks may give other results each time, as long as the flow calls the same ones.

    :returns: the run without crash.
    :raises AssertionError: when a run differs; the message names the task after which it crashed.
    """
    expected = MemoryEngine().execute(flow, params, configuration=configuration)
    _check_replay(f'Without a crash the flow "{flow.name}"', flow, params, configuration, expected)
    for key in expected.journal:
        run = MemoryEngine().execute(flow, params, configuration=configuration, crash_after=[key])
        place = f'With a crash after "{key}" the flow "{flow.name}"'
        if set(run.journal) != set(expected.journal):
            missing = sorted(set(expected.journal) - set(run.journal))
            added = sorted(set(run.journal) - set(expected.journal))
            raise AssertionError(f"{place} records other tasks: missing {missing}, added {added}.")
        repeated = sorted({name for name in run.recorded if run.recorded.count(name) > 1})
        if repeated:
            raise AssertionError(f"{place} runs recorded tasks again: {repeated}.")
        _check_replay(place, flow, params, configuration, run)
    return expected


def _check_replay(place: str, flow: AnyFlow, params: dict[str, Any], configuration: str, run: MockRun) -> None:
    engine = MemoryEngine()
    replay = engine.execute(flow, params, configuration=configuration, journal=run.journal, run_id=run.run_id)
    if replay.recorded:
        raise AssertionError(f"{place} calls other tasks when it is replayed: {replay.recorded}.")
    if (replay.status, replay.result) != (run.status, run.result):
        ends = (replay.status, replay.result), (run.status, run.result)
        raise AssertionError(f"{place} ends with {ends[1]}, and with {ends[0]} when it is replayed.")
