"""The recorded run that calling code belongs to. It says so without loading runs: importing the package stays cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ._context import RunContext, context_or_none, run_of

if TYPE_CHECKING:
    from ._run import Run


def recorded_run(context: RunContext | None) -> Run | None:
    """The run of a context, when the engine keeps a record of it here."""
    run = None if context is None else run_of(context)
    return cast("Run", run) if run is not None and run.is_recorded else None


def current_flow() -> tuple[Run, RunContext] | None:
    """The recorded run whose flow code calls here; None in tasks, local runs and elsewhere, where tasks are functions.

    A task called by a task is part of it: the outer one is what is recorded and repeated.
    """
    context = context_or_none()
    if context is None or context.task is not None:
        return None
    run = recorded_run(context)
    return None if run is None else (run, context)
