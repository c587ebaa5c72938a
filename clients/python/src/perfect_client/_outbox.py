"""Events of one run on their way to the engine: numbered from 1, sent in order, kept until acknowledged."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future

MAX_BATCH_EVENTS = 256
# A quarter of the smallest message limit: one message never holds up a heartbeat for long.
MAX_BATCH_BYTES = 1 << 20


class EventOutbox:
    """Numbers events, hands out batches, and resolves a future for each event once the engine has stored it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unacked: deque[tuple[int, str, Future[None]]] = deque()
        self._last = 0
        self._sent = 0
        self._acked = 0
        self._failure: BaseException | None = None

    @property
    def last_seq(self) -> int:
        """Number of the newest event; 0 when there is none."""
        return self._last

    @property
    def acked_seq(self) -> int:
        """Number of the newest event that the engine has stored."""
        return self._acked

    def append(self, event: str) -> Future[None]:
        """Adds the JSON text of an event. The future resolves with its acknowledgement, or fails with the run."""
        stored: Future[None] = Future()
        # From here on it cannot be cancelled: an awaiting coroutine that is must not take the event with it.
        stored.set_running_or_notify_cancel()
        with self._lock:
            failure = self._failure
            if failure is None:
                self._last += 1
                self._unacked.append((self._last, event, stored))
        if failure is not None:
            stored.set_exception(failure)
        return stored

    def take(self) -> tuple[int, list[str]] | None:
        """The next events that were not sent on this connection, as (first number, texts); None when there are none."""
        with self._lock:
            batch: list[str] = []
            size = 0
            for seq, event, _ in self._unacked:
                if seq <= self._sent:
                    continue
                size += len(event)
                if batch and (len(batch) >= MAX_BATCH_EVENTS or size > MAX_BATCH_BYTES):
                    break
                batch.append(event)
            first = self._sent + 1
            self._sent += len(batch)
            return (first, batch) if batch else None

    def ack(self, seq: int) -> None:
        """Everything up to ``seq`` is stored."""
        stored: list[Future[None]] = []
        with self._lock:
            self._acked = max(self._acked, min(seq, self._last))
            self._sent = max(self._sent, self._acked)
            while self._unacked and self._unacked[0][0] <= self._acked:
                stored.append(self._unacked.popleft()[2])
        for future in stored:
            future.set_result(None)

    def rewind(self, acked: int) -> None:
        """A new connection begins, or the engine misses events: all after ``acked`` go out again."""
        self.ack(acked)
        with self._lock:
            self._sent = self._acked

    def fail(self, error: BaseException) -> None:
        """Nothing more can be stored: every waiting and later event fails with this."""
        with self._lock:
            if self._failure is not None:
                return
            self._failure = error
            waiting = [future for _, _, future in self._unacked]
            self._unacked.clear()
        for future in waiting:
            future.set_exception(error)
