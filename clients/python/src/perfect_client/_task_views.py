"""What the HTTP API answers of the tasks of runs, as typed dictionaries."""

from __future__ import annotations

from typing import Literal, TypedDict


class ErrorView(TypedDict):
    """An error for people."""

    name: str
    code: str | None
    message: str


class LinePlaceView(TypedDict):
    """Where a task waits in line that needs a place of a limit."""

    limit: str
    max: int
    perMs: float | None
    place: int


class TaskView(TypedDict):
    """A task of a run."""

    key: str
    name: str
    kind: Literal["task", "sleep", "signal", "approval", "child", "undo"]
    origin: Literal["run", "cache", "copied"]
    childRunId: str | None
    status: Literal["running", "retrying", "sleeping", "waiting", "succeeded", "failed"]
    attempt: int
    weight: float
    fraction: float
    note: str | None
    estimatedMs: float | None
    remainingMs: float | None
    startedAt: str
    finishedAt: str | None
    wakeAt: str | None
    line: LinePlaceView | None
    error: ErrorView | None


class WordColumnView(TypedDict):
    """A column of words that come again and again."""

    words: list[str]
    at: list[int]


class TaskColumnsView(TypedDict):
    """All tasks of a run, a column for each field; values that few tasks have are by the place of their task.

    ``startedAt`` and ``wakeAt`` count from ``baseAt``, ``tookMs`` from the start of the task. Unit: ms.
    """

    count: int
    baseAt: str | None
    key: list[str]
    name: WordColumnView
    kind: WordColumnView
    origin: WordColumnView
    status: WordColumnView
    attempt: list[int]
    weight: list[float]
    fraction: list[float]
    startedAt: list[float]
    tookMs: list[float | None]
    wakeAt: dict[str, float]
    estimatedMs: dict[str, float]
    remainingMs: dict[str, float]
    childRunId: dict[str, str]
    note: dict[str, str]
    line: dict[str, LinePlaceView]
    error: dict[str, ErrorView]
