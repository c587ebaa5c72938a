"""A run as the engine hands it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._journal import Journal

GRACE_SECONDS = 5.0
"""How long what was asked to end may take for it, unless the engine says it."""
OWN_SHARE = 0.9
"""What of a time that is given may be used up. In the rest processes end, and who has given it hears of it."""


def grace_of(cancel: Mapping[str, Any]) -> float | None:
    """How long a run may take to end, by the content of ``run.cancel``. Unit: seconds. None: as it was."""
    grace_ms = cancel.get("graceMs")
    return None if grace_ms is None else float(grace_ms) / 1000 * OWN_SHARE


@dataclass(frozen=True)
class Assignment:
    """The content of ``run.assign``. ``epoch`` is the fencing token: everything sent for the run carries it."""

    run_id: str
    epoch: int
    flow: str
    version: str
    params: Any
    configuration: str
    attempt: int
    journal: Journal = field(default_factory=Journal)
    journal_total: int = 0
    """Number of recorded tasks; more than are in ``journal`` when the message would have been too large."""
    journal_sent: int = 0
    cancel: Mapping[str, Any] | None = None
    """The content of ``run.cancel``, when the run is cancelled already."""
    seed: str = ""
    """Random text that stays the same in every epoch of the run."""
    started_at: str | None = None
    """When the run was first started, as RFC 3339 text."""

    @staticmethod
    def from_message(message: Mapping[str, Any]) -> Assignment:
        """Reads the message. Unknown fields are ignored."""
        entries: list[Mapping[str, Any]] = message.get("journal") or []
        return Assignment(
            run_id=message["runId"],
            epoch=message["epoch"],
            flow=message["flow"],
            version=str(message.get("version", "")),
            params=message.get("params"),
            configuration=message.get("configuration") or "development",
            attempt=message.get("attempt") or 1,
            journal=Journal(entries),
            journal_total=max(message.get("journalTotal") or 0, len(entries)),
            journal_sent=len(entries),
            cancel=message.get("cancel"),
            seed=str(message.get("seed") or message["runId"]),
            started_at=message.get("startedAt"),
        )
