"""The HTTP API client against prepared answers."""

from __future__ import annotations

import unittest
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

from perfect_client import (
    AuthError,
    ConflictError,
    ConnectionLostError,
    CronSchedule,
    FlowDefinition,
    NotFoundError,
    PerfectAPIClient,
    PerfectAPIError,
    PreconditionError,
    RateLimitedError,
    TaskPlan,
    UnavailableError,
    ValidationError,
    create_client,
    flow,
)
from perfect_client._session import StdlibSession, default_session

from .fake_server import FakeServer


class ApiTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = FakeServer()
        self.addCleanup(self.server.close)
        self.session = StdlibSession()
        self.addCleanup(self.session.close)
        self.api = PerfectAPIClient(self.server.url + "/", self.session, retries=2)

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.server.http.answers.append((status, body, named))

    @property
    def requests(self) -> list[tuple[str, str, Any]]:
        return self.server.http.requests

    def test_calls_each_route(self) -> None:
        run, page = {"id": "run_1"}, {"items": [{"id": "x"}], "nextCursor": None}
        calls: list[tuple[Any, Any, tuple[str, str, Any]]] = [
            (lambda: self.api.start_client("etl"), page, ("POST", "/api/client/start", {"id": "etl"})),
            (lambda: self.api.stop_client(), page, ("POST", "/api/client/stop", {})),
            (lambda: self.api.restart_client(), page, ("POST", "/api/client/restart", {})),
            (lambda: self.api.client_status(), page, ("GET", "/api/client/status", None)),
            (lambda: self.api.list_flows(limit=5), page, ("GET", "/api/engine/flows?limit=5", None)),
            (lambda: self.api.get_flow("a/b"), {"flow": {}}, ("GET", "/api/engine/flows/a%2Fb", None)),
            (
                lambda: self.api.list_runs("etl", ["queued", "running"], cursor="c"),
                page,
                ("GET", "/api/engine/runs?flow=etl&status=queued&status=running&cursor=c&limit=50", None),
            ),
            (lambda: self.api.get_run("run_1"), {"run": run}, ("GET", "/api/engine/runs/run_1", None)),
            (lambda: self.api.get_logs("r", 7), page, ("GET", "/api/engine/runs/r/logs?after=7&limit=200", None)),
            (
                lambda: self.api.trigger("etl", {"day": "x"}, "debug"),
                {"run": run},
                ("POST", "/api/engine/trigger/etl", {"input": {"day": "x"}, "configuration": "debug"}),
            ),
            (
                lambda: self.api.cancel_run("r", "why"),
                {"run": run},
                ("POST", "/api/engine/runs/r/cancel", {"reason": "why"}),
            ),
            (
                lambda: self.api.send_log("r", ["a", "b"], "WARNING"),
                {"accepted": 2},
                (
                    "POST",
                    "/api/engine/runs/r/logs",
                    {"lines": [{"message": "a", "level": "warn"}, {"message": "b", "level": "warn"}]},
                ),
            ),
        ]
        for call, body, request in calls:
            with self.subTest(request=request):
                self.answer(200, body)
                call()
                self.assertEqual(self.requests[-1], request)

    def test_registers_a_definition(self) -> None:
        definition = FlowDefinition("etl", schedule=CronSchedule("0 0 * * *"), tasks=(TaskPlan("a", 2, 100),))
        self.assertEqual(self.api.register_flow(definition)["status"], "created")
        self.assertEqual(self.requests[0][:2], ("POST", "/api/engine/register"))
        self.assertEqual(self.requests[0][2]["tasks"], [{"name": "a", "weight": 2, "estimatedTime": 100}])

    def test_goes_through_all_pages(self) -> None:
        self.answer(200, {"items": [1, 2], "nextCursor": "c2"})
        self.answer(200, {"items": [3], "nextCursor": None})
        self.assertEqual(list(self.api.iter_runs(status="failed")), [1, 2, 3])
        self.assertEqual(self.requests[1][1], "/api/engine/runs?status=failed&limit=200&cursor=c2")

    def test_raises_the_class_of_the_problem_with_everything_it_says(self) -> None:
        classes: list[tuple[int, type[PerfectAPIError]]] = [
            (400, ValidationError),
            (412, PreconditionError),
            (428, PreconditionError),
            (401, AuthError),
            (403, AuthError),
            (404, NotFoundError),
            (409, ConflictError),
            (422, ValidationError),
            (500, PerfectAPIError),
        ]
        for status, cls in classes:
            with self.subTest(status=status):
                errors = [{"pointer": "/day", "message": "is missing"}]
                body = {
                    "title": "No",
                    "status": status,
                    "detail": "Not this",
                    "code": "INPUT_INVALID",
                    "errors": errors,
                }
                self.answer(status, body, Request_Id="req_1")
                with self.assertRaisesRegex(cls, "Not this") as raised:
                    self.api.get_run("r")
                error = raised.exception
                self.assertEqual((error.status, error.code, error.title), (status, "INPUT_INVALID", "No"))
                self.assertEqual((list(error.errors), error.request_id), (errors, "req_1"))

    def test_raises_something_useful_for_an_answer_that_is_no_problem(self) -> None:
        self.answer(500, ["not", "a", "problem"])
        with self.assertRaisesRegex(PerfectAPIError, "The server answered with status 500"):
            self.api.client_status()

    def test_tries_again_when_the_server_is_overloaded(self) -> None:
        self.answer(503, {"title": "Busy"}, Retry_After="0")
        self.answer(429, {"title": "Busy"}, Retry_After="0")
        self.answer(200, {"items": [], "nextCursor": None})
        self.assertEqual(self.api.client_status(), [])
        self.assertEqual(len(self.requests), 3)

    def test_says_that_the_engine_takes_nothing_now(self) -> None:
        for _ in range(3):
            self.answer(503, {"title": "Away", "code": "STORAGE_UNAVAILABLE"}, Retry_After="0")
        with self.assertRaises(UnavailableError) as raised:
            self.api.client_status()
        self.assertEqual((raised.exception.code, raised.exception.retryable), ("STORAGE_UNAVAILABLE", True))

    def test_finds_runs_by_filters(self) -> None:
        self.answer(200, {"items": [], "nextCursor": None, "count": {"value": 7, "isMore": False}})
        since = datetime(2026, 11, 22, 13, tzinfo=timezone(timedelta(hours=1)))
        page = self.api.list_runs(filter="status:failed -flow:etl", since=since, until="1h", text="disk", count=True)
        query = parse_qs(urlsplit(self.requests[0][1]).query)
        expected = {"filter": ["status:failed -flow:etl"], "since": ["2026-11-22T12:00:00.000Z"], "until": ["1h"]}
        self.assertEqual(query, {**expected, "q": ["disk"], "limit": ["50"], "count": ["true"]})
        self.assertEqual(page.count, {"value": 7, "isMore": False})

    def test_reads_the_page_around_a_time_and_those_beside_it(self) -> None:
        self.answer(200, {"items": [], "nextCursor": "older", "prevCursor": "newer"})
        page = self.api.list_runs("etl", at="2h", around=20)
        query = parse_qs(urlsplit(self.requests[0][1]).query)
        self.assertEqual(query, {"flow": ["etl"], "limit": ["50"], "at": ["2h"], "around": ["20"]})
        self.assertEqual((page.prev_cursor, page.next_cursor), ("newer", "older"))

    def test_makes_schedules_with_spans_and_instants(self) -> None:
        self.answer(201, {"schedule": {"id": "s"}})
        at = datetime(2026, 11, 22, tzinfo=timezone.utc)
        self.api.create_schedule("etl", every=timedelta(minutes=5), jitter=2, start=at, max_missed=3, input={"n": 1})
        body = {"every": 300_000, "jitter": 2000, "start": "2026-11-22T00:00:00.000Z", "maxMissed": 3}
        self.assertEqual(self.requests[0][2], {**body, "input": {"n": 1}, "flow": "etl"})

    def test_starts_a_run_later_with_tags(self) -> None:
        self.answer(202, {"run": {"id": "run_1"}})
        self.api.trigger("etl", delay=timedelta(hours=1), tags=["eu"], attributes={"region": "eu"}, dedupe_key="k")
        body = {"delay": 3_600_000, "tags": ["eu"], "attributes": {"region": "eu"}, "dedupe": {"key": "k"}}
        self.assertEqual(self.requests[0][2], body)

    def test_lets_the_server_wait_for_the_end_of_a_run(self) -> None:
        self.answer(200, {"run": {"status": "running", "flowName": "etl", "progress": {"percent": 1}}})
        self.answer(200, {"run": {"status": "succeeded"}})
        self.api.wait_for_run("run_1", 10)
        waits = [float(parse_qs(urlsplit(path).query)["wait"][0].removesuffix("ms")) for _, path, _ in self.requests]
        self.assertTrue(9000 < waits[1] < waits[0] <= 10_000, waits)

    def test_gives_up_after_its_tries(self) -> None:
        for _ in range(3):
            self.answer(429, {"title": "Busy"}, Retry_After="0")
        with self.assertRaises(RateLimitedError) as raised:
            self.api.client_status()
        self.assertEqual((raised.exception.retry_after, len(self.requests)), (0.0, 3))

    def test_keeps_the_idempotency_key_of_a_trigger_over_its_tries(self) -> None:
        sent: list[dict[str, str]] = []

        class Recording(StdlibSession):
            def request(
                self, method: str, url: str, *, json: Any = None, headers: Any = None, timeout: Any = None
            ) -> Any:
                sent.append(headers)
                return super().request(method, url, json=json, headers=headers, timeout=timeout)

        session = Recording()
        self.addCleanup(session.close)
        api = PerfectAPIClient(self.server.url, session, token="secret")
        self.answer(503, {}, Retry_After="0")
        self.answer(202, {"run": {"id": "run_1"}})
        api.trigger("etl")
        self.assertEqual(sent[0]["Idempotency-Key"], sent[1]["Idempotency-Key"])
        self.assertEqual(sent[0]["Authorization"], "Bearer secret")

    def test_reports_a_server_that_is_not_there(self) -> None:
        self.server.close()
        api = PerfectAPIClient(self.server.url, self.session, retries=0, timeout=2)
        with self.assertRaises(ConnectionLostError):
            api.client_status()

    def test_uses_a_connection_again_and_another_after_the_server_closed_it(self) -> None:
        self.answer(200, {"items": [], "nextCursor": None})
        self.api.client_status()
        engine, port = self.server.engine, self.server.port
        self.server.close(keep_engine=True)
        self.server = FakeServer(engine, port)
        self.addCleanup(self.server.close)
        self.answer(200, {"items": [], "nextCursor": None})
        self.assertEqual(self.api.client_status(), [])


class ClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = FakeServer()
        self.addCleanup(self.server.close)

    def test_gives_false_and_the_reason_for_http_errors(self) -> None:
        client = create_client(self.server.url)
        self.addCleanup(client.close)

        @flow
        def nothing() -> None: ...

        self.server.http.answers.append((409, {"title": "Taken", "code": "FLOW_DUPLICATE"}, {}))
        with self.assertLogs("perfect_client", "WARNING"):
            self.assertFalse(client.register_flow(nothing))
        self.assertEqual(client.last_error.code if client.last_error else None, "FLOW_DUPLICATE")
        self.assertTrue(client.register_flow(nothing))
        self.assertIsNone(client.last_error)

    def test_sends_a_log_line_over_http(self) -> None:
        client = create_client(self.server.url)
        self.addCleanup(client.close)
        self.server.http.answers.append((202, {"accepted": 1, "firstSeq": 1}, {}))
        self.assertTrue(client.send_log("run_9", "Processing..."))
        self.assertEqual(self.server.http.requests[0][2], {"lines": [{"message": "Processing...", "level": "info"}]})
        self.server.http.answers.append((404, {"title": "No such run", "code": "RUN_NOT_FOUND"}, {}))
        self.assertFalse(client.send_log("run_9", "Processing..."))

    def test_uses_a_given_session(self) -> None:
        session = StdlibSession()
        self.addCleanup(session.close)
        client = create_client(self.server.url, session=session)
        self.assertIs(client.session, session)
        self.assertIs(client.api.session, session)

    def test_refuses_an_address_and_slots_that_are_not_valid(self) -> None:
        with self.assertRaisesRegex(ValueError, "http://"):
            create_client("127.0.0.1:3000")
        for slots in (0, -1):
            with self.assertRaisesRegex(ValueError, "slots"):
                create_client(self.server.url, slots=slots)

    def test_makes_a_session_with_the_same_shape_whatever_is_installed(self) -> None:
        for session in (default_session(self.server.url), StdlibSession()):
            self.server.http.answers.append((200, {"a": 1}, {"X-Test": "yes"}))
            response = session.request("GET", f"{self.server.url}/api/x", headers={"A": "b"}, timeout=5)
            self.assertEqual(
                (response.status_code, response.json(), response.headers.get("x-test")), (200, {"a": 1}, "yes")
            )
            getattr(session, "close")()  # noqa: B009 (not part of the shape)
