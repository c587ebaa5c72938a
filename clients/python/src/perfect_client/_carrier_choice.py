"""Chooses what carries the messages: a WebSocket, or long polling where no WebSocket comes through.

A worker that went over to polling stays there while that connection lasts. The next one tries a WebSocket again, unless
that was found blocked a moment ago: a proxy that swallows the upgrade costs its timeout each time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from ._carrier import Carrier, CarrierClosed, CarrierUnsupported
from ._clock import elapsed

if TYPE_CHECKING:
    from ._session import SessionLike

_log = logging.getLogger("perfect_client")

CarrierChoice = Literal["auto", "websocket", "http"]

BLOCKED_SECONDS = 60.0
# A proxy that knows no upgrades may never answer one.
UPGRADE_SECONDS = 5.0
# One may be an accident of the network.
MAX_MISSES = 2


class CarrierOpener:
    """Opens carriers, one after the other."""

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str | None],
        timeout: float,
        session: SessionLike | None = None,
        choice: CarrierChoice = "auto",
    ) -> None:
        self._base_url = base_url
        self._token = token
        self._timeout = timeout
        self._session = session
        self._choice: CarrierChoice = choice
        self._misses = 0
        self._blocked_until = float("-inf")
        self._last: Carrier | None = None

    def open(self) -> Carrier:
        """Opens the carrier that is likely to work.

        :raises CarrierClosed: when it is refused or fails.
        """
        self._judge_last()
        self._last = None
        carrier = self._last = self._open()
        return carrier

    def _open(self) -> Carrier:
        if self._choice == "websocket":
            return self._web_socket(self._timeout)
        if self._choice == "http" or not _has_websocket() or elapsed() < self._blocked_until:
            return self._polling()
        try:
            return self._web_socket(min(self._timeout, UPGRADE_SECONDS))
        except CarrierUnsupported as error:
            return self._instead(error)
        except CarrierClosed as error:
            # An answer with a code or a time is the engine's own.
            if error.code is not None or error.retry_after is not None or not self._missed():
                raise
            return self._instead(error)

    def _judge_last(self) -> None:
        last = self._last
        if last is None or last.name != "websocket":
            return
        if last.is_welcome:
            self._misses = 0
        elif self._choice == "auto" and self._missed():
            # The upgrade went through, and nothing after it.
            self._block("The engine was not heard over a WebSocket")

    def _missed(self) -> bool:
        self._misses += 1
        return self._misses >= MAX_MISSES

    def _instead(self, error: CarrierClosed) -> Carrier:
        # When this fails too, it was not for the WebSocket: the next try begins with one again.
        self._misses = 0
        carrier = self._polling()
        self._block(str(error))
        return carrier

    def _block(self, why: str) -> None:
        _log.info("%s; going on over HTTP", why)
        self._misses = 0
        self._blocked_until = elapsed() + BLOCKED_SECONDS

    def _web_socket(self, timeout: float) -> Carrier:
        from ._carrier_ws import WebSocketCarrier

        return WebSocketCarrier(self._base_url, self._token(), timeout)

    def _polling(self) -> Carrier:
        from ._carrier_http import HttpCarrier

        return HttpCarrier(self._base_url, self._token(), self._timeout, self._session)


def _has_websocket() -> bool:
    from ._carrier_ws import has_websocket

    return has_websocket()
