"""The part of ``PerfectAPIClient`` about what users keep: saved views, and how far they have looked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ._api_transport import ApiTransport, given, segment
from ._api_values import Instant, instant
from ._saved_views import SavedView, SeenView
from ._views import Page


class ViewRoutes(ApiTransport):
    """Saved views: filters of runs with a name, for oneself or for everybody."""

    def list_views(self, *, cursor: str | None = None, limit: int = 100) -> Page[SavedView]:
        """A page of the caller's saved views and those that are shared, oldest first.

        :param limit: Range: 1..200. Default: 100.
        """
        return self._page("/engine/views", given(cursor=cursor, limit=limit))

    def iter_views(self) -> Iterator[SavedView]:
        """All of the caller's saved views and those that are shared, oldest first."""
        return self._all("/engine/views", {})

    def get_view(self, view_id: str) -> SavedView:
        """A saved view; ``list_runs(filter=view["filter"])`` gives its runs.

        :raises NotFoundError: VIEW_NOT_FOUND
        """
        answer: SavedView = self._call("GET", f"/engine/views/{segment(view_id)}")["view"]
        return answer

    def create_view(
        self,
        name: str,
        filter: str = "",  # noqa: A002
        *,
        display: Mapping[str, Any] | None = None,
        shared: bool = False,
    ) -> SavedView:
        """Saves a view: ``create_view("Broken tonight", "status:failed since:12h")``.

        :param filter: in the grammar of ``list_runs``. Default: all runs.
        :param display: how a user interface shows it; kept as it is.
        :param shared: whether everybody sees it; needs the scope ``run``.
        :raises ValidationError: FILTER_INVALID, VIEW_INVALID :raises ConflictError: VIEW_LIMIT
        """
        answer: SavedView = self._post("/engine/views", _body(name, filter, display, shared))["view"]
        return answer

    def replace_view(
        self,
        view_id: str,
        name: str,
        filter: str = "",  # noqa: A002
        *,
        display: Mapping[str, Any] | None = None,
        shared: bool = False,
    ) -> SavedView:
        """Replaces what a saved view says, whoever has changed it before; parameters as of ``create_view``.

        :raises NotFoundError: VIEW_NOT_FOUND :raises ValidationError: FILTER_INVALID, VIEW_INVALID
        """
        headers = {"If-Match": "*"}
        body = _body(name, filter, display, shared)
        answer: SavedView = self._call("PUT", f"/engine/views/{segment(view_id)}", body, headers=headers)["view"]
        return answer

    def remove_view(self, view_id: str) -> None:
        """Forgets a saved view.

        :raises NotFoundError: VIEW_NOT_FOUND
        """
        self._call("DELETE", f"/engine/views/{segment(view_id)}", headers={"If-Match": "*"})

    def get_seen(self) -> SeenView:
        """How many failures and alerts are new to the caller."""
        answer: SeenView = self._call("GET", "/engine/seen")
        return answer

    def mark_seen(self, topic: Literal["failures", "alerts"], until: Instant | None = None) -> SeenView:
        """Notes that the caller has seen all failures or alerts up to an instant. It never goes back.

        :param until: Default: now.
        :raises ValidationError: REQUEST_INVALID
        """
        body = given(until=instant(until))
        answer: SeenView = self._call("PUT", f"/engine/seen/{segment(topic)}", body)
        return answer


def _body(name: str, filter: str, display: Mapping[str, Any] | None, shared: bool) -> dict[str, Any]:  # noqa: A002
    return given(name=name, filter=filter, display=display, isShared=shared)
