"""The part of ``PerfectAPIClient`` about signals and approvals, and about actions on many runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._api_transport import ApiTransport, given, segment
from ._history_views import ApprovalView, BulkView, RunSignalsView, SelectionView, SentSignalView
from ._json import to_json


class SignalRoutes(ApiTransport):
    """What is said to runs that wait."""

    def signal_run(self, run_id: str, name: str, payload: Any = None, *, id: str | None = None) -> SentSignalView:  # noqa: A002
        """Sends a signal to a run. It is kept until the run waits for it.

        :param id: the same one is taken once. Default: one is made.
        :raises NotFoundError: RUN_NOT_FOUND :raises ConflictError: RUN_FINISHED
        """
        body = given(name=name, payload=to_json(payload, "payload of the signal"), id=id)
        answer: SentSignalView = self._post(f"/engine/runs/{segment(run_id)}/signals", body)
        return answer

    def send_signal(self, name: str, match: str, payload: Any = None, *, id: str | None = None) -> SentSignalView:  # noqa: A002
        """Sends a signal to whichever run waits for it with this ``match``.

        :param id: the same one is taken once. Default: one is made.
        """
        body = given(name=name, match=match, payload=to_json(payload, "payload of the signal"), id=id)
        answer: SentSignalView = self._post("/engine/signals", body)
        return answer

    def list_signals(self, run_id: str) -> RunSignalsView:
        """The signals that a run waits for and has got.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        answer: RunSignalsView = self._call("GET", f"/engine/runs/{segment(run_id)}/signals")
        return answer

    def list_approvals(self) -> list[ApprovalView]:
        """The approvals that runs wait for."""
        answer: list[ApprovalView] = self._call("GET", "/engine/approvals")["items"]
        return answer

    def answer_approval(self, run_id: str, name: str, approved: bool, comment: str | None = None) -> SentSignalView:
        """Answers an approval.

        :raises NotFoundError: RUN_NOT_FOUND :raises AuthError: APPROVER_NOT_ALLOWED
        """
        body = given(approved=approved, comment=comment)
        path = f"/engine/runs/{segment(run_id)}/approvals/{segment(name)}"
        answer: SentSignalView = self._post(path, body)
        return answer


class BulkRoutes(ApiTransport):
    """Actions on many runs: they are chosen first, so that it is known which they are."""

    def select_runs(self, filter: str | None = None, run_ids: Sequence[str] | None = None) -> SelectionView:  # noqa: A002
        """Chooses runs: those that fit the filter now, or these.

        :param filter: as of ``list_runs``.
        :raises ValidationError: FILTER_INVALID
        """
        body = given(filter=filter, runIds=None if run_ids is None else list(run_ids))
        answer: SelectionView = self._post("/engine/selections", body)["selection"]
        return answer

    def get_selection(self, selection_id: str) -> SelectionView:
        """A selection of runs.

        :raises NotFoundError: SELECTION_NOT_FOUND
        """
        answer: SelectionView = self._call("GET", f"/engine/selections/{segment(selection_id)}")["selection"]
        return answer

    def cancel_selection(self, selection_id: str, reason: str | None = None) -> BulkView:
        """Asks all runs of a selection to end.

        :raises NotFoundError: SELECTION_NOT_FOUND
        """
        return self._act(selection_id, "cancel", given(reason=reason))

    def retry_selection(self, selection_id: str, configuration: str | None = None) -> BulkView:
        """Tries all runs of a selection again.

        :raises NotFoundError: SELECTION_NOT_FOUND
        """
        return self._act(selection_id, "retry", given(configuration=configuration))

    def remove_selection(self, selection_id: str) -> BulkView:
        """Forgets all runs of a selection.

        :raises NotFoundError: SELECTION_NOT_FOUND
        """
        return self._act(selection_id, "remove", {})

    def get_bulk(self, bulk_id: str) -> BulkView:
        """How far an action on many runs is.

        :raises NotFoundError: BULK_NOT_FOUND
        """
        answer: BulkView = self._call("GET", f"/engine/bulk/{segment(bulk_id)}")["bulk"]
        return answer

    def _act(self, selection_id: str, action: str, body: dict[str, Any]) -> BulkView:
        answer: BulkView = self._post(f"/engine/selections/{segment(selection_id)}/{action}", body)["bulk"]
        return answer
