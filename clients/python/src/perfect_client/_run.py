"""One run as this process holds it: its journal, its outgoing events and logs, and the signals that end it early.

States: running -> (fenced while the lease is in doubt | cancelling) -> finishing (events not acknowledged yet) -> gone.
User code runs in other modules; this one only keeps the record straight.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from ._assignment import GRACE_SECONDS, Assignment, grace_of
from ._calls import CallTracker
from ._clock import instant_text
from ._json import JsonValue, dumps
from ._keys import KeyScope
from ._log_buffer import RunLogs
from ._outbox import EventOutbox
from ._parking import PARK_SECONDS, Parking, Rest
from ._run_host import RunHost
from .errors import JournalMismatchError, PayloadTooLargeError, RunCancelled, RunRevoked

LOG_FLUSH_SECONDS = 5.0
_PAUSE_LOOK_SECONDS = 0.05


class Run:
    """A run between its assignment and the acknowledgement of its end."""

    is_recorded = True

    def __init__(self, assignment: Assignment, host: RunHost, *, is_async: bool) -> None:
        self.assignment = assignment
        self.host = host
        self.run_id = assignment.run_id
        self.epoch = assignment.epoch
        self.flow = assignment.flow
        self.attempt = assignment.attempt
        self.configuration = assignment.configuration
        self.params: Mapping[str, Any] = {}
        self.journal = assignment.journal
        self.is_replay = assignment.journal_total > 0
        self.events = EventOutbox()
        self.logs: RunLogs = host.log_buffer.open()
        self.is_async = is_async
        self.calls = CallTracker(is_async=is_async)
        self.scope = KeyScope()
        self.final_seq: int | None = None
        self.is_strict = True
        self.mismatch: JournalMismatchError | None = None
        self._revoked: str | None = None
        self._interrupted = threading.Event()
        self._interrupts: dict[object, Callable[[], None]] = {}
        self._cancelled = False
        self.cancel_grace = GRACE_SECONDS
        """How long the run may take to end once it is cancelled. Unit: seconds."""
        self._closing = False
        self._paused = False
        self._parking = Parking()
        self._attempts = 0
        self._lock = threading.Lock()
        if assignment.cancel:
            self.cancel(grace_of(assignment.cancel))

    @property
    def revoked(self) -> bool:
        """Whether the run is not this worker's any more."""
        return self._revoked is not None

    @property
    def cancelled(self) -> bool:
        """Whether the run was asked to end."""
        return self._cancelled or self.revoked

    @property
    def is_replaying(self) -> bool:
        """Whether the flow is where it was before: its log has that part already."""
        return self.journal.is_ahead

    @property
    def is_finished(self) -> bool:
        """Whether the engine has stored the end of the run."""
        return self.final_seq is not None and self.events.acked_seq >= self.final_seq

    def cancel(self, grace: float | None = None) -> None:
        """Asks the run to end at the next place where it looks. What runs in processes is killed after ``grace``."""
        if grace is not None:
            self.cancel_grace = grace
        self._cancelled = True
        self._interrupt()

    def revoke(self, reason: str) -> None:
        """Takes the run away: nothing is sent for it any more."""
        with self._lock:
            if self._revoked is not None:
                return
            self._revoked = reason
        self.events.fail(RunRevoked(f"Run {self.run_id} is no longer held here: {reason}"))
        self.host.log_buffer.close(self.logs)
        self._interrupt()

    def check_revoked(self) -> None:
        """Raises when the run is not this worker's any more."""
        if self._revoked is not None:
            raise RunRevoked(f"Run {self.run_id} is no longer held here: {self._revoked}")

    def check(self) -> None:
        """Raises what should end the run, if something should."""
        self.check_revoked()
        if self._cancelled:
            raise RunCancelled(f"Run {self.run_id} was cancelled")

    def on_interrupt(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back once when the run is cancelled or revoked; at once when it is already. Gives what ends that."""
        place = object()
        with self._lock:
            self._interrupts[place] = callback
        if self._interrupted.is_set():
            callback()
        return lambda: self._forget(place)

    def sleep(self, wake_at: float) -> None:
        """Waits until an instant of the wall clock.

        :raises RunCancelled: :raises RunRevoked: also when the run is given back, to go on when it wakes.
        """
        with self.sleeping(wake_at):
            self.pause(self.time_until(wake_at))

    def time_until(self, wake_at: float) -> float:
        """Seconds that a sleep lasts from now on."""
        left = max(0.0, wake_at - time.time())
        return 0.0 if self.host.skips_sleeps and left >= PARK_SECONDS else left

    @contextmanager
    def sleeping(self, wake_at: float) -> Generator[None]:
        """The flow does nothing but sleep during the block, as far as it is known here."""
        if not self.is_async and not self.calls.is_home:
            yield  # the flow itself goes on beside it
            return
        with self._parking.sleeping(wake_at):
            self.host.wake()
            yield

    def pause(self, seconds: float) -> None:
        """Waits, but not on after a cancel.

        :raises RunCancelled: :raises RunRevoked:
        """
        self._interrupted.wait(seconds)
        self.check()

    def close_tasks(self) -> None:
        """The flow function has failed: tasks that did not start yet stay undone."""
        self._closing = True

    @property
    def may_start(self) -> bool:
        """Whether a new task may start now: the run is not paused, and the lease is not in doubt."""
        return not self._paused and self.host.lease.is_valid

    @property
    def is_resting(self) -> bool:
        """Whether the run is paused, or sleeps for long: it is given back once all that it did is stored."""
        return self._paused or self._parking.left is not None

    def rest(self, *, can_park: bool) -> Rest | None:
        """How the run is given back, and when; None while it goes on.

        :param can_park: whether the engine takes runs back that sleep.
        """
        with self._lock:
            if self._attempts > 0 or self.events.last_seq != self.events.acked_seq:
                return None
            if self._paused:
                return Rest(0.0, "paused")
        left, quiet_since = self._parking.left, self.calls.quiet_since
        if not can_park or left is None or quiet_since is None or self.cancelled:
            return None
        if not self.logs.is_idle:
            self.logs.force()
            return None
        return Rest(self._parking.settled_in(quiet_since), "sleeping", round(left * 1000))

    def pause_tasks(self, paused: bool) -> None:
        """Starts nothing new, or goes on."""
        with self._lock:
            self._paused = paused
        self.host.wake()

    def begin_attempt(self) -> bool:
        """Begins an attempt of a task, which a pause waits for. False when the run was paused meanwhile."""
        with self._lock:
            if self._paused:
                return False
            self._attempts += 1
            return True

    def end_attempt(self) -> None:
        """An attempt has ended, and is recorded."""
        with self._lock:
            self._attempts -= 1
        if self._paused:
            self.host.wake()

    def check_start(self) -> None:
        """Raises what should keep a new task from starting, if something should."""
        self.check()
        if self._closing:
            raise RunCancelled(f"The flow of run {self.run_id} has ended")

    def before_task(self) -> None:
        """Waits until a new task may start here.

        :raises RunCancelled: :raises RunRevoked:
        """
        self.check_start()
        while not self.may_start:
            # Waits for either: a run that is paused is given back soon.
            if self._paused:
                self._interrupted.wait(_PAUSE_LOOK_SECONDS)
            else:
                self.host.lease.wait(lambda: self.cancelled)
            self.check_start()

    def record(self, event: Mapping[str, JsonValue]) -> Future[None]:
        """Sends an event. The future resolves once the engine has stored it."""
        return self.record_text(dumps({**event, "at": instant_text()}))

    def record_text(self, event: str) -> Future[None]:
        """``record`` for an event that is JSON text."""
        stored = self.events.append(event)
        self.host.wake()
        return stored

    def finish(self, event: Mapping[str, JsonValue]) -> Future[None]:
        """Sends the last event."""
        return self.finish_text(dumps({**event, "at": instant_text()}))

    def finish_text(self, event: str) -> Future[None]:
        """``finish`` for an event that is JSON text."""
        self.logs.force()
        self.host.wake()
        self.logs.flush(LOG_FLUSH_SECONDS)
        # Under no lock: only the thread that drives the run finishes it, and no task is open any more.
        self.final_seq = self.events.last_seq + 1
        return self.record_text(event)

    def check_size(self, text: str, what: str) -> None:
        """Checks the JSON text of a result against the limit of the engine.

        :raises PayloadTooLargeError: when it is larger.
        """
        size, limit = len(text.encode("utf-8")), self.host.max_result_bytes
        if size > limit:
            advice = "Store it elsewhere and return a reference to it."
            raise PayloadTooLargeError(f"The {what} is {size} bytes of JSON; at most {limit} can be recorded. {advice}")

    def add_log(self, line: str, *, is_debug: bool) -> None:
        """Adds the JSON text of a line to the log of the run."""
        if self.revoked:
            return
        self.logs.add(line, is_debug=is_debug)
        self.host.wake()

    def report_progress(self, key: str, done: float, message: str | None) -> None:
        """Reports the progress of a task."""
        self.host.report_progress(self, key, done, message)

    def _interrupt(self) -> None:
        self._interrupted.set()
        self.host.lease.wake()
        with self._lock:
            callbacks, self._interrupts = list(self._interrupts.values()), {}
        for callback in callbacks:
            callback()

    def _forget(self, place: object) -> None:
        with self._lock:
            self._interrupts.pop(place, None)
