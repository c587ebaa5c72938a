"""The part of ``PerfectAPIClient`` about many runs: figures, failures, alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from ._api_transport import ApiTransport, given, segment
from ._api_values import Instant, instant
from ._insight_views import AlertView, AuditView, FailureGroupView, HistogramView, RunStatsView, SeriesView
from ._overview_view import OverviewView
from ._views import Page


class InsightRoutes(ApiTransport):
    """What can be learned from many runs, and who was told of it."""

    def stats(
        self,
        flow: str | None = None,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        bucket_hours: int | None = None,
    ) -> list[RunStatsView]:
        """Figures about ended runs, by time, flow and configuration.

        :param flow: id or name of the flow. Default: all.
        :param since: Default: 24 hours ago.
        :param until: Default: now.
        :param bucket_hours: width of a stretch of time. Unit: hours. Range: 1..8760. Default: 1.
        """
        answer: list[RunStatsView] = self._get("/engine/stats", _window(flow, since, until, bucket_hours))["items"]
        return answer

    def flow_stats(
        self,
        flow_id: str,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        bucket_hours: int | None = None,
    ) -> list[RunStatsView]:
        """Figures about the ended runs of one flow; parameters as of ``stats``.

        :raises NotFoundError: FLOW_NOT_FOUND
        """
        query = _window(None, since, until, bucket_hours)
        answer: list[RunStatsView] = self._get(f"/engine/flows/{segment(flow_id)}/stats", query)["items"]
        return answer

    def series(
        self,
        flow: str | None = None,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        bucket: Literal["hour", "day"] = "hour",
    ) -> SeriesView:
        """Figures about ended runs over time: a point for each hour or day, also for those without runs.

        :param flow: id or name of the flow. Default: all flows together.
        :param since: Default: 24 hours ago; 30 days for days.
        :param until: Default: now.
        :param bucket: width of a point; days are in UTC.
        """
        query = {"flow": flow, "from": instant(since), "to": instant(until), "bucket": bucket}
        answer: SeriesView = self._get("/engine/stats/series", query)
        return answer

    def histogram(
        self,
        filter: str | None = None,  # noqa: A002 (the API's name)
        *,
        flow: str | None = None,
        status: str | Sequence[str] | None = None,
        since: Instant | None = None,
        until: Instant | None = None,
        text: str | None = None,
        bars: int = 60,
    ) -> HistogramView:
        """When the runs were created that fit, as bars, the oldest first.

        :param filter: as of ``list_runs``, like the other parameters.
        :param bars: Range: 1..500. Default: 60.
        :raises ValidationError: FILTER_INVALID
        """
        window = {"since": instant(since), "until": instant(until)}
        query = {"filter": filter, "flow": flow, "status": status, **window, "q": text, "bars": bars}
        answer: HistogramView = self._get("/engine/runs/histogram", query)
        return answer

    def list_audit(
        self,
        filter: str | None = None,  # noqa: A002 (the API's name)
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AuditView]:
        """A page of who did what, newest first.

        :param filter: ``actor:ann -action:run.trigger outcome:failed target:run_1 flow:etl since:24h``.
        :param limit: Range: 1..200. Default: 50.
        :raises ValidationError: FILTER_INVALID, CURSOR_INVALID
        """
        return self._page("/engine/audit", given(filter=filter, cursor=cursor, limit=limit))

    def iter_audit(self, filter: str | None = None) -> Iterator[AuditView]:  # noqa: A002 (the API's name)
        """All that was done, newest first; the filter is as of ``list_audit``."""
        return self._all("/engine/audit", given(filter=filter))

    def overview(self) -> OverviewView:
        """What goes on: counts of runs, those that run, next schedules, workers, last failures.

        Follow it with ``stream_events(last_event_id=overview["lastEventId"])``.
        """
        answer: OverviewView = self._call("GET", "/engine/overview")
        return answer

    def list_failures(
        self, flow: str | None = None, *, since: Instant | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[FailureGroupView]:
        """A page of why runs failed: failures of one kind as one, seen last first.

        :param limit: Range: 1..200. Default: 50.
        """
        return self._page("/engine/failures", given(flow=flow, since=instant(since), cursor=cursor, limit=limit))

    def iter_failures(self, flow: str | None = None, *, since: Instant | None = None) -> Iterator[FailureGroupView]:
        """All kinds of failures; parameters as of ``list_failures``."""
        return self._all("/engine/failures", given(flow=flow, since=instant(since)))

    def list_alerts(
        self,
        state: Literal["pending", "delivered", "given-up"] | None = None,
        flow: str | None = None,
        *,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AlertView]:
        """A page of what was told to others, and what became of it, newest first.

        :param limit: Range: 1..200. Default: 50.
        """
        return self._page("/engine/alerts", given(state=state, flow=flow, cursor=cursor, limit=limit))

    def iter_alerts(
        self, state: Literal["pending", "delivered", "given-up"] | None = None, flow: str | None = None
    ) -> Iterator[AlertView]:
        """All alerts, newest first; parameters as of ``list_alerts``."""
        return self._all("/engine/alerts", given(state=state, flow=flow))

    def get_alert(self, alert_id: str) -> AlertView:
        """An alert.

        :raises NotFoundError: ALERT_NOT_FOUND
        """
        answer: AlertView = self._call("GET", f"/engine/alerts/{segment(alert_id)}")["alert"]
        return answer

    def retry_alert(self, alert_id: str) -> AlertView:
        """Tells an alert again.

        :raises NotFoundError: ALERT_NOT_FOUND
        """
        answer: AlertView = self._call("POST", f"/engine/alerts/{segment(alert_id)}/retry")["alert"]
        return answer


def _window(
    flow: str | None, since: Instant | None, until: Instant | None, bucket_hours: int | None
) -> dict[str, object]:
    return given(flow=flow, since=instant(since), until=instant(until), bucketHours=bucket_hours)
