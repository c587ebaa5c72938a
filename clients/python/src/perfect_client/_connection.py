"""Keeps a connection to the engine: connect, hello, welcome, read, and after the end the same again.

States: connecting -> handshaking -> active -> closed; any error leads back to connecting after a random wait. The runs
go on meanwhile.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import Any, Literal, Protocol, cast

from ._carrier import FATAL_CODES, TOKEN_EXPIRED, Carrier, CarrierClosed, ConnectionRefused
from ._clock import elapsed
from ._json import loads
from ._welcome import Welcome

_log = logging.getLogger("perfect_client")

ConnectionState = Literal["connecting", "handshaking", "active", "closed"]

FIRST_BACKOFF_SECONDS = 0.25
WELCOME_SECONDS = 10.0
# A connection that ends sooner counts as a failed try: a server that greets and hangs up must not be hammered.
STABLE_SECONDS = 5.0


class ConnectionOwner(Protocol):
    """The worker."""

    def hello(self) -> str: ...
    def welcomed(self, carrier: Carrier, welcome: Welcome, asked_at: float) -> None: ...
    def received(self, message: dict[str, Any]) -> None: ...
    def lost(self) -> float | None: ...
    def longest_backoff(self) -> float: ...
    def refused(self, error: ConnectionRefused) -> None: ...


class Connection:
    """The thread that connects and reads."""

    def __init__(self, owner: ConnectionOwner, open_carrier: Callable[[], Carrier]) -> None:
        self._owner = owner
        self._open_carrier = open_carrier
        self._carrier: Carrier | None = None
        self._reconnect_after: float | None = None
        self._stopped = threading.Event()
        self._active = threading.Condition()
        self.state: ConnectionState = "connecting"

    def start(self) -> None:
        """Starts the thread."""
        threading.Thread(target=self._work, name="perfect-connection", daemon=True).start()

    def stop(self) -> None:
        """Ends the connection in an orderly way, and the thread."""
        self._stopped.set()
        carrier = self._carrier
        if carrier is not None:
            carrier.close()
        self._enter("closed")

    def abort(self) -> None:
        """Breaks the connection; a new one is made."""
        carrier = self._carrier
        if carrier is not None:
            carrier.abort()

    def wait_active(self, timeout: float | None) -> bool:
        """Waits until the engine has greeted. False after the timeout, or when the connection is closed."""
        with self._active:
            self._active.wait_for(lambda: self.state in ("active", "closed"), timeout)
            return self.state == "active"

    def _work(self) -> None:
        failures = 0
        token_tries = 0
        while not self._stopped.is_set():
            began = elapsed()
            self._reconnect_after = None
            end = self._once()
            self._enter("connecting")
            if self._stopped.is_set():
                break
            if end.code in FATAL_CODES or (end.code == TOKEN_EXPIRED and token_tries > 0):
                self._refused(end)
                break
            token_tries = token_tries + 1 if end.code == TOKEN_EXPIRED else 0
            failures = 0 if elapsed() - began > STABLE_SECONDS else failures + 1
            asked = self._reconnect_after if end.retry_after is None else end.retry_after
            delay = _backoff(failures, self._owner.longest_backoff(), asked)
            _log.info("Not connected to the engine (%s); next try in %.1f s", end, delay)
            self._stopped.wait(delay)
        self._enter("closed")

    def _once(self) -> CarrierClosed:
        """One connection, from its beginning to what ended it."""
        try:
            carrier = self._carrier = self._open_carrier()
            try:
                self._talk(carrier)
            finally:
                self._carrier = None
                carrier.abort()
        except CarrierClosed as error:
            return error
        except Exception as error:  # the connection must come back whatever goes wrong in one
            _log.exception("The connection broke in an unexpected way")
            return CarrierClosed(f"{type(error).__name__}: {error}")
        return CarrierClosed("The connection was ended")

    def _talk(self, carrier: Carrier) -> None:
        self._enter("handshaking")
        if self._stopped.is_set():
            return
        asked_at = elapsed()
        carrier.send([self._owner.hello()])
        welcome = Welcome.from_message(_welcome_from(carrier.receive(WELCOME_SECONDS)))
        carrier.is_welcome = True
        try:
            self._owner.welcomed(carrier, welcome, asked_at)
            self._enter("active")
            _log.info("Connected to the engine over %s", carrier.name)
            self._read(carrier)
        finally:
            self._reconnect_after = self._owner.lost()

    def _read(self, carrier: Carrier) -> None:
        while not self._stopped.is_set():
            message = loads(carrier.receive())
            if isinstance(message, dict):
                self._owner.received(cast("dict[str, Any]", message))

    def _refused(self, error: CarrierClosed) -> None:
        why = FATAL_CODES.get(error.code or 0, "the token is not valid")
        refusal = ConnectionRefused(f"The engine refuses this worker: {why} ({error}).")
        if error.code == TOKEN_EXPIRED:
            refusal.code = "UNAUTHORIZED"
        elif error.code == 4426:
            refusal.code = "PROTOCOL_UNSUPPORTED"
        self._owner.refused(refusal)

    def _enter(self, state: ConnectionState) -> None:
        with self._active:
            if self.state != "closed":
                self.state = state
            self._active.notify_all()


def _welcome_from(text: str) -> dict[str, Any]:
    message = loads(text)
    if not isinstance(message, dict) or message.get("type") != "welcome":
        kind = message.get("type") if isinstance(message, dict) else None
        detail = message.get("detail") if isinstance(message, dict) else None
        raise CarrierClosed(f"The engine answered hello with {kind or 'no message'} ({detail or 'no detail'})")
    return cast("dict[str, Any]", message)


def _backoff(failures: int, longest: float, asked: float | None) -> float:
    """Seconds until the next try: full jitter, or what the server asked for."""
    if asked is not None:
        return min(asked, longest) + random.uniform(0, FIRST_BACKOFF_SECONDS)
    # 2^10 quarters of a second are past the bound; more would only overflow.
    return random.uniform(0, min(longest, FIRST_BACKOFF_SECONDS * 2 ** min(failures, 10)))
