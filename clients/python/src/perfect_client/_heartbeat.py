"""The heartbeat: renews the leases, and notices a connection that is open but dead."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ._carrier import Carrier
from ._clock import elapsed
from ._lease import Lease
from ._welcome import Welcome

_log = logging.getLogger("perfect_client")

MAX_MISSING = 2
_LATE_SECONDS = 1.0


class Heartbeat:
    """A thread that beats while a connection is there, also when no run is held."""

    def __init__(self, lease: Lease, beat: Callable[[int, int], None]) -> None:
        """``beat(n, lag_ms)`` sends heartbeat number n."""
        self._lease = lease
        self._beat = beat
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._carrier: Carrier | None = None
        self._welcome = Welcome()
        self._count = 0
        self._sent_at: dict[int, float] = {}
        self._stopped = False
        self._warned = False

    def start(self) -> None:
        """Starts the thread."""
        threading.Thread(target=self._work, name="perfect-heartbeat", daemon=True).start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped = True
        self._changed.set()

    def attach(self, carrier: Carrier, welcome: Welcome, asked_at: float) -> None:
        """A connection begins. Its ``hello``, sent at ``asked_at``, was the first heartbeat."""
        with self._lock:
            self._carrier, self._welcome = carrier, welcome
            self._sent_at.clear()
        self._lease.renew(asked_at, welcome.lease_ms)
        self._changed.set()

    def detach(self) -> None:
        """The connection is gone."""
        with self._lock:
            self._carrier = None
        self._changed.set()

    def acknowledged(self, n: int) -> None:
        """The engine has answered heartbeat number n."""
        with self._lock:
            sent_at = self._sent_at.get(n)
            self._sent_at = {number: at for number, at in self._sent_at.items() if number > n}
            lease_ms = self._welcome.lease_ms
        if sent_at is not None:
            self._lease.renew(sent_at, lease_ms)

    def _work(self) -> None:
        while not self._stopped:
            interval = self._welcome.heartbeat_ms / 1000 if self._carrier is not None else None
            began = elapsed()
            if self._changed.wait(interval):
                self._changed.clear()
                continue
            self._tick(elapsed() - began - (interval or 0.0))

    def _tick(self, lag: float) -> None:
        if lag > _LATE_SECONDS and not self._warned:
            self._warned = True
            _log.warning("The heartbeat was %.1f s late: something keeps this process from running its threads", lag)
        with self._lock:
            carrier = self._carrier
            missing = len(self._sent_at)
            if carrier is not None and missing < MAX_MISSING:
                self._count += 1
                self._sent_at[self._count] = self._lease.clock()
        if carrier is None:
            return
        if missing >= MAX_MISSING:
            _log.warning("%d heartbeats were not answered; connecting again", missing)
            self.detach()
            carrier.abort()
        else:
            self._beat(self._count, max(0, round(lag * 1000)))
