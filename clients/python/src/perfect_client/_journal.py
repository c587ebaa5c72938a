"""What the engine has recorded of a run before it came here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ._json import JsonValue


@dataclass(frozen=True)
class Entry:
    """A recorded task: ``started`` only for tasks that must not run twice."""

    key: str
    status: Literal["succeeded", "failed", "started"]
    result: JsonValue = None
    error: Any = None
    args_hash: str | None = None


class Journal:
    """Recorded tasks by key."""

    def __init__(self, entries: Iterable[Mapping[str, Any]] = ()) -> None:
        self._entries: dict[str, Entry] = {}
        self._ahead: set[str] = set()
        self.add(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Adds entries as they come over the wire. What is not final yet does not replace what is."""
        for entry in entries:
            status = entry["status"]
            if status in ("succeeded", "failed") or (status == "started" and entry["key"] not in self._entries):
                self._entries[entry["key"]] = Entry(
                    entry["key"], status, entry.get("result"), entry.get("error"), entry.get("argsHash")
                )
                if status != "started":
                    self._ahead.add(entry["key"])

    @property
    def is_ahead(self) -> bool:
        """Whether recorded tasks are left that the flow has not asked for again."""
        return bool(self._ahead)

    def replayed(self, key: str) -> None:
        """The flow has got what is recorded of a task."""
        self._ahead.discard(key)

    def find(self, key: str) -> Entry | None:
        """The entry of a key."""
        return self._entries.get(key)
