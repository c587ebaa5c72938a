"""The HTTP API of Perfect, method by method. Everything here raises; nothing is retried that might happen twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._api_transport import ApiTransport, given, segment
from ._definition import FlowDefinition
from ._json import to_json
from ._logging import level_of
from ._run_wait import wait_for_end
from ._views import (
    ClientView,
    EngineInfo,
    FlowView,
    LogView,
    Page,
    RegisterResult,
    RunDetailView,
    RunEvent,
    RunView,
    WorkerView,
)


class PerfectAPIClient(ApiTransport):
    """A client of the HTTP API.

    What is harmless to repeat is tried again when the connection fails; everything is when the server is overloaded.

    :param base_url: root of the server, without ``/api``.
    :param session: Default: ``requests.Session`` when it is installed, else a small one on the standard library.
    :param timeout: longest wait for a response. Unit: seconds. Default: 30.
    :param retries: tries after the first one. Range: >= 0. Default: 3.
    """

    def start_client(self, id: str | None = None) -> list[ClientView]:  # noqa: A002 (the API's name)
        """Starts a declared client process, or all of them.

        :raises NotFoundError: CLIENT_NOT_FOUND :raises ConflictError: CLIENT_ALREADY_RUNNING
        """
        answer: list[ClientView] = self._call("POST", "/client/start", given(id=id), repeatable=False)["items"]
        return answer

    def stop_client(self, id: str | None = None) -> list[ClientView]:  # noqa: A002 (the API's name)
        """Stops a declared client process, or all of them.

        :raises NotFoundError: CLIENT_NOT_FOUND
        """
        answer: list[ClientView] = self._call("POST", "/client/stop", given(id=id), repeatable=False)["items"]
        return answer

    def restart_client(self, id: str | None = None) -> list[ClientView]:  # noqa: A002 (the API's name)
        """Stops a declared client process, or all of them, and starts it again.

        :raises NotFoundError: CLIENT_NOT_FOUND
        """
        answer: list[ClientView] = self._call("POST", "/client/restart", given(id=id), repeatable=False)["items"]
        return answer

    def client_status(self) -> list[ClientView]:
        """The declared client processes with their last lines of output."""
        answer: list[ClientView] = self._call("GET", "/client/status")["items"]
        return answer

    def list_flows(self, cursor: str | None = None, limit: int = 50) -> Page[FlowView]:
        """A page of the registered flows. ``limit`` ranges from 1 to 200."""
        return self._page("/engine/flows", given(cursor=cursor, limit=limit))

    def iter_flows(self) -> Iterator[FlowView]:
        """All registered flows."""
        return self._all("/engine/flows", {})

    def get_flow(self, flow_id: str) -> FlowView:
        """A flow by id.

        :raises NotFoundError: FLOW_NOT_FOUND
        """
        answer: FlowView = self._call("GET", f"/engine/flows/{segment(flow_id)}")["flow"]
        return answer

    def list_runs(
        self,
        flow: str | None = None,
        status: str | Sequence[str] | None = None,
        cursor: str | None = None,
        limit: int = 50,
        **filters: Any,
    ) -> Page[RunView]:
        """A page of the runs, newest first.

        :param flow: id or name of the flow.
        :param status: one status, or several.
        :param limit: Range: 1..200. Default: 50.
        :param filters: further parameters that the server knows, as its API document names them.
        """
        return self._page("/engine/runs", given(flow=flow, status=status, cursor=cursor, limit=limit, **filters))

    def iter_runs(
        self, flow: str | None = None, status: str | Sequence[str] | None = None, **filters: Any
    ) -> Iterator[RunView]:
        """All runs, newest first; parameters as of ``list_runs``."""
        return self._all("/engine/runs", given(flow=flow, status=status, **filters))

    def get_run(self, run_id: str) -> RunDetailView:
        """A run with its tasks, input and result.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        answer: RunDetailView = self._call("GET", f"/engine/runs/{segment(run_id)}")
        return answer

    def wait_for_run(self, run_id: str, timeout: float | None = None) -> RunDetailView:
        """Waits until a run has ended, and gives it.

        :param timeout: Unit: seconds. Default: as long as it takes.
        :raises NotFoundError: RUN_NOT_FOUND
        :raises TimeoutError: when it has not ended by then; the message says how far it is.
        """
        return wait_for_end(self.get_run, run_id, timeout)

    def get_logs(
        self,
        run_id: str,
        after: int | None = None,
        level: str | None = None,
        limit: int = 200,
        *,
        task: str | None = None,
        text: str | None = None,
    ) -> Page[LogView]:
        """A page of the log of a run, oldest first.

        :param after: ``seq`` of the last line that is known.
        :param level: this level and those above: ``debug``, ``info``, ``warn``, ``error``.
        :param limit: Range: 1..1000. Default: 200.
        :param task: key of the task that wrote the lines.
        :param text: only lines that contain it.
        """
        query = given(after=after, level=level, limit=limit, task=task, q=text)
        return self._page(f"/engine/runs/{segment(run_id)}/logs", query)

    def iter_logs(self, run_id: str, level: str | None = None, *, task: str | None = None) -> Iterator[LogView]:
        """All lines of the log of a run, oldest first."""
        page = self.get_logs(run_id, level=level, task=task, limit=1000)
        while page.items:
            yield from page.items
            if page.next_cursor is None:
                return
            page = self.get_logs(run_id, page.items[-1]["seq"], level, task=task, limit=1000)

    def list_workers(self) -> list[WorkerView]:
        """The remote workers that are connected, or were a moment ago."""
        answer: list[WorkerView] = self._call("GET", "/engine/workers")["items"]
        return answer

    def info(self) -> EngineInfo:
        """Version, state and storage of the engine."""
        answer: EngineInfo = self._call("GET", "/engine/info")
        return answer

    def health(self) -> str:
        """How the engine is doing: ``ok``, ``degraded`` or ``failing``."""
        answer: str = self._call("GET", "/health")["status"]
        return answer

    def stream_events(self, topics: Sequence[str] = (), last_event_id: str | None = None) -> Iterator[RunEvent]:
        """Yields events as they happen, for ever; connects again, after the last one, when the connection breaks.

        :param topics: ``runs``, ``flows``, ``clients``, ``workers``, ``schedules``, ``run:<id>``, ``logs:<id>``.
            Default: all.
        :param last_event_id: only events after this one.
        """
        from ._event_stream import read_events

        return read_events(self.base_url, self._headers, topics, last_event_id)

    def trigger(
        self,
        flow_id: str,
        params: Mapping[str, Any] | None = None,
        configuration: str | None = None,
        idempotency_key: str | None = None,
    ) -> RunView:
        """Starts a run. The same idempotency key gives the same run.

        :param configuration: Default: the default configuration of the flow.
        :raises NotFoundError: FLOW_NOT_FOUND
        :raises ValidationError: CONFIGURATION_INVALID, INPUT_INVALID
        """
        values = None if params is None else to_json(params, "parameters of the run")
        body = given(input=values, configuration=configuration)
        # One key for all tries, so that a lost response does not make two runs.
        key = idempotency_key or uuid.uuid4().hex
        answer: RunView = self._call("POST", f"/engine/trigger/{segment(flow_id)}", body, idempotency_key=key)["run"]
        return answer

    def cancel_run(self, run_id: str, reason: str | None = None) -> RunView:
        """Asks a run to end.

        :raises NotFoundError: RUN_NOT_FOUND :raises ConflictError: RUN_FINISHED
        """
        answer: RunView = self._call("POST", f"/engine/runs/{segment(run_id)}/cancel", given(reason=reason))["run"]
        return answer

    def register_flow(self, definition: FlowDefinition | Mapping[str, Any]) -> RegisterResult:
        """Registers a flow, or brings it up to date.

        :raises ValidationError: FLOW_DEFINITION_INVALID, WEIGHT_INVALID, SCHEDULE_INVALID ...
        :raises ConflictError: FLOW_DUPLICATE when the engine has code of its own for the name
        """
        body = definition.to_json() if isinstance(definition, FlowDefinition) else dict(definition)
        answer: RegisterResult = self._call("POST", "/engine/register", body)
        return answer

    def send_log(self, run_id: str, text: str | Sequence[str], level: int | str = "info") -> None:
        """Adds a line, or several, to the log of a run. ``level`` is a name or a number of ``logging``.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        texts = [text] if isinstance(text, str) else list(text)
        lines = [{"message": line, "level": level_of(level)} for line in texts]
        self._call("POST", f"/engine/runs/{segment(run_id)}/logs", {"lines": lines}, repeatable=False)
