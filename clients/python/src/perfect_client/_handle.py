"""A run seen from the program that started it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._convert import from_json_leniently
from ._failure import to_exception
from ._json import from_tagged
from ._views import LogView, RunDetailView, RunStatus
from .errors import PerfectError

if TYPE_CHECKING:
    from .api import PerfectAPIClient

R = TypeVar("R")


class RunHandle(Generic[R]):
    """A run that was started, here or elsewhere."""

    def __init__(self, api: PerfectAPIClient, run_id: str, hint: Any = Any) -> None:
        self.run_id = run_id
        """Id of the run."""
        self._api = api
        self._hint = hint

    def __repr__(self) -> str:
        return f"<RunHandle {self.run_id}>"

    def status(self) -> RunStatus:
        """Where the run stands now."""
        return self._api.get_run(self.run_id)["run"]["status"]

    def wait(self, timeout: float | None = None) -> RunDetailView:
        """Waits until the run has ended, however it ends, and gives it.

        :param timeout: Unit: seconds. Default: as long as it takes.
        :raises TimeoutError: when it has not ended by then.
        """
        return self._api.wait_for_run(self.run_id, timeout)

    def result(self, timeout: float | None = None) -> R:
        """Waits for the result, which has the type that the flow is annotated with.

        :param timeout: Unit: seconds. Default: as long as it takes.
        :raises TaskFailedError: the run failed; it is an instance of the original exception class too.
        :raises PerfectError: RUN_CANCELLED when it was cancelled.
        :raises TimeoutError: when it has not ended by then.
        """
        detail = self.wait(timeout)
        run = detail["run"]
        if run["status"] == "failed":
            raise to_exception(run["error"])
        if run["status"] == "cancelled":
            reason = run["cancelReason"] or "no reason was given"
            raise PerfectError(f"Run {self.run_id} was cancelled: {reason}", code="RUN_CANCELLED")
        result: R = from_json_leniently(from_tagged(detail["result"]), self._hint)
        return result

    def cancel(self, reason: str | None = None) -> None:
        """Asks the run to end.

        :raises ConflictError: RUN_FINISHED when it has ended.
        """
        self._api.cancel_run(self.run_id, reason)

    def logs(self) -> Iterator[LogView]:
        """The lines of its log so far, oldest first."""
        return self._api.iter_logs(self.run_id)
