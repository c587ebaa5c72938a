"""The part of ``PerfectAPIClient`` about flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._api_transport import ApiTransport, given, segment
from ._api_values import Instant, instant
from ._definition import FlowDefinition
from ._insight_views import FlowVersionView, ForecastView, SimulationView, VersionReportView
from ._json import to_json
from ._views import FlowView, Page, RegisterResult


class FlowRoutes(ApiTransport):
    """Flows: what is registered, and what their runs would look like."""

    def list_flows(self, cursor: str | None = None, limit: int = 50) -> Page[FlowView]:
        """A page of the registered flows. ``limit`` ranges from 1 to 200."""
        return self._page("/engine/flows", given(cursor=cursor, limit=limit))

    def iter_flows(self) -> Iterator[FlowView]:
        """All registered flows."""
        return self._all("/engine/flows", {})

    def get_flow(self, flow_id: str) -> FlowView:
        """A flow by id.

        :raises NotFoundError: FLOW_NOT_FOUND
        """
        answer: FlowView = self._call("GET", f"/engine/flows/{segment(flow_id)}")["flow"]
        return answer

    def register_flow(self, definition: FlowDefinition | Mapping[str, Any]) -> RegisterResult:
        """Registers a flow, or brings it up to date.

        :raises ValidationError: FLOW_DEFINITION_INVALID, WEIGHT_INVALID, SCHEDULE_INVALID ...
        :raises ConflictError: FLOW_DUPLICATE when the engine has code of its own for the name
        """
        body = definition.to_json() if isinstance(definition, FlowDefinition) else dict(definition)
        answer: RegisterResult = self._call("POST", "/engine/register", body)
        return answer

    def remove_flow(self, flow_id: str) -> None:
        """Forgets a flow; its runs stay.

        :raises NotFoundError: FLOW_NOT_FOUND
        """
        self._call("DELETE", f"/engine/flows/{segment(flow_id)}")

    def flow_versions(self, flow_id: str) -> list[FlowVersionView]:
        """The versions of a flow that were seen, newest first.

        :raises NotFoundError: FLOW_NOT_FOUND
        """
        answer: list[FlowVersionView] = self._call("GET", f"/engine/flows/{segment(flow_id)}/versions")["items"]
        return answer

    def check_versions(self) -> VersionReportView:
        """Says what becomes of open runs whose flow has changed."""
        answer: VersionReportView = self._call("GET", "/engine/versions")
        return answer

    def simulate_flow(
        self, flow_id: str, params: Mapping[str, Any] | None = None, configuration: str | None = None
    ) -> SimulationView:
        """Says how a run would look, without running it.

        :raises NotFoundError: FLOW_NOT_FOUND
        :raises ValidationError: INPUT_INVALID, CONFIGURATION_INVALID
        """
        values = None if params is None else to_json(params, "parameters of the run")
        body = given(input=values, configuration=configuration)
        answer: SimulationView = self._call("POST", f"/engine/flows/{segment(flow_id)}/simulate", body)
        return answer

    def forecast(self, since: Instant | None = None, until: Instant | None = None) -> ForecastView:
        """Says which runs the schedules are going to start, and where these will wait for each other.

        :param since: Default: now.
        :param until: Default: 24 hours after ``since``.
        """
        query = {"from": instant(since), "to": instant(until)}
        answer: ForecastView = self._get("/engine/forecast", query)
        return answer
