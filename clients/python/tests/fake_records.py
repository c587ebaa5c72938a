"""What the fake engine keeps, and the larger messages it sends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Message = dict[str, Any]


class Session(Protocol):
    """One connection of a worker, over either carrier."""

    def send(self, message: Mapping[str, Any]) -> None: ...
    def close(self, code: int, reason: str) -> None: ...
    def drop(self) -> None: ...


@dataclass
class FakeRun:
    """A run as the engine has stored it."""

    id: str
    flow: str
    params: Any
    configuration: str
    status: str = "queued"
    epoch: int = 0
    worker: str | None = None
    lease_until: float = 0.0
    seq: int = 0
    log_seq: int = 0
    cancel: bool = False
    result: Any = None
    error: Any = None
    journal: dict[str, Message] = field(default_factory=dict[str, Message])
    completions: list[str] = field(default_factory=list[str])
    events: list[Message] = field(default_factory=list[Message])
    logs: list[Message] = field(default_factory=list[Message])
    dropped_logs: int = 0
    progress: list[Message] = field(default_factory=list[Message])

    wake_at: float = 0.0

    @property
    def is_due(self) -> bool:
        return self.status == "queued" or (self.status == "waiting" and self.wake_at <= time.monotonic())

    def sleep(self, wake_ms: int | None) -> None:
        if wake_ms is not None:
            self.status, self.wake_at = "waiting", time.monotonic() + wake_ms / 1000

    @property
    def is_final(self) -> bool:
        return self.status in ("succeeded", "failed", "cancelled")


@dataclass
class FakeWorker:
    """A worker as the engine knows it."""

    id: str
    hello: Message
    session: Session | None = None
    held: set[str] = field(default_factory=set[str])
    draining: bool = False
    suspect: bool = False
    """A lease of it ran out: it gets nothing until it is heard of again."""
    heartbeats: int = 0


def key_of(run: FakeRun) -> Message:
    """The key of a run as it is held now."""
    return {"runId": run.id, "epoch": run.epoch}


def assignment(run: FakeRun, lease_ms: int, inline_journal: int) -> Message:
    """The message that hands a run out."""
    entries = list(run.journal.values())
    return {
        "type": "run.assign",
        **key_of(run),
        "flow": run.flow,
        "version": "1",
        "params": run.params,
        "configuration": run.configuration,
        "attempt": 1,
        "leaseMs": lease_ms,
        "journal": entries[:inline_journal],
        "journalTotal": len(entries),
        **({"cancel": {"cancelId": "c1"}} if run.cancel else {}),
    }


def verdict(run: FakeRun) -> Message:
    """Tells a worker that it may go on with a run, and what is stored of it."""
    cancel = {"cancel": {"cancelId": "c1"}} if run.cancel and not run.is_final else {}
    return {**key_of(run), "verdict": "continue", "ackedSeq": run.seq, "ackedLogSeq": run.log_seq, **cancel}
