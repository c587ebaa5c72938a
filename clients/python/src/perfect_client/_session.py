"""HTTP sessions: the shape that ``requests.Session`` has, and a small one on the standard library with that shape."""

from __future__ import annotations

import contextlib
import importlib
import json as json_codec
import threading
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

from .errors import ConnectionLostError

if TYPE_CHECKING:
    from http.client import HTTPConnection

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
_MAX_IDLE = 8


class Headers(Protocol):
    """Header fields, found whatever their case."""

    def get(self, name: str, /) -> str | None: ...


class Response(Protocol):
    """The part of ``requests.Response`` that is used."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...


class SessionLike(Protocol):
    """The part of ``requests.Session`` that is used. ``httpx.Client`` fits too."""

    def request(
        self, method: str, url: str, *, json: Any = None, headers: Any = None, timeout: Any = None
    ) -> Response: ...


class StdlibResponse:
    """A response that was read to its end."""

    def __init__(self, status_code: int, headers: Headers, content: bytes) -> None:
        self.status_code = status_code
        self.headers = headers
        self.content = content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON."""
        return json_codec.loads(self.content)


class StdlibSession:
    """Keeps connections open between requests. Safe to use from several threads; each request has its own connection.

    Proxies and cookies are not supported; install ``requests`` for those.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str], list[HTTPConnection]] = {}
        self._busy: set[HTTPConnection] = set()
        self._aborted = False

    def request(
        self, method: str, url: str, *, json: Any = None, headers: Any = None, timeout: Any = None
    ) -> StdlibResponse:
        """Sends a request and reads the whole response.

        :param timeout: longest wait for the connection and for each read. Unit: seconds. Default: none.
        :raises OSError: when the server cannot be reached, or ends the connection in the middle.
        """
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        all_headers = {"Accept": "application/json", **cast("dict[str, str]", headers or {})}
        body: bytes | None = None
        if json is not None:
            body = json_codec.dumps(json, allow_nan=False, separators=(",", ":")).encode()
            all_headers.setdefault("Content-Type", "application/json")
        while True:
            connection, is_reused = self._take(parts.scheme, parts.netloc, timeout)
            try:
                return self._exchange(connection, method, target, body, all_headers, (parts.scheme, parts.netloc))
            except OSError:
                # The server closed it while it was idle, which says nothing about this request.
                if not is_reused or self._aborted:
                    raise

    def close(self) -> None:
        """Ends the connections that are not in use. The session can be used on."""
        with self._lock:
            idle = [connection for group in self._idle.values() for connection in group]
            self._idle.clear()
        for connection in idle:
            connection.close()

    def abort(self) -> None:
        """Ends all connections for good. Requests in other threads fail."""
        with self._lock:
            self._aborted = True
            busy = list(self._busy)
        for connection in busy:
            _wake(connection)
        self.close()

    def _exchange(
        self,
        connection: HTTPConnection,
        method: str,
        target: str,
        body: bytes | None,
        headers: dict[str, str],
        origin: tuple[str, str],
    ) -> StdlibResponse:
        from http.client import HTTPException

        keep = False
        try:
            connection.request(method, target, body, headers)
            with connection.getresponse() as response:
                content = response.read()
                keep = not response.will_close
                return StdlibResponse(response.status, cast("Headers", response.headers), content)
        except HTTPException as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        finally:
            self._give_back(connection, origin, keep=keep)

    def _take(self, scheme: str, netloc: str, timeout: Any) -> tuple[HTTPConnection, bool]:
        from http.client import HTTPConnection, HTTPSConnection

        with self._lock:
            if self._aborted:
                raise ConnectionError("The session was aborted")
            idle = self._idle.get((scheme, netloc))
            connection = idle.pop() if idle else None
            is_reused = connection is not None
            if connection is None:
                connection = (HTTPSConnection if scheme == "https" else HTTPConnection)(netloc)
            self._busy.add(connection)
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection, is_reused

    def _give_back(self, connection: HTTPConnection, origin: tuple[str, str], *, keep: bool) -> None:
        with self._lock:
            self._busy.discard(connection)
            idle = self._idle.setdefault(origin, [])
            if keep and not self._aborted and len(idle) < _MAX_IDLE:
                idle.append(connection)
                return
        connection.close()


def _wake(connection: HTTPConnection) -> None:
    """Makes the thread that uses the connection fail; it closes the connection then."""
    import socket

    sock = connection.sock
    if sock is not None:
        # Unlike close alone this wakes a thread that is reading.
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def default_session(base_url: str) -> SessionLike:
    """``requests.Session`` when it is installed, else the one of this module."""
    try:
        requests = importlib.import_module("requests")
    except ImportError:
        return StdlibSession()
    session: Any = requests.Session()
    if urlsplit(base_url).hostname in LOOPBACK_HOSTS:
        # A proxy of the environment cannot reach this machine's loopback.
        session.trust_env = False
    return cast("SessionLike", session)


def send(
    session: SessionLike, method: str, url: str, *, json: Any = None, headers: Any = None, timeout: float | None = None
) -> Response:
    """Sends a request; whatever the session raises becomes one error.

    :raises ConnectionLostError: when there is no response.
    """
    try:
        return session.request(method, url, json=json, headers=headers, timeout=timeout)
    except Exception as error:
        # requests and httpx have hierarchies of their own; all of them mean that no response came.
        raise ConnectionLostError(f"{method} {url} failed: {error or type(error).__name__}") from error
