"""What the HTTP API tells of what users keep: saved views, and how far they have looked."""

from __future__ import annotations

from typing import Any, TypedDict

from ._action_views import SavedViewActionsView


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
    can: SavedViewActionsView


class NewsView(TypedDict):
    """How much of one topic is new: since ``until``, or of all when that is None."""

    until: str | None
    count: int
    isMore: bool


class SeenView(TypedDict):
    """How many failures and alerts are new to the caller."""

    failures: NewsView
    alerts: NewsView
