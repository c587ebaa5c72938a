"""A client without a server, for tests: ``create_client(mock=True)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from ._definition import FlowDefinition, definition_from
from ._drive import ExecutionRequest
from ._flow import AnyFlow, BaseFlow
from ._memory_engine import MemoryEngine, MockRun
from .errors import NotFoundError, PerfectError

C = TypeVar("C", bound=Callable[[ExecutionRequest], Any])


class MockHandle:
    """What ``listen_for_executions(block=False)`` gives: it is ready at once, and runs come from ``trigger``."""

    state = "active"

    def ready(self, timeout: float | None = None) -> bool:  # noqa: ARG002 (the shape of ListenHandle)
        """True: there is nothing to wait for."""
        return True

    def drain(self, timeout: float = 0.0) -> bool:  # noqa: ARG002 (the shape of ListenHandle)
        """True: ``trigger`` waits for its run."""
        return True

    def close(self) -> None:
        """Nothing is open."""


class MockClient:
    """Has the methods of the real client, keeps what it is given, and runs flows with a journal in memory."""

    def __init__(self) -> None:
        self.registered: dict[str, FlowDefinition] = {}
        """Registered definitions by name."""
        self.logs: list[tuple[str, str]] = []
        """(run id, text) of each ``send_log``."""
        self.calls: list[str] = []
        """Names of the methods that were called, in order."""
        self.last_error: PerfectError | None = None
        self._flows: dict[str, AnyFlow] = {}
        self._callback: Callable[[ExecutionRequest], Any] | None = None
        self._crash_after: list[str] = []

    def register_flow(self, definition: AnyFlow | FlowDefinition | Mapping[str, Any]) -> bool:
        """Keeps the definition; always True."""
        self.calls.append("register_flow")
        if isinstance(definition, BaseFlow):
            definition = definition.definition
        entry = definition if isinstance(definition, FlowDefinition) else definition_from(definition)
        source = entry.source
        if isinstance(source, BaseFlow):
            self._flows[entry.name] = cast("AnyFlow", source)
        self.registered[entry.name] = entry
        return True

    def send_log(self, run_id: str, text: str, level: str | int = "INFO") -> bool:  # noqa: ARG002 (same shape)
        """Keeps the line; always True."""
        self.calls.append("send_log")
        self.logs.append((run_id, text))
        return True

    def on_execution_request(self, callback: C) -> C:
        """Has ``trigger`` call this instead of the flow."""
        self.calls.append("on_execution_request")
        self._callback = callback
        return callback

    def listen_for_executions(
        self,
        *,
        block: bool = True,
        handle_signals: bool = True,  # noqa: ARG002 (same shape)
        drain_timeout: float = 0.0,  # noqa: ARG002 (same shape)
        isolation: str | None = None,  # noqa: ARG002 (same shape)
    ) -> MockHandle | None:
        """Returns at once: nobody but ``trigger`` asks for executions."""
        self.calls.append("listen_for_executions")
        return None if block else MockHandle()

    async def listen_async(self, *, drain_timeout: float = 0.0) -> None:  # noqa: ARG002 (same shape)
        """Returns at once, as ``listen_for_executions``."""
        self.calls.append("listen_async")

    def simulate_crash(self, *, after: str) -> None:
        """Has the next ``trigger`` crash once after this task key is recorded, and go on with the journal."""
        self._crash_after.append(after)

    def trigger(self, flow: AnyFlow | str, /, *, configuration: str = "development", **params: Any) -> MockRun:
        """Runs a flow, or a registered one by name, and gives what became of it. ``configuration`` is not handed to the
        flow.

        :raises NotFoundError: when no flow of the name is registered.
        """
        self.calls.append("trigger")
        found = self._flows.get(flow) if isinstance(flow, str) else flow
        if found is None:
            raise NotFoundError(404, "No such flow is registered", f'"{flow}"', code="FLOW_NOT_FOUND")
        crashes, self._crash_after = self._crash_after, []
        return MemoryEngine().execute(
            found, params, configuration=configuration, crash_after=crashes, callback=self._callback
        )

    def close(self) -> None:
        """Nothing is open."""
        self.calls.append("close")

    def __enter__(self) -> MockClient:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
