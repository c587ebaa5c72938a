"""The HTTP API of Perfect, method by method. Everything here raises; nothing is retried that might happen twice."""

from __future__ import annotations

from ._api_flows import FlowRoutes
from ._api_insight import InsightRoutes
from ._api_logs import LogRoutes
from ._api_processes import ProcessRoutes
from ._api_runs import RunRoutes
from ._api_schedules import ScheduleRoutes
from ._api_signals import BulkRoutes, SignalRoutes
from ._api_views import ViewRoutes


class PerfectAPIClient(
    RunRoutes,
    LogRoutes,
    FlowRoutes,
    ScheduleRoutes,
    InsightRoutes,
    ViewRoutes,
    SignalRoutes,
    BulkRoutes,
    ProcessRoutes,
):
    """A client of the HTTP API.

    What is harmless to repeat is tried again when the connection fails; everything is when the server is overloaded.
    Answers are dictionaries with the types of ``perfect_client.views``.

    :param base_url: root of the server, without ``/api``.
    :param session: Default: ``requests.Session`` when it is installed, else a small one on the standard library.
    :param timeout: longest wait for a response. Unit: seconds. Default: 30.
    :param retries: tries after the first one. Range: >= 0. Default: 3.
    """
