"""A carrier moves messages between this worker and the engine, in both directions and in order, until it breaks.

Both carriers take and give the same JSON texts. What was sent on a broken one may or may not have arrived; the numbers
in the messages settle that after the next ``hello``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from .errors import PerfectError

PROTOCOL = "perfect.worker.v1"

CarrierName = Literal["websocket", "http"]


class Carrier(Protocol):
    """An open connection. ``receive`` is called by one thread, ``send`` by another, ``abort`` by any."""

    name: CarrierName
    is_welcome: bool
    """Whether the engine has greeted over it."""

    def send(self, texts: Sequence[str]) -> None:
        """Sends messages. Raises ``CarrierClosed`` when that fails."""
        ...

    def receive(self, timeout: float | None = None) -> str:
        """Waits for the next message. Raises ``CarrierClosed`` at the end, or after ``timeout`` seconds."""
        ...

    def close(self) -> None:
        """Ends the connection in an orderly way, which the engine sees as done."""
        ...

    def abort(self) -> None:
        """Breaks the connection at once; wakes whoever is sending or receiving."""
        ...


OpenCarrier = Callable[[], Carrier]


class CarrierClosed(Exception):
    """The connection has ended, or could not be made. ``code`` is the close code of the protocol, if one came."""

    def __init__(self, reason: str, code: int | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.retry_after = retry_after


class CarrierUnsupported(CarrierClosed):
    """Something on the way does not let this carrier through; another may work."""


class ConnectionRefused(PerfectError):
    """The engine does not want this worker, and trying again will not help."""

    code = "FORBIDDEN"


# Close codes after which another try would end the same way.
FATAL_CODES = {
    4403: "the token may not run flows, or not as this worker",
    4426: "the server speaks another version of the worker protocol",
}
TOKEN_EXPIRED = 4401
