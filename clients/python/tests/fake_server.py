"""The HTTP side of the fake engine: both carriers, and the few REST routes that the client uses."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from .fake_engine import FakeEngine
from .fake_records import FakeWorker, Message

PREFIX = "/api/engine/workers"


class PollSession:
    """A worker over long polling."""

    def __init__(self, session_id: str) -> None:
        self.id = session_id
        self.worker: FakeWorker | None = None
        self.closed: Message | None = None
        self.is_dropped = False
        self._changed = threading.Condition()
        self._outbox: list[Message] = []
        self._count = 0

    def send(self, message: Any) -> None:
        with self._changed:
            self._count += 1
            self._outbox.append({"n": self._count, "message": message})
            self._changed.notify_all()

    def close(self, code: int, reason: str) -> None:
        with self._changed:
            self.closed = {"code": code, "reason": reason}
            self._changed.notify_all()

    def drop(self) -> None:
        with self._changed:
            self.is_dropped = True
            self._changed.notify_all()

    def poll(self, after: int, wait_ms: int) -> Message:
        with self._changed:
            self._outbox = [item for item in self._outbox if item["n"] > after]
            self._changed.wait_for(lambda: self._outbox or self.closed or self.is_dropped, wait_ms / 1000)
            return {"messages": list(self._outbox), **({"closed": self.closed} if self.closed else {})}


class WebSocketSession:
    """A worker over a WebSocket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._lock = threading.Lock()

    def send(self, message: Any) -> None:
        self._frame(1, json.dumps(message).encode())

    def close(self, code: int, reason: str) -> None:
        self._frame(8, struct.pack("!H", code) + reason.encode())

    def ping(self) -> None:
        self._frame(9, b"are you there")

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _frame(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([0x80 | opcode]) + (bytes([size]) if size < 126 else bytes([127]) + struct.pack("!Q", size))
        # When the worker is gone, its reader will notice.
        with self._lock, contextlib.suppress(OSError):
            self._socket.sendall(head + payload)

    def read(self) -> tuple[int, bytes]:
        first, second = self._exactly(2)
        size = second & 0x7F
        if size >= 126:
            size = struct.unpack("!H" if size == 126 else "!Q", self._exactly(2 if size == 126 else 8))[0]
        mask = self._exactly(4)
        repeated = mask * (size // 4 + 1)
        payload = self._exactly(size)
        plain = int.from_bytes(payload, "big") ^ int.from_bytes(repeated[:size], "big")
        return first & 0x0F, plain.to_bytes(size, "big")

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionError("The worker has ended the connection")
            data += more
        return data


class Server(ThreadingHTTPServer):
    """Keeps the engine and the open sessions."""

    daemon_threads = True
    # Many connections at once would otherwise be refused while the tests keep the processor busy.
    request_queue_size = 128

    def __init__(self, engine: FakeEngine, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.engine = engine
        self.connections: set[socket.socket] = set()
        self.sessions: dict[str, PollSession] = {}
        self.token: str | None = None
        self.upgrade_status = 101
        self.requests: list[tuple[str, str, Any]] = []
        self.answers: list[tuple[int, Any, dict[str, str]]] = []
        """Prepared answers for REST requests, used in order."""

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        """Breaks every connection, idle ones included, as the end of a process does."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A worker that goes away in the middle is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def fake(self) -> Server:
        return cast("Server", self.server)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
        """Nothing: tests are quiet."""

    def do_GET(self) -> None:
        self._route("GET")

    def do_POST(self) -> None:
        self._route("POST")

    def do_DELETE(self) -> None:
        self._route("DELETE")

    def _route(self, method: str) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body: Any = json.loads(self.rfile.read(size)) if size else None
        path = urlsplit(self.path).path
        if not path.startswith(PREFIX):
            self.fake.requests.append((method, self.path, body))
        if self.fake.token and self.headers.get("Authorization") != f"Bearer {self.fake.token}":
            self._answer(401, {"title": "Not known", "status": 401, "code": "UNAUTHORIZED"})
        elif path == f"{PREFIX}/connect":
            self._websocket()
        elif path == f"{PREFIX}/sessions":
            session = PollSession(f"ses_{len(self.fake.sessions) + 1}")
            self.fake.sessions[session.id] = session
            self._answer(201, {"sessionId": session.id, "pollMs": 5000})
        elif path.startswith(f"{PREFIX}/sessions/"):
            self._session(method, path, body)
        elif self.fake.answers:
            self._answer(*self.fake.answers.pop(0))
        elif path == "/api/engine/register":
            self.fake.engine.registered.append(body)
            self._answer(200, {"status": "created", "flow": {"id": body["name"], "name": body["name"]}})
        else:
            self._answer(404, {"title": "There is nothing here", "status": 404, "code": "NOT_FOUND"})

    def _session(self, method: str, path: str, body: Any) -> None:
        session = self.fake.sessions.get(path.split("/")[5])
        if session is None or session.is_dropped:
            self._answer(404, {"title": "No such session", "status": 404, "code": "SESSION_NOT_FOUND"})
        elif method == "DELETE":
            self.fake.engine.closed(session, session.worker)
            session.drop()
            self._answer(204, None)
        elif method == "POST":
            for message in body["messages"]:
                session.worker = self.fake.engine.receive(session, session.worker, message)
            self._answer(202, {})
        else:
            query = parse_qs(urlsplit(self.path).query)
            answer = session.poll(int(query["after"][0]), int(query["waitMs"][0]))
            if session.is_dropped:
                self.fake.engine.closed(session, session.worker)
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self._answer(200, answer)

    def _websocket(self) -> None:
        if self.fake.upgrade_status != 101:
            self._answer(self.fake.upgrade_status, {"title": "No upgrade here"})
            return
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.send_header("Sec-WebSocket-Protocol", "perfect.worker.v1")
        self.end_headers()
        self.close_connection = True
        session = WebSocketSession(self.connection)
        worker: FakeWorker | None = None
        try:
            session.ping()
            while True:
                opcode, payload = session.read()
                if opcode == 8:
                    session.close(1000, "bye")
                    return
                if opcode == 1:
                    worker = self.fake.engine.receive(session, worker, json.loads(payload))
        except OSError:
            pass
        finally:
            self.fake.engine.closed(session, worker)

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class FakeServer:
    """A fake engine behind a port of this machine."""

    def __init__(self, engine: FakeEngine | None = None, port: int = 0) -> None:
        self.engine = engine or FakeEngine()
        self.http = Server(self.engine, port)
        self.port = int(self.http.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self, *, keep_engine: bool = False) -> None:
        """Ends the server; with ``keep_engine`` another one can go on with its runs."""
        self.http.shutdown()
        self._thread.join()
        self.http.server_close()
        self.http.drop_connections()
        for session in list(self.http.sessions.values()):
            session.drop()
        if keep_engine:
            self.engine.drop_connections()
        else:
            self.engine.stop()


def wait_until(condition: Any, timeout: float = 10.0, what: str = "the condition") -> None:
    """Waits for something outside of the engine."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true in {timeout} s")
        time.sleep(0.01)
