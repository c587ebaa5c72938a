"""Fetches the recorded tasks of a run that did not fit its assignment."""

from __future__ import annotations

from concurrent.futures import TimeoutError as FutureTimeoutError  # another class before Python 3.11

from . import _messages as messages
from ._connection import Connection
from ._outgoing import Outgoing
from ._requests import PendingRequests
from ._run import Run
from .errors import ConnectionLostError

PAGE = 500
_ANSWER_SECONDS = 10.0


def complete_journal(run: Run, connection: Connection, requests: PendingRequests, outgoing: Outgoing) -> bool:
    """Asks for page after page, over as many connections as it takes. False when the run was taken away meanwhile."""
    offset: int | None = run.assignment.journal_sent
    while offset is not None and offset < run.assignment.journal_total and not run.revoked:
        if not connection.wait_active(1.0):
            continue
        request_id, answer = requests.open()
        outgoing.post(messages.journal_get(request_id, run, offset, PAGE))
        try:
            page = answer.result(_ANSWER_SECONDS)
        except (ConnectionLostError, FutureTimeoutError):
            continue
        run.journal.add(page["entries"])
        offset = page.get("next")
    return not run.revoked
