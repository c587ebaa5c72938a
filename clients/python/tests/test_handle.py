"""A run seen from the program that started it, and the live events of the server."""

from __future__ import annotations

import asyncio
import unittest
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from perfect_client import PerfectAPIClient, PerfectError, RunHandle, create_client, flow
from perfect_client._event_stream import parse_events

from .fake_server import FakeServer
from .test_command import run_view


@dataclass
class Report:
    day: date
    rows: int


@flow
def reported(day: date, **more: int) -> Report:
    return Report(day, sum(more.values()))


class HandleTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = FakeServer()
        self.addCleanup(self.server.close)
        self.client = create_client(self.server.url)
        self.addCleanup(self.client.close)

    def answer(self, status: int, body: Any) -> None:
        self.server.http.answers.append((status, body, {}))

    def trigger(self, **end: Any) -> RunHandle[Report]:
        self.answer(202, {"run": run_view("queued")})
        self.answer(200, {"result": None, **end})
        return reported.trigger(self.client, date(2026, 11, 22), rows=3)

    def test_gives_the_result_in_the_type_of_the_flow(self) -> None:
        handle = self.trigger(run=run_view("succeeded"), result={"day": "2026-11-22", "rows": 3})
        self.assertEqual(handle.result(5), Report(date(2026, 11, 22), 3))
        self.assertEqual(self.server.http.requests[0][2], {"input": {"day": "2026-11-22", "rows": 3}})

    def test_raises_the_failure_of_the_run(self) -> None:
        error = {"name": "ValueError", "code": None, "message": "no rows"}
        with self.assertRaisesRegex(ValueError, "no rows"):
            self.trigger(run=run_view("failed", error=error)).result(5)

    def test_tells_that_the_run_was_cancelled(self) -> None:
        with self.assertRaisesRegex(PerfectError, "Run run_1 was cancelled: too late"):
            self.trigger(run=run_view("cancelled", cancelReason="too late")).result(5)

    def test_waits_no_longer_than_it_may(self) -> None:
        handle = self.trigger(run=run_view("running"))
        with self.assertRaisesRegex(TimeoutError, r"Run run_1 of doubled is running \(50 %\) after 0 s"):
            handle.result(0)

    def test_reads_a_log_of_several_pages(self) -> None:
        handle = self.trigger(run=run_view("running"))
        self.server.http.answers.clear()
        self.answer(200, {"items": [{"seq": 1}, {"seq": 2}], "nextCursor": "2"})
        self.answer(200, {"items": [{"seq": 3}], "nextCursor": None})
        self.assertEqual([line["seq"] for line in handle.logs()], [1, 2, 3])
        self.assertIn("after=2", self.server.http.requests[-1][1])


class AnyRouteTest(unittest.TestCase):
    def test_calls_routes_that_have_no_method(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)
        api = PerfectAPIClient(server.url)
        self.addCleanup(api.close)
        server.http.answers.append((200, {"ok": True}, {}))
        answer = api.request("post", "/engine/runs/r/pause", {"why": "x"}, query={"a": [1, 2], "b": None})
        self.assertEqual(answer, {"ok": True})
        self.assertEqual(server.http.requests, [("POST", "/api/engine/runs/r/pause?a=1&a=2", {"why": "x"})])


class Events(BaseHTTPRequestHandler):
    """Sends one event for each connection, and hangs up."""

    asked: list[tuple[str, str | None]]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name of the base class)
        """Nothing: tests are quiet."""

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Last-Event-ID")))
        self.send_response(200)
        self.end_headers()
        number = len(self.asked)
        self.wfile.write(f': hello\n\nid: e{number}\nevent: run.updated\ndata: {{"n": {number}}}\n\n'.encode())


class EventTest(unittest.TestCase):
    def test_goes_on_after_the_last_event_when_the_connection_breaks(self) -> None:
        asked: list[tuple[str, str | None]] = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Events,), {"asked": asked}))
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        api = PerfectAPIClient(f"http://127.0.0.1:{server.server_address[1]}")
        self.addCleanup(api.close)
        events: Iterator[Any] = api.stream_events(["runs", "run:r1"])
        self.assertEqual(
            [(event.id, event.data["n"]) for event in (next(events), next(events))], [("e1", 1), ("e2", 2)]
        )
        self.assertEqual(asked[0], ("/api/engine/events?topics=runs%2Crun%3Ar1", None))
        self.assertEqual(asked[1][1], "e1")

    def test_puts_lines_of_data_together(self) -> None:
        lines = ["data: [1,", "data:2]", "", ":comment", "", "event: x", "", "data: 3", ""]
        self.assertEqual(
            [(event.type, event.data) for event in parse_events(lines)], [("message", [1, 2]), ("message", 3)]
        )


class ListenAsyncTest(unittest.TestCase):
    def test_runs_flows_until_it_is_cancelled(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)

        @flow
        def doubled(n: int) -> int:
            return 2 * n

        async def program() -> Any:
            client = create_client(server.url)
            client.register_flow(doubled)
            listening = asyncio.create_task(client.listen_async(drain_timeout=5))
            run = await asyncio.to_thread(lambda: server.engine.finish(server.engine.trigger("doubled", {"n": 21})))
            listening.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await listening
            client.close()
            return run.result

        self.assertEqual(asyncio.run(program()), 42)
