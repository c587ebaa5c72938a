"""For the tests of flows: proves that a flow survives a crash at every point where one could hit it."""

from __future__ import annotations

from typing import Any

from ._flow import AnyFlow
from ._memory_engine import MemoryEngine, MockRun
from ._mock import MockClient

__all__ = ["MockClient", "MockRun", "assert_replayable"]


def assert_replayable(flow: AnyFlow, /, *, configuration: str = "development", **params: Any) -> MockRun:
    """Runs the flow once, then once more for each recorded task with a crash right after that task, and checks that the
    outcome is the same, that every key is recorded exactly once, and that the keys are the same.

    :returns: the run without crash.
    :raises AssertionError: when a run differs; the message names the task after which it crashed.
    """
    expected = MemoryEngine().execute(flow, params, configuration=configuration)
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
        outcome, wanted = (run.status, run.result), (expected.status, expected.result)
        if outcome != wanted:
            raise AssertionError(f"{place} ends with {outcome}, without with {wanted}.")
    return expected
