"""The part of ``PerfectAPIClient`` about runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._api_transport import ApiTransport, given, segment
from ._api_values import Instant, Span, instant, span_ms
from ._history_views import JournalEntryView, ReplayReportView, RunExplanationView, TimelineEntryView
from ._json import to_json
from ._run_wait import wait_for_end
from ._task_views import TaskColumnsView, TaskView
from ._views import Page, RunDetailView, RunView


class RunRoutes(ApiTransport):
    """Runs: starting, finding, watching, and asking something of them."""

    def trigger(
        self,
        flow_id: str,
        params: Mapping[str, Any] | None = None,
        configuration: str | None = None,
        idempotency_key: str | None = None,
        *,
        priority: int | None = None,
        delay: Span | None = None,
        start_at: Instant | None = None,
        tags: Sequence[str] | None = None,
        attributes: Mapping[str, str | float | bool] | None = None,
        dedupe_key: str | None = None,
    ) -> RunView:
        """Starts a run. The same idempotency key gives the same run.

        :param configuration: Default: the default configuration of the flow.
        :param priority: place in line; larger goes first. Range: -10..10. Default: that of the flow.
        :param delay: how long it waits before it starts. Unit: seconds, or a timedelta. Default: 0.
        :param start_at: when it starts. Default: now.
        :param tags: what it is found by, beside those of the flow.
        :param attributes: named values that it is found by.
        :param dedupe_key: while a run with this key is open, that one is given instead of a new one.
        :raises NotFoundError: FLOW_NOT_FOUND
        :raises ValidationError: CONFIGURATION_INVALID, INPUT_INVALID
        """
        values = None if params is None else to_json(params, "parameters of the run")
        body = given(
            input=values,
            configuration=configuration,
            priority=priority,
            delay=span_ms(delay),
            startAt=instant(start_at),
            tags=None if tags is None else list(tags),
            attributes=None if attributes is None else dict(attributes),
            dedupe=None if dedupe_key is None else {"key": dedupe_key},
        )
        answer: RunView = self._post(f"/engine/trigger/{segment(flow_id)}", body, idempotency_key)["run"]
        return answer

    def list_runs(
        self,
        flow: str | None = None,
        status: str | Sequence[str] | None = None,
        cursor: str | None = None,
        limit: int = 50,
        *,
        filter: str | None = None,  # noqa: A002 (the API's name)
        since: Instant | None = None,
        until: Instant | None = None,
        text: str | None = None,
        count: bool = False,
        at: Instant | None = None,
        around: int | None = None,
    ) -> Page[RunView]:
        """A page of the runs, newest first.

        :param flow: id or name of the flow.
        :param status: one status, or several.
        :param cursor: ``next_cursor`` or ``prev_cursor`` of another page, with the same filters.
        :param limit: Range: 1..200. Default: 50.
        :param filter: what runs must have, and with a minus what they must not have:
            ``status:failed -flow:etl tag:nightly attr.region:eu duration:>5m``.
        :param since: only those created then or later.
        :param until: only those created before.
        :param text: what the id, the flow or the error contains.
        :param count: True says how many there are, too, in ``count`` of the page.
        :param at: a page around this time, half of it newer; without a cursor.
        :param around: how many runs that page has. Range: 1..200. Default: ``limit``.
        :raises ValidationError: FILTER_INVALID, CURSOR_INVALID
        """
        query = _filters(flow, status, filter, since, until, text, cursor, limit, count)
        return self._page("/engine/runs", {**query, **given(at=instant(at), around=around)})

    def iter_runs(
        self,
        flow: str | None = None,
        status: str | Sequence[str] | None = None,
        *,
        filter: str | None = None,  # noqa: A002 (the API's name)
        since: Instant | None = None,
        until: Instant | None = None,
        text: str | None = None,
    ) -> Iterator[RunView]:
        """All runs, newest first; parameters as of ``list_runs``."""
        return self._all("/engine/runs", _filters(flow, status, filter, since, until, text))

    def get_run(self, run_id: str, *, wait: float | None = None) -> RunDetailView:
        """A run with its tasks, input and result.

        :param wait: how long the server waits for its end before it answers. Unit: seconds. Range: 0..30. Default: 0.
        :raises NotFoundError: RUN_NOT_FOUND
        """
        answer: RunDetailView = self._get(_run(run_id), {"wait": None if wait is None else f"{round(wait * 1000)}ms"})
        return answer

    def wait_for_run(self, run_id: str, timeout: float | None = None) -> RunDetailView:
        """Waits until a run has ended, and gives it.

        :param timeout: Unit: seconds. Default: as long as it takes.
        :raises NotFoundError: RUN_NOT_FOUND
        :raises TimeoutError: when it has not ended by then; the message says how far it is.
        """
        longest = max(0.0, self._timeout - 5)
        return wait_for_end(lambda wait: self.get_run(run_id, wait=min(wait, longest)), run_id, timeout)

    def cancel_run(self, run_id: str, reason: str | None = None, *, force: bool = False) -> RunView:
        """Asks a run to end.

        :param force: True ends it at once, without waiting for what runs.
        :raises NotFoundError: RUN_NOT_FOUND :raises ConflictError: RUN_FINISHED
        """
        return self._ask(run_id, "cancel", given(reason=reason, force=force or None))

    def pause_run(self, run_id: str) -> RunView:
        """Asks a run to pause: what runs ends, nothing new starts.

        :raises NotFoundError: RUN_NOT_FOUND :raises ConflictError: RUN_FINISHED
        """
        return self._ask(run_id, "pause", {})

    def resume_run(self, run_id: str) -> RunView:
        """Lets a run go on that was paused, or held because its flow has changed.

        :raises NotFoundError: RUN_NOT_FOUND :raises ConflictError: RUN_NOT_PAUSED, RUN_FINISHED
        """
        return self._ask(run_id, "resume", {})

    def retry_run(
        self,
        run_id: str,
        *,
        from_task: str | None = None,
        params: Mapping[str, Any] | None = None,
        configuration: str | None = None,
    ) -> RunView:
        """Tries an ended run again, as a new run, which keeps what had succeeded.

        :param from_task: key of the task from which on everything runs again. Default: what has failed.
        :param params: Default: those of the run.
        :raises NotFoundError: RUN_NOT_FOUND, TASK_NOT_FOUND :raises ConflictError: RUN_NOT_FINISHED
        """
        values = None if params is None else to_json(params, "parameters of the run")
        return self._ask(run_id, "retry", given(**{"from": from_task}, input=values, configuration=configuration))

    def remove_run(self, run_id: str) -> None:
        """Forgets an ended run.

        :raises NotFoundError: RUN_NOT_FOUND :raises ConflictError: RUN_NOT_FINISHED
        """
        self._call("DELETE", _run(run_id))

    def iter_tasks(self, run_id: str) -> Iterator[TaskView]:
        """All tasks of a run, in the order in which they began.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        return self._all(f"{_run(run_id)}/tasks", {})

    def get_task_columns(self, run_id: str) -> TaskColumnsView:
        """All tasks of a run in one answer, a column for each field: for charts of thousands of them.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        answer: TaskColumnsView = self._get(f"{_run(run_id)}/tasks", {"format": "columns"})
        return answer

    def iter_journal(self, run_id: str) -> Iterator[JournalEntryView]:
        """All records of a run: what its replay is answered with.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        return self._all(f"{_run(run_id)}/journal", {})

    def iter_children(self, run_id: str) -> Iterator[RunView]:
        """The runs that the flow of a run has started.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        return self._all(f"{_run(run_id)}/children", {})

    def get_timeline(self, run_id: str) -> list[TimelineEntryView]:
        """When a run did what.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        answer: list[TimelineEntryView] = self._call("GET", f"{_run(run_id)}/timeline")["items"]
        return answer

    def explain_run(self, run_id: str) -> RunExplanationView:
        """Why a run is where it is, in words.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        answer: RunExplanationView = self._call("GET", f"{_run(run_id)}/explanation")
        return answer

    def verify_replay(self, run_id: str, orders: int | None = None) -> ReplayReportView:
        """Proves that a run decides by nothing but its journal: replays it in several orders. For flows of the engine.

        :raises NotFoundError: RUN_NOT_FOUND :raises ConflictError: RUN_NOT_FINISHED
        """
        answer: ReplayReportView = self._call("POST", f"{_run(run_id)}/verify-replay", given(orders=orders))
        return answer

    def _ask(self, run_id: str, what: str, body: Mapping[str, Any]) -> RunView:
        answer: RunView = self._post(f"{_run(run_id)}/{what}", body)["run"]
        return answer


def _run(run_id: str) -> str:
    return f"/engine/runs/{segment(run_id)}"


def _filters(
    flow: str | None,
    status: str | Sequence[str] | None,
    filter: str | None,  # noqa: A002 (the API's name)
    since: Instant | None,
    until: Instant | None,
    text: str | None,
    cursor: str | None = None,
    limit: int | None = None,
    count: bool = False,
) -> dict[str, Any]:
    window = {"since": instant(since), "until": instant(until)}
    asked = given(flow=flow, status=status, filter=filter, **window, q=text, cursor=cursor, limit=limit)
    return {**asked, "count": "true"} if count else asked
