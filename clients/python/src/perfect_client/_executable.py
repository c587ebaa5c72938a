"""What a worker can run, and where it runs it: in a thread of the worker, or in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ._assignment import Assignment
from ._drive import Body, ExecutionRequest, drive, flow_body
from ._function import require_findable
from ._run import Run
from ._run_host import RunHost

if TYPE_CHECKING:
    from ._flow import AnyFlow

Isolation = Literal["thread", "process"]


@dataclass(frozen=True)
class RunSource:
    """Where a process of its own finds the code of a run again."""

    module: str | None
    """Module of the flow; None for one that was registered without code."""
    qualname: str
    callback: Callable[[ExecutionRequest], Any] | None


@dataclass(frozen=True)
class Executable:
    """A flow that this worker can run."""

    definition: Mapping[str, Any]
    """Its entry in ``hello.flows``."""
    body: Body
    is_async: bool = False
    log_prints: bool = False
    source: RunSource | None = None
    """Given when each run has a process of its own."""

    def open(self, assignment: Assignment, host: RunHost) -> Run:
        """The run of an assignment."""
        if self.source is None:
            return Run(assignment, host, is_async=self.is_async)
        from ._run_process import ProcessRun

        return ProcessRun(assignment, host, is_async=self.is_async)

    def drive(self, run: Run) -> None:
        """Runs it. Returns when its end is stored, or when it is not this worker's any more."""
        if self.source is None:
            drive(run, self.body, log_prints=self.log_prints)
            return
        from ._run_process import ProcessRun, drive_in_process

        assert isinstance(run, ProcessRun)
        drive_in_process(run, self.source, log_prints=self.log_prints)


def executable(
    definition: Mapping[str, Any],
    flow: AnyFlow | None,
    callback: Callable[[ExecutionRequest], Any] | None,
    isolation: Isolation,
) -> Executable:
    """What runs for a registered flow.

    :raises DefinitionError: when its runs should have processes of their own, which cannot find its code.
    """
    return Executable(
        definition=definition,
        body=flow_body(flow, callback),
        is_async=flow is not None and flow.is_async,
        log_prints=flow is not None and flow.log_prints,
        source=_source(flow, callback) if isolation == "process" else None,
    )


def _source(flow: AnyFlow | None, callback: Callable[[ExecutionRequest], Any] | None) -> RunSource:
    for fn in (None if flow is None else flow.fn, callback):
        if fn is not None:
            require_findable(fn)
    if flow is None:
        return RunSource(None, "", callback)
    return RunSource(flow.fn.__module__, flow.fn.__qualname__, callback)
