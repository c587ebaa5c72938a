"""The part of ``PerfectAPIClient`` about schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._api_transport import ApiTransport, given, segment
from ._api_values import Instant, instant, schedule_body
from ._schedule_views import FireTimeView, ScheduleOptions, ScheduleView
from ._views import RunView

if TYPE_CHECKING:
    from typing_extensions import Unpack


class ScheduleRoutes(ApiTransport):
    """Schedules: those of the code, and those that are made at run time."""

    def list_schedules(self, flow: str | None = None) -> list[ScheduleView]:
        """The schedules, of all flows or of one."""
        answer: list[ScheduleView] = self._get("/engine/schedules", {"flow": flow})["items"]
        return answer

    def get_schedule(self, schedule_id: str) -> ScheduleView:
        """A schedule.

        :raises NotFoundError: SCHEDULE_NOT_FOUND
        """
        return self._schedule("GET", schedule_id)

    def create_schedule(
        self,
        flow: str,
        id: str | None = None,  # noqa: A002 (the API's name)
        **options: Unpack[ScheduleOptions],
    ) -> ScheduleView:
        """Makes a schedule: ``create_schedule("etl", cron="0 3 * * *", timezone="Europe/Berlin")``.

        :param flow: id or name of the flow.
        :param id: what its id ends with, behind that of the flow: ``etl:<id>``. Default: one is made.
        :param options: what it says; see ``ScheduleOptions``.
        :raises NotFoundError: FLOW_NOT_FOUND :raises ValidationError: SCHEDULE_INVALID, INPUT_INVALID
        """
        body = {**schedule_body(options), **given(flow=flow, id=id)}
        answer: ScheduleView = self._post("/engine/schedules", body)["schedule"]
        return answer

    def replace_schedule(self, schedule_id: str, **options: Unpack[ScheduleOptions]) -> ScheduleView:
        """Replaces what a schedule says, whoever has changed it before.

        :param options: all that it says from now on; see ``ScheduleOptions``.
        :raises NotFoundError: SCHEDULE_NOT_FOUND :raises ValidationError: SCHEDULE_INVALID, INPUT_INVALID
        """
        headers = {"If-Match": "*"}
        path = f"/engine/schedules/{segment(schedule_id)}"
        answer: ScheduleView = self._call("PUT", path, schedule_body(options), headers=headers)["schedule"]
        return answer

    def remove_schedule(self, schedule_id: str) -> None:
        """Forgets a schedule; its runs stay.

        :raises NotFoundError: SCHEDULE_NOT_FOUND
        """
        self._call("DELETE", f"/engine/schedules/{segment(schedule_id)}", headers={"If-Match": "*"})

    def preview_schedule(self, count: int | None = None, **options: Unpack[ScheduleOptions]) -> list[FireTimeView]:
        """The first times of a schedule that is not made yet.

        :param count: how many. Range: 1..1000.
        :param options: what it says; see ``ScheduleOptions``.
        :raises ValidationError: SCHEDULE_INVALID
        """
        path = f"/engine/schedules/preview{'' if count is None else f'?count={count}'}"
        answer: list[FireTimeView] = self._call("POST", path, schedule_body(options))["items"]
        return answer

    def schedule_times(self, schedule_id: str, count: int | None = None) -> list[FireTimeView]:
        """The coming times of a schedule.

        :param count: how many. Range: 1..1000.
        :raises NotFoundError: SCHEDULE_NOT_FOUND
        """
        path = f"/engine/schedules/{segment(schedule_id)}/times"
        answer: list[FireTimeView] = self._get(path, {"count": count})["items"]
        return answer

    def pause_schedule(self, schedule_id: str, until: Instant | None = None) -> ScheduleView:
        """Stops a schedule.

        :param until: when it goes on by itself. Default: when it is resumed.
        :raises NotFoundError: SCHEDULE_NOT_FOUND
        """
        return self._schedule("POST", schedule_id, "/pause", given(until=instant(until)))

    def resume_schedule(self, schedule_id: str) -> ScheduleView:
        """Lets a schedule go on.

        :raises NotFoundError: SCHEDULE_NOT_FOUND
        """
        return self._schedule("POST", schedule_id, "/resume", {})

    def skip_schedule(self, schedule_id: str, count: int = 1) -> ScheduleView:
        """Leaves out the next times of a schedule.

        :param count: how many; 0 takes all of them back. Default: 1.
        :raises NotFoundError: SCHEDULE_NOT_FOUND
        """
        return self._schedule("POST", schedule_id, "/skip", {"count": count})

    def run_schedule(self, schedule_id: str) -> RunView:
        """Starts a run of a schedule now.

        :raises NotFoundError: SCHEDULE_NOT_FOUND
        """
        answer: RunView = self._post(f"/engine/schedules/{segment(schedule_id)}/run", {})["run"]
        return answer

    def _schedule(self, method: str, schedule_id: str, action: str = "", body: Any = None) -> ScheduleView:
        path = f"/engine/schedules/{segment(schedule_id)}{action}"
        answer: ScheduleView = self._call(method, path, body)["schedule"]
        return answer
