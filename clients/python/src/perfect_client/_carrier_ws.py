"""The WebSocket carrier, on the package websocket-client."""

from __future__ import annotations

import contextlib
import importlib.util
import struct
import threading
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from ._carrier import PROTOCOL, CarrierClosed, CarrierName, CarrierUnsupported
from ._session import LOOPBACK_HOSTS

_MAX_MESSAGE_BYTES = 4 << 20
_CLOSE_SECONDS = 1.0
_CLOSE_BY_STATUS = {401: 4401, 403: 4403, 426: 4426}
# What the engine itself says about this worker, as problem details. Anything else comes from something on the way that
# lets no WebSocket through. So does 426, when the header was taken out on the way: over HTTP the engine says it again.
_OWN_STATUSES = (401, 403, 429, 503)
_PROBLEM_TYPE = "application/problem+json"


def has_websocket() -> bool:
    """Whether websocket-client is installed. Another package has the same import name, but not the function."""
    if importlib.util.find_spec("websocket") is None:
        return False
    return hasattr(_library(), "create_connection")


def _library() -> Any:
    import websocket  # pyright: ignore[reportMissingImports, reportMissingModuleSource]

    return cast("Any", websocket)


class WebSocketCarrier:
    """One WebSocket with the sub-protocol of the worker protocol."""

    name: CarrierName = "websocket"
    is_welcome = False

    def __init__(self, base_url: str, token: str | None, timeout: float) -> None:
        """Connects.

        :raises CarrierClosed: when it is refused or fails.
        """
        import socket

        library = _library()
        headers = [f"Authorization: Bearer {token}"] if token else []
        try:
            self._socket = library.create_connection(
                _connect_url(base_url),
                timeout=timeout,
                header=headers,
                subprotocols=[PROTOCOL],
                suppress_origin=True,
                enable_multithread=True,
                sockopt=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
                # Since 1.9 the default no longer leaves loopback out.
                http_no_proxy=list(LOOPBACK_HOSTS),
            )
        except library.WebSocketBadStatusException as error:
            raise _refused(error) from error
        except (library.WebSocketException, OSError) as error:
            raise CarrierClosed(f"The WebSocket could not be opened: {error}") from error
        self._library = library
        self._ended = threading.Event()

    def send(self, texts: Sequence[str]) -> None:
        """Sends each message in a frame of its own."""
        try:
            for text in texts:
                self._socket.send(text)
        except (self._library.WebSocketException, OSError) as error:
            raise CarrierClosed(f"The WebSocket broke while sending: {error}") from error

    def receive(self, timeout: float | None = None) -> str:
        """Waits for the next text frame; pings are answered on the way."""
        try:
            return self._receive(timeout)
        except CarrierClosed:
            self._ended.set()
            raise

    def close(self) -> None:
        """Sends the close frame with code 1000, and lets the reader see the answer."""
        with contextlib.suppress(self._library.WebSocketException, OSError):
            self._socket.send_close(1000)
            self._ended.wait(_CLOSE_SECONDS)
        self.abort()

    def abort(self) -> None:
        """Shuts the TCP connection down."""
        import socket

        raw = self._socket.sock
        if raw is None:
            return
        # Unlike close alone this wakes a thread that is reading or writing.
        with contextlib.suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)
        self._socket.shutdown()

    def _receive(self, timeout: float | None) -> str:
        try:
            self._socket.settimeout(timeout)
            opcode, data = cast("tuple[int, bytes]", self._socket.recv_data())
        except (self._library.WebSocketException, OSError, ValueError) as error:
            raise CarrierClosed(f"The WebSocket broke: {error or type(error).__name__}") from error
        if opcode == self._library.ABNF.OPCODE_CLOSE:
            code = struct.unpack("!H", data[:2])[0] if len(data) >= 2 else None
            raise CarrierClosed(data[2:].decode("utf-8", "replace") or "The engine closed the WebSocket", code)
        if len(data) > _MAX_MESSAGE_BYTES:
            raise CarrierClosed(f"A message of {len(data)} bytes came; at most {_MAX_MESSAGE_BYTES} are allowed", 1009)
        return data.decode("utf-8")


def _connect_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, f"{parts.path}/api/engine/workers/connect", "", ""))


def _refused(error: Any) -> CarrierClosed:
    status = int(getattr(error, "status_code", 0) or 0)
    headers = cast("Mapping[str, str]", getattr(error, "resp_headers", None) or {})
    asked = headers.get("retry-after", "")
    reason = f"The WebSocket was refused with status {status}"
    code = _CLOSE_BY_STATUS.get(status)
    if status not in _OWN_STATUSES or not headers.get("content-type", "").startswith(_PROBLEM_TYPE):
        return CarrierUnsupported(reason, code)
    return CarrierClosed(reason, code, retry_after=float(asked) if asked.isdigit() else None)
