"""Drives one run from its assignment to the acknowledgement of its end, in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from ._clock import instant_of
from ._context import RunContext, entered
from ._convert import bind_params
from ._failure import to_record
from ._flow import AnyFlow
from ._json import JsonValue, dumps, from_tagged, to_json
from ._run import Run
from .errors import ParamsError, RunCancelled, RunRevoked

if TYPE_CHECKING:
    import asyncio

_log = logging.getLogger("perfect_client")

Body = Callable[[Run], Any]


class ExecutionRequest:
    """A run that this client was asked to execute. Given to the callback of ``on_execution_request``."""

    def __init__(self, run: Run, flow: AnyFlow | None) -> None:
        self._run = run
        self._flow = flow
        self.run_id = run.run_id
        self.epoch = run.epoch
        """How often the run was handed out. Range: >= 1."""
        self.attempt = run.attempt
        self.flow = run.flow
        """Name of the flow."""
        self.version = run.assignment.version
        self.params = run.params
        self.configuration = run.configuration
        self.is_replay = run.is_replay
        """Whether tasks of the run were recorded before."""

    @property
    def cancelled(self) -> bool:
        """Whether the run was asked to end."""
        return self._run.cancelled

    @property
    def deadline(self) -> datetime | None:
        """When the ``timeout`` of the flow is over, in UTC: the engine ends the run then. None when it has none, or was
        registered without code."""
        timeout_ms = None if self._flow is None else self._flow.definition.policy.to_hello().get("timeoutMs")
        started_at = self._run.assignment.started_at
        if timeout_ms is None or started_at is None:
            return None
        return instant_of(started_at) + timedelta(milliseconds=timeout_ms)

    def execute(self) -> Any:
        """Runs the registered flow with the parameters, and gives its result.

        :raises ParamsError: when the parameters do not fit, or the flow was registered without code.
        """
        if self._flow is None:
            raise ParamsError(f'The flow "{self.flow}" was registered without code. Do its work in the callback.')
        return run_function(self._run, self._flow)


def flow_body(flow: AnyFlow | None, callback: Callable[[ExecutionRequest], Any] | None) -> Body:
    """What runs for a flow: the callback when there is one, else the flow itself."""

    def body(run: Run) -> Any:
        request = ExecutionRequest(run, flow)
        return request.execute() if callback is None else callback(request)

    return body


def run_function(run: Run, flow: AnyFlow) -> Any:
    """Calls the function of a flow with the parameters of the run."""
    args, kwargs = bind_params(flow.fn, run.assignment.params)
    run.is_strict = flow.strict
    result = flow.fn(*args, **kwargs)
    return run.host.loop.run(_cancellable(run, result)) if flow.is_async else result


async def _cancellable(run: Run, coroutine: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        run.on_interrupt(lambda: _cancel_soon(loop, task))
    try:
        return await coroutine
    except asyncio.CancelledError as error:
        run.check()
        raise RuntimeError("The flow was cancelled by its own code") from error


def _cancel_soon(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
    loop.call_soon_threadsafe(task.cancel)


def drive(run: Run, body: Body, *, log_prints: bool = False) -> None:
    """Runs the body, waits for what it has started, and records the end. Returns when the end is stored, or when the
    run is not this worker's any more."""
    run.calls.start_here()
    given = run.assignment.params
    run.params = from_tagged(cast("JsonValue", given)) if isinstance(given, dict) else {}
    _log.info("Run %s of %s started (epoch %d)", run.run_id, run.flow, run.epoch)
    try:
        with entered(RunContext(run, run.scope, log_prints=log_prints)):
            end = _end_of(run, body)
        if end["status"] != "succeeded":
            run.close_tasks()
        run.calls.join()
        run.finish(end).result()
        _log.info("Run %s of %s %s", run.run_id, run.flow, end["status"])
    except RunRevoked as signal:
        _log.info("%s", signal)


def _end_of(run: Run, body: Body) -> dict[str, JsonValue]:
    event: dict[str, JsonValue] = {"kind": "run.completed"}
    try:
        what = f'result of flow "{run.flow}"'
        result = to_json(body(run), what)
        if run.mismatch is not None:
            raise run.mismatch
        run.check_size(dumps(result), what)
        return {**event, "status": "succeeded", "result": result}
    except RunRevoked:
        raise
    except RunCancelled:
        return {**event, "status": "cancelled"}
    except BaseException as error:  # sys.exit() in a flow ends the flow, not the worker
        if run.revoked:
            raise RunRevoked(f"Run {run.run_id} is no longer held here") from error
        _log.info("Run %s of %s failed", run.run_id, run.flow, exc_info=True)
        return {**event, "status": "failed", "error": to_record(run.mismatch or error)}
