"""What the HTTP API tells of the past of a run: its journal, its times, its signals; and of many runs at once."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from ._action_views import ApprovalActionsView

RecordKind = Literal["task", "sleep", "signal", "approval", "child", "undo"]
RecordStatus = Literal["running", "retrying", "sleeping", "waiting", "succeeded", "failed"]


# The name is a keyword, which only this form can write.
Begin = TypedDict("Begin", {"from": str})


class StoredErrorView(TypedDict, total=False):
    """An error as it is stored. ``stack``, ``details`` and ``cause`` are there when they are known."""

    name: str
    message: str
    code: str | None
    details: dict[str, Any]
    stack: str
    cause: StoredErrorView


class JournalEntryView(TypedDict):
    """A record of the journal: what a replay is answered with."""

    seq: int
    key: str
    name: str
    kind: RecordKind
    status: RecordStatus
    origin: Literal["run", "cache", "copied"]
    attempt: int
    epoch: int
    position: int | None
    args: str | None
    childRunId: str | None
    startedAt: str
    finishedAt: str | None
    wakeAt: str | None
    value: Any
    error: StoredErrorView | None


class TimelineEntryView(Begin, TypedDict):
    """What a run did ``from`` an instant ``to`` another; ``to`` is None while it goes on."""

    kind: Literal["queue", "run", "task", "sleep", "signal", "approval", "child", "undo"]
    key: str | None
    name: str
    status: str
    scopes: list[str]
    to: str | None
    durationMs: int | None


class RunExplanationView(TypedDict):
    """Why a run is where it is, for people; ``child`` is that of the run it waits for."""

    runId: str
    text: str
    advice: str | None
    child: RunExplanationView | None


class ReplayDifferenceView(TypedDict):
    """What a replay did in another way than its journal says."""

    kind: Literal["arguments", "new", "missing", "result", "stuck"]
    key: str | None
    text: str


class ReplayReportView(TypedDict):
    """Whether a run decides by nothing but its journal."""

    ok: bool
    orders: int
    differences: list[ReplayDifferenceView]


class PendingSignalView(TypedDict):
    """A signal or an approval that a run waits for."""

    kind: Literal["signal", "approval"]
    name: str
    key: str
    since: str
    until: str | None


class SignalView(TypedDict):
    """A signal that was sent. ``takenBy`` is the key of the task that has got it."""

    id: str
    name: str
    sentAt: str
    by: str | None
    payload: Any
    takenBy: str | None


class RunSignalsView(TypedDict):
    """The signals of a run."""

    pending: list[PendingSignalView]
    sent: list[SignalView]


class SentSignalView(TypedDict):
    """What became of a signal: the run or task that has taken it, or None while nobody has."""

    id: str
    takenBy: str | None


class ApprovalView(TypedDict):
    """An approval that a run waits for."""

    runId: str
    flowId: str
    name: str
    title: str | None
    details: Any
    approvers: list[str] | None
    since: str
    until: str | None
    can: ApprovalActionsView


class SelectionView(TypedDict):
    """Runs that were chosen, for an action on all of them."""

    id: str
    count: int
    isPartial: bool
    createdAt: str
    expiresAt: str
    sample: list[str]


class BulkFailureView(TypedDict):
    """A run on which an action failed."""

    runId: str
    code: str | None
    message: str


class BulkView(TypedDict):
    """How far an action on many runs is."""

    id: str
    action: Literal["cancel", "retry", "remove"]
    status: Literal["running", "done"]
    total: int
    done: int
    failed: int
    failures: list[BulkFailureView]
    startedAt: str
    finishedAt: str | None
