"""The writer: one thread that sends everything, the urgent first.

It pulls from the runs instead of queueing: control messages, then events with the lines written before them, then other
lines, then progress. So nothing piles up while the connection is gone, and what completes together goes out together.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from . import _messages as messages
from ._carrier import Carrier, CarrierClosed
from ._clock import elapsed
from ._run import Run
from ._welcome import Welcome


class ProgressBoard:
    """The newest progress of each task, handed out at most once in an interval."""

    def __init__(self, clock: Callable[[], float] = elapsed) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[tuple[Run, str], tuple[float, str | None]] = {}
        self._sent_at: dict[tuple[Run, str], float] = {}

    def put(self, run: Run, key: str, done: float, message: str | None) -> None:
        """Replaces what was not sent yet."""
        with self._lock:
            self._waiting[(run, key)] = (done, message)

    def take(self, interval: float) -> tuple[list[str], float | None]:
        """The messages that are due, and the seconds until the next one is."""
        now = self._clock()
        texts: list[str] = []
        wait: float | None = None
        with self._lock:
            for place, (done, message) in list(self._waiting.items()):
                run, key = place
                remaining = self._sent_at.get(place, now - interval) + interval - now
                if run.revoked or not run.calls.is_open(key):
                    del self._waiting[place]
                elif remaining <= 0:
                    del self._waiting[place]
                    self._sent_at[place] = now
                    texts.append(messages.progress(run, key, done, message))
                else:
                    wait = remaining if wait is None else min(wait, remaining)
            for place in [place for place, at in self._sent_at.items() if now - at > 10 * max(interval, 1.0)]:
                del self._sent_at[place]
        return texts, wait


class Outgoing:
    """What is to be sent, and the thread that sends it while there is a connection."""

    def __init__(self, runs: Callable[[], Sequence[Run]], gave_back: Callable[[Run], None]) -> None:
        """``gave_back`` hears of a run that is given back now."""
        self._runs = runs
        self._gave_back = gave_back
        self.progress = ProgressBoard()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._control: deque[str] = deque()
        self._carrier: Carrier | None = None
        self._welcome = Welcome()
        self._sent = threading.Condition(self._lock)
        self._is_sending = False
        self._stopped = False

    def start(self) -> None:
        """Starts the thread."""
        threading.Thread(target=self._work, name="perfect-writer", daemon=True).start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped = True
        self.wake()

    def attach(self, carrier: Carrier, welcome: Welcome) -> None:
        """Sends over this connection from now on."""
        with self._lock:
            self._carrier, self._welcome = carrier, welcome
            self._control.clear()
        self.wake()

    def detach(self) -> None:
        """The connection is gone. Control messages belong to it: ``hello`` says anew what they said."""
        with self._lock:
            self._carrier = None
            self._control.clear()
            self._sent.notify_all()

    def post(self, text: str) -> None:
        """Sends a control message, if there is a connection."""
        with self._lock:
            if self._carrier is not None:
                self._control.append(text)
        self.wake()

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def flush(self, timeout: float) -> bool:
        """Waits until all control messages are sent, or cannot be."""
        with self._sent:
            return self._sent.wait_for(lambda: not self._control and not self._is_sending, timeout)

    def _work(self) -> None:
        wait: float | None = None
        while not self._stopped:
            self._wake.wait(wait)
            self._wake.clear()
            carrier = self._carrier
            if carrier is None:
                wait = None
                continue
            texts, wait = self._collect()
            if texts:
                self._send(carrier, texts)
                wait = 0.0  # more may be there: a round takes only one batch of each run

    def _send(self, carrier: Carrier, texts: list[str]) -> None:
        try:
            carrier.send(texts)
        except CarrierClosed:
            # The reader notices, and begins a new connection.
            carrier.abort()
            with self._lock:
                if self._carrier is carrier:
                    self._carrier = None
        with self._sent:
            self._is_sending = False
            self._sent.notify_all()

    def _collect(self) -> tuple[list[str], float | None]:
        with self._lock:
            texts = list(self._control)
            self._control.clear()
            self._is_sending = bool(texts)
        runs, welcome = self._runs(), self._welcome
        waits: list[float] = []
        for run in runs:
            events = run.events.take()
            if events is not None:
                texts.extend(_lines_before(run, welcome))
                texts.append(messages.events(run, *events))
            rest = run.rest(can_park=welcome.can_park)
            if rest is not None and rest.seconds == 0:
                texts.extend(_lines_before(run, welcome))
                texts.append(messages.release(run, rest.reason, rest.wake_ms))
                self._gave_back(run)
            elif rest is not None:
                waits.append(rest.seconds)
        for run in runs:
            due = run.logs.due_in()
            if due == 0 and not run.logs.is_blocked(welcome.logs):
                batch = run.logs.take(welcome.logs)
                if batch is not None:
                    texts.append(messages.log_batch(run, batch))
            elif due:
                waits.append(due)
        progress, wait = self.progress.take(welcome.progress_ms / 1000)
        if wait is not None:
            waits.append(wait)
        return texts + progress, min(waits, default=None)


def _lines_before(run: Run, welcome: Welcome) -> list[str]:
    """The lines that were written before the events which go out now.

    A task that is recorded never runs again: were this process killed before its lines are sent, nobody would write
    them anew. They do not hold events up, though: what the engine does not take yet goes later.
    """
    texts: list[str] = []
    while (batch := run.logs.take(welcome.logs)) is not None:
        texts.append(messages.log_batch(run, batch))
    return texts
