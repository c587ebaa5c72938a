"""The client: registers flows and executes their runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from ._carrier_choice import CarrierChoice as CarrierChoice
from ._carrier_choice import CarrierOpener
from ._definition import FlowDefinition, definition_from
from ._drive import ExecutionRequest
from ._executable import Executable, Isolation, executable
from ._flow import AnyFlow, BaseFlow
from ._handle import RunHandle
from ._listening import DRAIN_SECONDS, ListenHandle, until_closed
from ._logging import LogCapture, level_of, log_line
from ._schema import resolve_hints
from ._signals import SignalInbox, serve
from ._version import VERSION
from ._worker import Worker, WorkerOptions
from .api import PerfectAPIClient
from .errors import PerfectError

if TYPE_CHECKING:
    from ._session import SessionLike

_log = logging.getLogger("perfect_client")

Callback = Callable[[ExecutionRequest], Any]
C = TypeVar("C", bound=Callback)


class PerfectClient:
    """Made by ``create_client``."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | Callable[[], str] | None,
        session: SessionLike | None,
        slots: int,
        name: str,
        labels: Mapping[str, str],
        timeout: float,
        carrier: CarrierChoice,
        isolation: Isolation = "thread",
    ) -> None:
        self.api = PerfectAPIClient(base_url, session, token=token, timeout=timeout)
        """The HTTP API, whose methods raise."""
        self.base_url = self.api.base_url
        self._token = token
        self._given_session = session
        self.last_error: PerfectError | None = None
        """Why the last ``register_flow`` or ``send_log`` gave False."""
        self._options = WorkerOptions(name=name, version=VERSION, slots=slots, labels=labels)
        self._timeout = timeout
        self._carrier: CarrierChoice = carrier
        self._flows: dict[str, tuple[FlowDefinition, AnyFlow | None]] = {}
        self._callback: Callback | None = None
        self._started: Worker | None = None
        self._pid = os.getpid()
        self._isolation: Isolation = isolation
        self._capture = LogCapture()

    @property
    def _worker(self) -> Worker | None:
        # A forked child does not listen: its parent does.
        return self._started if self._pid == os.getpid() else None

    @property
    def session(self) -> SessionLike:
        """The HTTP session."""
        return self.api.session

    def register_flow(self, definition: AnyFlow | FlowDefinition | Mapping[str, Any]) -> bool:
        """Registers a flow at the engine, and remembers it for ``listen_for_executions``.

        A flow the server could not be told now is told when the client connects. Never raises for HTTP errors.

        :returns: True when it was accepted, or was registered like this before; False when not: see ``last_error``.
        :raises DefinitionError: when the definition itself is wrong.
        """
        entry = _definition_of(definition)
        flow = _flow_of(entry)
        self._flows[entry.name] = (entry, flow)
        try:
            self.api.register_flow(entry)
        except PerfectError as error:
            self.last_error = error
            _log.warning("The flow %s was not registered: %s", entry.name, error)
            return False
        self.last_error = None
        worker = self._worker
        if worker is not None and (flow is not None or self._callback is not None):
            worker.add_flow(entry.name, self._executable(entry, flow))
            self._take_prints()
        return True

    def send_log(self, run_id: str, text: str, level: str | int = "INFO") -> bool:
        """Adds a line to the log of a run.

        :returns: True when the engine has it, or it is queued for a run that this client holds.
        """
        run = self._worker.find_run(run_id) if self._worker is not None else None
        if run is not None:
            name = level_of(level)
            run.add_log(log_line(text, name), is_debug=name == "debug")
            return True
        try:
            self.api.send_log(run_id, text, level)
        except PerfectError as error:
            self.last_error = error
            return False
        return True

    def trigger(
        self,
        flow: AnyFlow | str,
        params: Mapping[str, Any] | None = None,
        *,
        configuration: str | None = None,
        idempotency_key: str | None = None,
    ) -> RunHandle[Any]:
        """Starts a run of a flow, whoever executes it. ``flow.trigger(client, ...)`` does the same with checked types.

        :param flow: a flow, or the id or name of one.
        :param configuration: Default: the default configuration of the flow.
        :param idempotency_key: the same key gives the same run.
        :raises NotFoundError: FLOW_NOT_FOUND
        :raises ValidationError: CONFIGURATION_INVALID, INPUT_INVALID
        """
        if isinstance(flow, str):
            name, hint = flow, Any
        else:
            name, hint = flow.name, resolve_hints(flow.fn).get("return", Any)
        run = self.api.trigger(name, params, configuration, idempotency_key)
        return RunHandle(self.api, run["id"], hint)

    async def listen_async(self, *, drain_timeout: float = DRAIN_SECONDS) -> None:
        """``listen_for_executions`` for a program that has an event loop of its own: until the task that awaits it is
        cancelled, which waits for the runs that are held.

        :param drain_timeout: how long that waits. Unit: seconds. Default: 25.
        :raises ConnectionRefused: when the engine does not take this client.
        """
        self.listen_for_executions(block=False)
        worker = self._worker
        assert worker is not None
        await until_closed(worker, drain_timeout)

    def on_execution_request(self, callback: C) -> C:
        """Has ``callback(request)`` execute the runs. What it returns is the result of the run; ``request.execute()``
        runs the registered flow. Also usable as a decorator. Without a callback the registered flows run.
        """
        self._callback = callback
        return callback

    @overload
    def listen_for_executions(
        self,
        *,
        block: Literal[True] = True,
        handle_signals: bool = True,
        drain_timeout: float = DRAIN_SECONDS,
        isolation: Isolation | None = None,
    ) -> None: ...
    @overload
    def listen_for_executions(
        self,
        *,
        block: Literal[False],
        handle_signals: bool = True,
        drain_timeout: float = DRAIN_SECONDS,
        isolation: Isolation | None = None,
    ) -> ListenHandle: ...

    def listen_for_executions(
        self,
        *,
        block: bool = True,
        handle_signals: bool = True,
        drain_timeout: float = DRAIN_SECONDS,
        isolation: Isolation | None = None,
    ) -> ListenHandle | None:
        """Connects to the engine and executes runs of the registered flows; connects again whenever that is lost.

        :param block: False listens in the background and gives a handle.
        :param handle_signals: SIGINT and SIGTERM end it: the first waits for the runs, the second gives them back at
            once, the third exits with code 130. Only while it blocks the main thread.
        :param drain_timeout: how long the first signal waits. Unit: seconds. Default: 25.
        :param isolation: where runs take place; see ``create_client``. Default: what was given there.
        :raises ConnectionRefused: when the engine does not take this client: wrong token, or another protocol.
        :raises DefinitionError: FLOW_DEFINITION_INVALID when a process of its own could not find the code of a flow.
        """
        if self._worker is not None and self._worker.state != "closed":
            raise PerfectError("This client listens already. Close it first, or create another one.")
        if isolation is not None:
            self._isolation = isolation
        worker = self._start_worker()
        if not block:
            return ListenHandle(worker)
        inbox = SignalInbox()
        worker.on_closed(inbox.closed)
        if handle_signals:
            inbox.install()
        try:
            serve(inbox, lambda: worker.drain(drain_timeout), worker.release_now)
        finally:
            inbox.restore()
            self.close()
        if worker.refusal is not None:
            raise worker.refusal
        return None

    def close(self) -> None:
        """Gives all runs back and ends all connections."""
        worker = self._worker
        if worker is not None and worker.state != "closed":
            worker.release_all()
            worker.close()
        self.api.close()

    def __enter__(self) -> PerfectClient:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _start_worker(self) -> Worker:
        flows: dict[str, Executable] = {}
        for name, (definition, flow) in self._flows.items():
            if flow is not None or self._callback is not None:
                flows[name] = self._executable(definition, flow)
            else:
                _log.warning(
                    "The flow %s has no code here and there is no callback: it is not run by this client", name
                )
        opener = CarrierOpener(self.base_url, self._current_token, self._timeout, self._given_session, self._carrier)
        worker = self._started = Worker(self._options, opener.open)
        self._pid = os.getpid()
        self._capture.start()
        self._take_prints()
        worker.on_closed(self._capture.stop)
        worker.start(flows)
        return worker

    def _executable(self, definition: FlowDefinition, flow: AnyFlow | None) -> Executable:
        return executable(definition.to_hello(), flow, self._callback, self._isolation)

    def _take_prints(self) -> None:
        if any(_prints(flow) for _, flow in self._flows.values()):
            self._capture.take_prints()

    def _current_token(self) -> str | None:
        return self._token() if callable(self._token) else self._token


def _prints(flow: AnyFlow | None) -> bool:
    if flow is None:
        return False
    from ._plan import planned_tasks

    return flow.log_prints or any(task.task_options.log_prints for task in planned_tasks(flow.fn))


def _flow_of(definition: FlowDefinition) -> AnyFlow | None:
    source = definition.source
    return cast("AnyFlow", source) if isinstance(source, BaseFlow) else None


def _definition_of(definition: AnyFlow | FlowDefinition | Mapping[str, Any]) -> FlowDefinition:
    if isinstance(definition, BaseFlow):
        return definition.definition
    return definition if isinstance(definition, FlowDefinition) else definition_from(definition)
