"""The HTTP carrier: one parked long poll for what the engine sends, and posts for what this worker sends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any

from ._carrier import PROTOCOL, CarrierClosed, CarrierName
from ._json import dumps, loads
from ._problem import error_of, retry_after
from ._session import Response, SessionLike, StdlibSession, send
from .errors import ConnectionLostError

_MAX_WAIT_MS = 20_000
# Longer than the engine parks a poll, so that only a dead connection runs into it.
_POLL_MARGIN_SECONDS = 10.0
_CLOSE_BY_STATUS = {401: 4401, 403: 4403, 426: 4426}
_NETWORK_ERRORS = (ConnectionLostError, ValueError)


class HttpCarrier:
    """One session of the HTTP carrier. A failed post or poll breaks it; reconnecting covers what was lost."""

    name: CarrierName = "http"
    is_welcome = False

    def __init__(self, base_url: str, token: str | None, timeout: float, session: SessionLike | None = None) -> None:
        """Opens a session.

        :param session: used for all requests. Default: a small one of its own, which can be woken from a parked poll.
        :raises CarrierClosed: when it is refused or fails.
        """
        self._own = StdlibSession() if session is None else None
        self._session: SessionLike = session or self._own or StdlibSession()
        self._timeout = timeout
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._sessions_url = f"{base_url}/api/engine/workers/sessions"
        self._inbox: SimpleQueue[str | CarrierClosed] = SimpleQueue()
        self._ended = False
        try:
            opened = self._call("POST", self._sessions_url, {"protocol": PROTOCOL}, timeout)
        except CarrierClosed:
            self.abort()
            raise
        self._session_url = f"{self._sessions_url}/{opened['sessionId']}"
        self._wait_ms = min(int(opened.get("pollMs") or _MAX_WAIT_MS), _MAX_WAIT_MS)
        threading.Thread(target=self._poll, name="perfect-poll", daemon=True).start()

    def send(self, texts: Sequence[str]) -> None:
        """Posts the messages in one request."""
        messages = [loads(text) for text in texts]
        self._call("POST", f"{self._session_url}/messages", {"messages": messages}, self._timeout)

    def receive(self, timeout: float | None = None) -> str:
        """Waits for the next message."""
        try:
            item = self._inbox.get(timeout=timeout)
        except Empty:
            raise CarrierClosed("No message came in time") from None
        if isinstance(item, CarrierClosed):
            raise item
        return item

    def close(self) -> None:
        """Ends the session at the engine."""
        if not self._ended:
            # When this fails the engine notices by itself that nobody polls.
            with contextlib.suppress(ConnectionLostError):
                send(self._session, "DELETE", self._session_url, headers=self._headers, timeout=2.0)
        self.abort()

    def abort(self) -> None:
        """Ends the polling and wakes the receiver."""
        self._end(CarrierClosed("The connection was given up"))
        if self._own is not None:
            self._own.abort()

    def _poll(self) -> None:
        after = 0
        timeout = self._wait_ms / 1000 + _POLL_MARGIN_SECONDS
        try:
            while not self._ended:
                url = f"{self._session_url}/messages?after={after}&waitMs={self._wait_ms}"
                answer = self._call("GET", url, None, timeout)
                for item in answer["messages"]:
                    if item["n"] > after:
                        after = item["n"]
                        self._inbox.put(dumps(item["message"]))
                closed = answer.get("closed")
                if closed:
                    raise CarrierClosed(closed.get("reason") or "The engine closed the session", closed.get("code"))
        except CarrierClosed as error:
            self._end(error)

    def _end(self, error: CarrierClosed) -> None:
        self._ended = True
        self._inbox.put(error)

    def _call(self, method: str, url: str, body: Any, timeout: float) -> Any:
        try:
            response = send(self._session, method, url, json=body, headers=self._headers, timeout=timeout)
            if 200 <= response.status_code < 300:
                return response.json()
        except _NETWORK_ERRORS as error:
            raise CarrierClosed(str(error)) from error
        raise _refused(response)


def _refused(response: Response) -> CarrierClosed:
    error = error_of(response)
    code = _CLOSE_BY_STATUS.get(response.status_code)
    return CarrierClosed(str(error), code, retry_after=retry_after(response))
