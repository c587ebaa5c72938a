"""What the engine says during a connection, and what follows from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from . import _messages as messages
from ._assignment import Assignment, grace_of
from ._heartbeat import Heartbeat
from ._outgoing import Outgoing
from ._requests import PendingRequests
from ._run_table import RunTable

_log = logging.getLogger("perfect_client")

Message = Mapping[str, Any]

# Errors after which nothing more of the run will be taken.
_END_OF_RUN = ("stale_epoch", "unknown_run", "payload_too_large", "journal_mismatch")


class InboxOwner(Protocol):
    """The worker."""

    runs: RunTable
    outgoing: Outgoing
    heartbeat: Heartbeat
    requests: PendingRequests

    def take_on(self, assignment: Assignment) -> None: ...
    def reconnect(self) -> None: ...


class Inbox:
    """Handles each message of the engine. Runs no user code: the reader must never wait."""

    def __init__(self, owner: InboxOwner) -> None:
        self._owner = owner
        self._handlers: dict[str, Callable[[Message], None]] = {
            "run.assign": self._assign,
            "run.ack": self._ack,
            "run.revoked": self._revoked,
            "run.cancel": self._cancel,
            "run.pause": lambda message: self._pause(message, True),
            "run.resume": lambda message: self._pause(message, False),
            "log.ack": self._log_ack,
            "heartbeat.ack": self._heartbeat_ack,
            "journal.page": owner.requests.answer,
            "flows.result": lambda message: log_refused_flows(message.get("flows") or ()),
            "drain.ack": _ignore,
            "goaway": self._go_away,
            "error": self._error,
        }
        self.reconnect_after: float | None = None
        """Seconds that the engine asked to wait before the next connection."""

    def handle(self, message: Message) -> None:
        """Handles a message. An unknown type is answered, and otherwise ignored."""
        kind = str(message.get("type"))
        handler = self._handlers.get(kind)
        if handler is None:
            self._owner.outgoing.post(messages.error("unknown_type", "Unknown message type", kind, kind))
            return
        try:
            handler(message)
        except (KeyError, TypeError, ValueError) as error:
            _log.warning("A message of the engine could not be read: %s (%s)", kind, error)
            self._owner.outgoing.post(messages.error("bad_message", "Unreadable message", repr(error), kind))

    def _assign(self, message: Message) -> None:
        self._owner.take_on(Assignment.from_message(message))

    def _ack(self, message: Message) -> None:
        run = self._owner.runs.held(message)
        if run is not None:
            run.events.ack(message["seq"])
            if run.is_finished:
                # Here and not in the thread of the run: the next assignment may be the next message.
                run.host.log_buffer.close(run.logs)
                self._owner.runs.remove(run)
            elif run.is_resting:
                self._owner.outgoing.wake()

    def _revoked(self, message: Message) -> None:
        run = self._owner.runs.held(message)
        if run is not None:
            self._owner.runs.revoke(run, str(message.get("reason", "revoked")))

    def _cancel(self, message: Message) -> None:
        run = self._owner.runs.held(message)
        if run is not None:
            run.cancel(grace_of(message))

    def _pause(self, message: Message, paused: bool) -> None:
        run = self._owner.runs.held(message)
        if run is not None:
            run.pause_tasks(paused)

    def _log_ack(self, message: Message) -> None:
        run = self._owner.runs.held(message)
        if run is not None:
            run.logs.ack(message["seq"])
            self._owner.outgoing.wake()

    def _heartbeat_ack(self, message: Message) -> None:
        self._owner.heartbeat.acknowledged(message["n"])
        for key in message.get("revoked") or ():
            self._revoked({"reason": "stale_epoch", **key})
        for key in message.get("cancelled") or ():
            self._cancel(key)

    def _go_away(self, message: Message) -> None:
        self.reconnect_after = (message.get("reconnectAfterMs") or 0) / 1000
        _log.info("The engine goes away (%s); connecting again afterwards", message.get("reason", "no reason given"))

    def _error(self, message: Message) -> None:
        code = message.get("code")
        run = self._owner.runs.held(message)
        if run is not None and code == "journal_gap" and message["expectedSeq"] > run.events.acked_seq:
            run.events.rewind(message["expectedSeq"] - 1)
            self._owner.outgoing.wake()
        elif run is not None and code in (*_END_OF_RUN, "journal_gap"):
            # A gap in what was acknowledged before cannot be filled: the engine has lost it.
            _log.error("Run %s is given up: %s %s", run.run_id, code, message.get("detail", ""))
            self._owner.runs.revoke(run, str(code))
            self._owner.outgoing.post(messages.release(run, "resource"))
        elif code == "unknown_type" and message.get("re") == "flows.update":
            self._owner.reconnect()  # the next hello announces the flows
        else:
            _log.warning("The engine reports an error: %s %s", code, message.get("detail") or message.get("title"))


def log_refused_flows(flows: Iterable[Mapping[str, Any]]) -> None:
    """Tells the user which flows the engine does not take."""
    for flow in flows:
        if flow.get("status") == "rejected":
            _log.error("The engine refuses the flow %s: %s", flow.get("name"), flow.get("problem"))


def _ignore(_message: Message) -> None:
    pass
