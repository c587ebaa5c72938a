"""Log lines on their way to the engine: a bounded ring for the process, batches in order for each run.

Lines get their number only when a batch is first made, so that lines can be dropped before without leaving a gap.
Adding a line never waits.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ._clock import elapsed, instant_text
from ._json import dumps

FLUSH_SECONDS = 0.25
FLUSH_LINES = 200
FLUSH_BYTES = 64 << 10
RING_BYTES = 8 << 20


@dataclass(frozen=True)
class LogLimits:
    """What the engine takes. See ``welcome.limits``."""

    max_batch_bytes: int = 256 << 10
    max_lines: int = 1000
    max_in_flight: int = 8


@dataclass
class LogBatch:
    """Lines with consecutive numbers."""

    first_seq: int
    lines: list[str]
    dropped: int

    def snapshot(self) -> LogBatch:
        """A copy for the writer: an acknowledgement may shorten the original meanwhile."""
        return LogBatch(self.first_seq, list(self.lines), self.dropped)


@dataclass(frozen=True)
class _Line:
    order: int
    text: str
    is_debug: bool

    @property
    def size(self) -> int:
        return len(self.text)


class LogBuffer:
    """The ring of a process. When it is full the oldest DEBUG line goes, then the oldest line."""

    def __init__(self, max_bytes: int = RING_BYTES, clock: Callable[[], float] = elapsed) -> None:
        self.lock = threading.Lock()
        self.clock = clock
        self._max_bytes = max_bytes
        self._bytes = 0
        self._order = 0
        self._queues: list[RunLogs] = []

    def open(self) -> RunLogs:
        """The queue of a new run."""
        logs = RunLogs(self)
        with self.lock:
            self._queues.append(logs)
        return logs

    def close(self, logs: RunLogs) -> None:
        """Forgets a run and its lines."""
        with self.lock:
            if logs in self._queues:
                self._queues.remove(logs)
                self._bytes -= logs.discard()

    def make_line(self, text: str, is_debug: bool) -> _Line:
        """A line with its place in the ring. The caller holds the lock."""
        self._order += 1
        self._bytes += len(text)
        return _Line(self._order, text, is_debug)

    def shrink(self) -> None:
        """Drops lines until the ring fits. The caller holds the lock."""
        while self._bytes > self._max_bytes:
            oldest = min(self._queues, key=lambda logs: logs.oldest(debug=True))
            is_debug = oldest.oldest(debug=True) != _NONE
            if not is_debug:
                oldest = min(self._queues, key=lambda logs: logs.oldest(debug=False))
            self._bytes -= oldest.drop_oldest(debug=is_debug)

    def taken(self, size: int) -> None:
        """Lines left the ring for a batch. The caller holds the lock."""
        self._bytes -= size


_NONE = float("inf")


class RunLogs:
    """The lines of one run."""

    def __init__(self, buffer: LogBuffer) -> None:
        self._buffer = buffer
        self._debug: deque[_Line] = deque()
        self._other: deque[_Line] = deque()
        self._bytes = 0
        self._dropped = 0
        self._waiting_since: float | None = None
        self._forced = False
        self._next_seq = 1
        self._batches: deque[LogBatch] = deque()
        self._unsent = 0
        self._idle = threading.Event()
        self._idle.set()

    @property
    def last_seq(self) -> int:
        """Number of the newest line that was put in a batch."""
        return self._next_seq - 1

    def add(self, text: str, *, is_debug: bool = False) -> None:
        """Adds the JSON text of a line."""
        with self._buffer.lock:
            line = self._buffer.make_line(text, is_debug)
            (self._debug if is_debug else self._other).append(line)
            self._bytes += line.size
            self._idle.clear()
            if self._waiting_since is None:
                self._waiting_since = self._buffer.clock()
            self._buffer.shrink()

    @property
    def is_idle(self) -> bool:
        """Whether the engine has everything."""
        return self._idle.is_set()

    def flush(self, timeout: float) -> bool:
        """Sends what is there now and waits for the acknowledgements. True when all came."""
        self.force()
        return self._idle.wait(timeout)

    def force(self) -> None:
        """Makes waiting lines due at once."""
        with self._buffer.lock:
            self._forced = True

    def due_in(self) -> float | None:
        """Seconds until ``take`` has something; None while there is nothing to come."""
        with self._buffer.lock:
            if self._unsent > 0:
                return 0.0
            count = len(self._debug) + len(self._other)
            if count == 0 or self._waiting_since is None:
                return None
            if self._forced or count >= FLUSH_LINES or self._bytes >= FLUSH_BYTES:
                return 0.0
            return max(0.0, self._waiting_since + FLUSH_SECONDS - self._buffer.clock())

    def take(self, limits: LogLimits) -> LogBatch | None:
        """The next batch to send: one that the last connection lost, or a new one."""
        with self._buffer.lock:
            if self._unsent > 0:
                batch = self._batches[len(self._batches) - self._unsent]
                self._unsent -= 1
                return batch.snapshot()
            if len(self._batches) >= limits.max_in_flight or not (self._debug or self._other):
                return None
            batch = self._new_batch(limits)
            self._batches.append(batch)
            return batch.snapshot()

    def ack(self, seq: int) -> None:
        """The engine has stored all lines up to ``seq``."""
        with self._buffer.lock:
            while self._batches:
                batch = self._batches[0]
                done = min(seq - batch.first_seq + 1, len(batch.lines))
                if done > 0:
                    del batch.lines[:done]
                    batch.first_seq += done
                if batch.lines:
                    break
                self._batches.popleft()
            self._unsent = min(self._unsent, len(self._batches))
            self._settle()

    def rewind(self, acked: int) -> None:
        """A new connection begins: batches without acknowledgement go out again."""
        self.ack(acked)
        with self._buffer.lock:
            self._unsent = len(self._batches)

    def is_blocked(self, limits: LogLimits) -> bool:
        """Whether nothing can be sent until an acknowledgement comes."""
        return self._unsent == 0 and len(self._batches) >= limits.max_in_flight

    def oldest(self, *, debug: bool) -> float:
        """Age order of the oldest waiting line of a kind; infinity when there is none."""
        lines = self._debug if debug else self._other
        return lines[0].order if lines else _NONE

    def drop_oldest(self, *, debug: bool) -> int:
        """Drops a line and gives its size. The caller holds the lock of the buffer."""
        line = (self._debug if debug else self._other).popleft()
        self._dropped += 1
        self._bytes -= line.size
        self._settle()
        return line.size

    def discard(self) -> int:
        """Drops everything and gives the size of what had waited. The caller holds the lock of the buffer."""
        size = self._bytes
        self._debug.clear()
        self._other.clear()
        self._batches.clear()
        self._bytes = self._unsent = 0
        self._settle()
        return size

    def _new_batch(self, limits: LogLimits) -> LogBatch:
        lines: list[str] = []
        dropped, self._dropped = self._dropped, 0
        if dropped:
            lines.append(_dropped_line(dropped))
        size = taken = 0
        while (line := self._peek()) is not None and len(lines) < limits.max_lines:
            if lines and size + line.size > limits.max_batch_bytes:
                break
            (self._debug if line.is_debug else self._other).popleft()
            lines.append(line.text)
            size += line.size
            taken += line.size
        self._bytes -= taken
        self._buffer.taken(taken)
        if self._peek() is None:
            self._waiting_since = None
            self._forced = False
        first, self._next_seq = self._next_seq, self._next_seq + len(lines)
        return LogBatch(first, lines, dropped)

    def _peek(self) -> _Line | None:
        if not self._debug or not self._other:
            lines = self._debug or self._other
            return lines[0] if lines else None
        return min(self._debug[0], self._other[0], key=lambda line: line.order)

    def _settle(self) -> None:
        if not (self._debug or self._other or self._batches):
            self._idle.set()


def _dropped_line(count: int) -> str:
    message = f"{count} log lines were dropped: they came faster than they could be sent"
    return dumps({"t": instant_text(), "level": "warn", "logger": "perfect_client", "msg": message})
