"""What the HTTP API tells of what users keep for themselves: saved views."""

from __future__ import annotations

from typing import Any, TypedDict


class SavedView(TypedDict):
    """A filter of runs with a name."""

    id: str
    name: str
    filter: str
    display: dict[str, Any]
    isShared: bool
    owner: str | None
    createdAt: str
    updatedAt: str
    revision: int
