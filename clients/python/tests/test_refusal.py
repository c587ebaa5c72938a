"""Clients that the engine does not take, and how long a client waits to try again."""

from __future__ import annotations

import logging
import unittest

from perfect_client import create_client
from perfect_client._carrier import ConnectionRefused
from perfect_client._carrier_ws import has_websocket
from perfect_client._client import CarrierChoice

from . import worker_flows as flows
from .fake_server import FakeServer


class RefusalTest(unittest.TestCase):
    def test_stops_when_the_engine_does_not_know_its_token(self) -> None:
        logging.getLogger("perfect_client").setLevel(logging.CRITICAL)
        self.addCleanup(logging.getLogger("perfect_client").setLevel, logging.NOTSET)
        server = FakeServer()
        self.addCleanup(server.close)
        server.http.token = "right"
        carriers: list[CarrierChoice] = ["http", "websocket"] if has_websocket() else ["http"]
        for carrier in carriers:
            with self.subTest(carrier=carrier):
                asked: list[int] = []
                client = create_client(
                    server.url, token=lambda asked=asked: asked.append(1) or "wrong", carrier=carrier
                )
                self.assertFalse(client.register_flow(flows.steps))
                self.assertEqual(getattr(client.last_error, "status", None), 401)
                with self.assertRaises(ConnectionRefused) as raised:
                    client.listen_for_executions(handle_signals=False)
                self.assertEqual(raised.exception.code, "UNAUTHORIZED")
                self.assertGreaterEqual(len(asked), 2, "the token is asked for once more")

    def test_gives_its_token(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)
        server.http.token = "right"
        client = create_client(server.url, token="right", carrier="http")
        self.addCleanup(client.close)
        self.assertTrue(client.register_flow(flows.steps))
        self.assertTrue(client.listen_for_executions(block=False).ready(5))

    def test_listens_once_at_a_time(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)
        with create_client(server.url, carrier="http") as client:
            client.listen_for_executions(block=False)
            with self.assertRaisesRegex(Exception, "listens already"):
                client.listen_for_executions(block=False)


class BackoffTest(unittest.TestCase):
    def test_waits_a_random_time_that_grows_and_is_bounded(self) -> None:
        from perfect_client import _connection

        backoff = _connection._backoff  # pyright: ignore[reportPrivateUsage]
        self.assertLessEqual(max(backoff(1, 30.0, None) for _ in range(100)), 0.5)
        self.assertLessEqual(max(backoff(1000, 30.0, None) for _ in range(100)), 30.0)
        self.assertLessEqual(max(backoff(1000, 1.5, None) for _ in range(100)), 1.5)
        self.assertGreaterEqual(backoff(0, 30.0, 2.0), 2.0)
