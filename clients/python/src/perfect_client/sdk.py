"""The SDK in one place: decorators, what they make, the context of a run, and clients."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, overload

from ._calls import TaskFuture
from ._check import is_a, is_positive, is_text
from ._context import RunContext, current_run, progress, track, wrap
from ._decorators import flow, task
from ._definition import FlowDefinition, TaskOptions, TaskPlan
from ._durable import now, random, sleep, sleep_async, uuid4
from ._flow import AsyncFlow, Flow
from ._hard_cancel import shield
from ._lazy import loader
from ._logging import RunLogHandler, get_logger
from ._mapped import AsyncTasks, Failure, Success, TaskFutures
from ._policy import Concurrency, RateLimit
from ._schedules import CronSchedule, IntervalSchedule
from ._schema import Param
from ._task import AsyncTask, Task
from .errors import DefinitionError

if TYPE_CHECKING:
    from ._client import CarrierChoice, PerfectClient
    from ._drive import ExecutionRequest
    from ._executable import Isolation
    from ._handle import RunHandle
    from ._listening import ListenHandle
    from ._memory_engine import MockRun
    from ._mock import MockClient
    from ._session import SessionLike
else:
    # What only a program that connects needs is loaded when it is first asked for: declaring flows stays cheap.
    __getattr__ = loader(
        globals(),
        {
            "ExecutionRequest": "._drive",
            "ListenHandle": "._listening",
            "MockClient": "._mock",
            "MockRun": "._memory_engine",
            "PerfectClient": "._client",
            "RunHandle": "._handle",
        },
    )

__all__ = [
    "AsyncFlow",
    "AsyncTask",
    "AsyncTasks",
    "Concurrency",
    "CronSchedule",
    "ExecutionRequest",
    "Failure",
    "Flow",
    "FlowDefinition",
    "IntervalSchedule",
    "ListenHandle",
    "MockClient",
    "MockRun",
    "Param",
    "PerfectClient",
    "RateLimit",
    "RunContext",
    "RunHandle",
    "RunLogHandler",
    "Success",
    "Task",
    "TaskFuture",
    "TaskFutures",
    "TaskOptions",
    "TaskPlan",
    "create_client",
    "current_run",
    "flow",
    "get_logger",
    "now",
    "progress",
    "random",
    "shield",
    "sleep",
    "sleep_async",
    "task",
    "track",
    "uuid4",
    "wrap",
]

DEFAULT_URL = "http://127.0.0.1:3000"
DEFAULT_SLOTS = 4
_MAX_NAME_CHARS = 200


@overload
def create_client(
    base_url: str | None = None,
    token: str | Callable[[], str] | None = None,
    session: SessionLike | None = None,
    mock: Literal[False] = False,
    slots: int | None = None,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    timeout: float = 30.0,
    carrier: CarrierChoice = "auto",
    isolation: Isolation = "thread",
) -> PerfectClient: ...
@overload
def create_client(
    base_url: str | None = None,
    token: str | Callable[[], str] | None = None,
    session: SessionLike | None = None,
    *,
    mock: Literal[True],
    slots: int | None = None,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    timeout: float = 30.0,
    carrier: CarrierChoice = "auto",
    isolation: Isolation = "thread",
) -> MockClient: ...


def create_client(
    base_url: str | None = None,
    token: str | Callable[[], str] | None = None,
    session: SessionLike | None = None,
    mock: bool = False,
    slots: int | None = None,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    timeout: float = 30.0,
    carrier: CarrierChoice = "auto",
    isolation: Isolation = "thread",
) -> PerfectClient | MockClient:
    """A client of a Perfect server. Nothing is sent until a method is called.

    :param base_url: root of the server. Default: PERFECT_URL, else http://127.0.0.1:3000.
    :param token: bearer token; a function is asked again when it has expired. Default: PERFECT_TOKEN, else none.
    :param session: for HTTP, such as a ``requests.Session``. Default: one of its own.
    :param mock: True gives a ``MockClient`` that needs no server.
    :param slots: how many runs it takes on at a time. Range: >= 1. Default: PERFECT_SLOTS, else 4.
    :param name: shown in the list of workers. Default: the name of the machine.
    :param labels: shown with it.
    :param timeout: longest wait for the server. Unit: seconds. Default: 30.
    :param carrier: ``websocket``, ``http`` (long poll), or ``auto``: WebSocket when websocket-client is installed and
        the network lets it through, else HTTP.
    :param isolation: ``process`` executes each run in a process of its own, which a cancel can kill, whatever its code
        does, and whose crash ends no other run; ``thread`` in threads of this process. A script that asks for processes
        starts its work under ``if __name__ == "__main__":``.
    :raises DefinitionError: when the address or the number of slots is not valid.
    """
    if mock:
        from ._mock import MockClient

        return MockClient()
    is_token = token is None or is_a(token, str) or callable(token)
    # What it is, and not what it says: it may be secret.
    _require("token", type(token), is_token, "text, or a function that gives it")
    _require("session", session, session is None or hasattr(session, "request"), "an object with the method request()")
    _require(
        "name", name, name is None or is_text(name, _MAX_NAME_CHARS, 0), f"text of at most {_MAX_NAME_CHARS} characters"
    )
    _require("labels", labels, labels is None or _are_labels(labels), "a dict of texts")
    _require("timeout", timeout, is_positive(timeout), "seconds above 0")
    _require("carrier", carrier, carrier in ("auto", "websocket", "http"), '"auto", "websocket" or "http"')
    _require("isolation", isolation, isolation in ("thread", "process"), '"thread" or "process"')
    import platform

    from ._client import PerfectClient

    return PerfectClient(
        base_url or os.environ.get("PERFECT_URL") or DEFAULT_URL,
        token=token or os.environ.get("PERFECT_TOKEN") or None,
        session=session,
        slots=_slots(slots),
        name=name or platform.node() or "python",
        labels={**_process_label(), **(labels or {})},
        timeout=timeout,
        carrier=carrier,
        isolation=isolation,
    )


def _slots(given: int | None) -> int:
    text = os.environ.get("PERFECT_SLOTS") or str(DEFAULT_SLOTS)
    slots: int | str = text if given is None else given
    if not str(slots).isdecimal() or int(slots) < 1:
        raise DefinitionError(f"The number of slots is {slots!r}. Give a whole number above 0.", code="REQUEST_INVALID")
    return int(slots)


def _require(option: str, value: object, ok: bool, wanted: str) -> None:
    if not ok:
        raise DefinitionError(f"The {option} of the client is {value!r}. Give {wanted}.", code="REQUEST_INVALID")


def _are_labels(labels: Mapping[str, str]) -> bool:
    return is_a(labels, Mapping) and all(is_a(part, str) for label in labels.items() for part in label)


def _process_label() -> dict[str, str]:
    """Tells the engine which of its own processes this is, so that it can release the runs when the process ends."""
    process = os.environ.get("PERFECT_PROCESS")
    return {"perfect.process": process} if process else {}
