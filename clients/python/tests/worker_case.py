"""What the tests of the worker share: a small engine, a client that listens to it, and both carriers."""

from __future__ import annotations

import logging
import unittest
from typing import Any

from perfect_client import ListenHandle, PerfectClient, create_client
from perfect_client._carrier_ws import has_websocket
from perfect_client._client import CarrierChoice
from perfect_client._executable import Isolation

from . import worker_flows as flows
from .fake_engine import FakeEngine
from .fake_server import FakeServer

needs_websocket = unittest.skipUnless(has_websocket(), "websocket-client is not installed (Debian: python3-websocket)")


class WorkerSetup:
    """Scenarios extend it; a test case for each carrier extends those."""

    carrier: CarrierChoice
    isolation: Isolation = "thread"
    client: PerfectClient

    def setUp(self) -> None:
        case = self.case
        self.stage = flows.reset()
        self.server = FakeServer(FakeEngine())
        case.addCleanup(self.server.close)
        case.addCleanup(self.stage.gate.set)
        logger = logging.getLogger("perfect_client")
        logger.setLevel(logging.CRITICAL)
        case.addCleanup(logger.setLevel, logging.NOTSET)

    @property
    def case(self) -> unittest.TestCase:
        assert isinstance(self, unittest.TestCase)
        return self

    @property
    def engine(self) -> FakeEngine:
        return self.server.engine

    def listen(
        self, *registered: Any, slots: int = 4, name: str | None = None, labels: dict[str, str] | None = None
    ) -> ListenHandle:
        client = create_client(
            self.server.url, slots=slots, name=name, labels=labels, carrier=self.carrier, isolation=self.isolation
        )
        self.client = client
        self.case.addCleanup(client.close)
        for definition in registered or (flows.steps, flows.gated, flows.parallel, flows.flooding, flows.long_journal):
            self.case.assertTrue(client.register_flow(definition))
        handle = client.listen_for_executions(block=False)
        self.case.assertTrue(handle.ready(5))
        return handle

    def enter_gate(self, times: int = 1) -> None:
        for _ in range(times):
            self.case.assertTrue(self.stage.entered.acquire(timeout=10))

    def heartbeats(self) -> int:
        return len(self.engine.messages("heartbeat"))
