"""The HTTP API of Perfect, method by method. Everything here raises; nothing is retried that might happen twice."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from ._definition import FlowDefinition
from ._json import to_json
from ._logging import level_of
from ._problem import error_of, retry_after
from ._session import Response, SessionLike, default_session, send
from ._views import ClientView, FlowView, LogView, Page, RegisterResult, RunDetailView, RunView
from .errors import ConnectionLostError

T = TypeVar("T")

_RETRY_STATUSES = (429, 502, 503, 504)
_FIRST_DELAY = 0.2
_MAX_DELAY = 10.0
_MAX_RETRY_AFTER = 60.0


class PerfectAPIClient:
    """A client of the HTTP API.

    What is harmless to repeat is tried again when the connection fails; everything is when the server is overloaded.

    :param base_url: root of the server, without ``/api``.
    :param session: Default: ``requests.Session`` when it is installed, else a small one on the standard library.
    :param timeout: longest wait for a response. Unit: seconds. Default: 30.
    :param retries: tries after the first one. Range: >= 0. Default: 3.
    """

    def __init__(
        self,
        base_url: str,
        session: SessionLike | None = None,
        *,
        token: str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.session: SessionLike = default_session(base_url) if session is None else session
        self._owns_session = session is None
        self._token = token
        self._timeout = timeout
        self._retries = retries

    def start_client(self, id: str | None = None) -> list[ClientView]:  # noqa: A002 (the API's name)
        """Starts a declared client process, or all of them.

        :raises NotFoundError: CLIENT_NOT_FOUND :raises ConflictError: CLIENT_ALREADY_RUNNING
        """
        return self._call("POST", "/client/start", _given(id=id), repeatable=False)["items"]

    def stop_client(self, id: str | None = None) -> list[ClientView]:  # noqa: A002 (the API's name)
        """Stops a declared client process, or all of them.

        :raises NotFoundError: CLIENT_NOT_FOUND
        """
        return self._call("POST", "/client/stop", _given(id=id), repeatable=False)["items"]

    def client_status(self) -> list[ClientView]:
        """The declared client processes with their last lines of output."""
        return self._call("GET", "/client/status")["items"]

    def list_flows(self, cursor: str | None = None, limit: int = 50) -> Page[FlowView]:
        """A page of the registered flows. ``limit`` ranges from 1 to 200."""
        return self._page("/engine/flows", _given(cursor=cursor, limit=limit))

    def iter_flows(self) -> Iterator[FlowView]:
        """All registered flows."""
        return self._all("/engine/flows", {})

    def get_flow(self, flow_id: str) -> FlowView:
        """A flow by id.

        :raises NotFoundError: FLOW_NOT_FOUND
        """
        return self._call("GET", f"/engine/flows/{_segment(flow_id)}")["flow"]

    def list_runs(
        self,
        flow: str | None = None,
        status: str | Sequence[str] | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[RunView]:
        """A page of the runs, newest first. ``limit`` ranges from 1 to 200."""
        return self._page("/engine/runs", _given(flow=flow, status=status, cursor=cursor, limit=limit))

    def iter_runs(self, flow: str | None = None, status: str | Sequence[str] | None = None) -> Iterator[RunView]:
        """All runs, newest first."""
        return self._all("/engine/runs", _given(flow=flow, status=status))

    def get_run(self, run_id: str) -> RunDetailView:
        """A run with its tasks, input and result.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        return self._call("GET", f"/engine/runs/{_segment(run_id)}")

    def get_logs(
        self, run_id: str, after: int | None = None, level: str | None = None, limit: int = 200
    ) -> Page[LogView]:
        """A page of the log of a run, oldest first. ``after`` is the ``seq`` of the last line that is known."""
        query = _given(after=after, level=level, limit=limit)
        return self._page(f"/engine/runs/{_segment(run_id)}/logs", query)

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
        body = _given(input=values, configuration=configuration)
        # One key for all tries, so that a lost response does not make two runs.
        key = idempotency_key or uuid.uuid4().hex
        return self._call("POST", f"/engine/trigger/{_segment(flow_id)}", body, idempotency_key=key)["run"]

    def cancel_run(self, run_id: str, reason: str | None = None) -> RunView:
        """Asks a run to end.

        :raises NotFoundError: RUN_NOT_FOUND :raises ConflictError: RUN_FINISHED
        """
        return self._call("POST", f"/engine/runs/{_segment(run_id)}/cancel", _given(reason=reason))["run"]

    def register_flow(self, definition: FlowDefinition | Mapping[str, Any]) -> RegisterResult:
        """Registers a flow, or brings it up to date.

        :raises ValidationError: FLOW_DEFINITION_INVALID, WEIGHT_INVALID, SCHEDULE_INVALID ...
        :raises ConflictError: FLOW_DUPLICATE when the engine has code of its own for the name
        """
        body = definition.to_json() if isinstance(definition, FlowDefinition) else dict(definition)
        return self._call("POST", "/engine/register", body)

    def send_log(self, run_id: str, text: str | Sequence[str], level: int | str = "info") -> None:
        """Adds a line, or several, to the log of a run. ``level`` is a name or a number of ``logging``.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        texts = [text] if isinstance(text, str) else list(text)
        lines = [{"message": line, "level": level_of(level)} for line in texts]
        self._call("POST", f"/engine/runs/{_segment(run_id)}/logs", {"lines": lines}, repeatable=False)

    def close(self) -> None:
        """Ends the connections of the session, unless it was given."""
        close = getattr(self.session, "close", None)
        if self._owns_session and callable(close):
            close()

    def _page(self, path: str, query: Mapping[str, Any]) -> Page[Any]:
        body = self._call("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path)
        return Page(body["items"], body.get("nextCursor"))

    def _all(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        page = self._page(path, {**query, "limit": 200})
        yield from page.items
        while page.next_cursor is not None:
            page = self._page(path, {**query, "limit": 200, "cursor": page.next_cursor})
            yield from page.items

    def _call(
        self, method: str, path: str, body: Any = None, *, idempotency_key: str | None = None, repeatable: bool = True
    ) -> Any:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        response = self._send(method, f"{self.base_url}/api{path}", body, headers, repeatable=repeatable)
        if not 200 <= response.status_code < 300:
            raise error_of(response)
        return None if response.status_code == 204 else response.json()

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str], *, repeatable: bool) -> Response:
        attempt = 0
        while True:
            asked: float | None = None
            try:
                response = send(self.session, method, url, json=body, headers=headers, timeout=self._timeout)
            except ConnectionLostError:
                if attempt >= self._retries or not repeatable:
                    raise
            else:
                if response.status_code not in _RETRY_STATUSES or attempt >= self._retries:
                    return response
                asked = retry_after(response)
            # Full jitter: many clients that failed together should not come back together.
            jittered = random.uniform(0, min(_MAX_DELAY, _FIRST_DELAY * 2**attempt))
            time.sleep(jittered if asked is None else min(asked, _MAX_RETRY_AFTER))
            attempt += 1


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _segment(text: str) -> str:
    return quote(text, safe="")
