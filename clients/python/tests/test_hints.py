"""Hints that stand for other types, fields that may be missing, and durations; annotations are text, as users have."""

from __future__ import annotations

import sys
import unittest
from datetime import timedelta
from typing import Any, NewType, TypedDict

from perfect_client import MockClient, ParamsError, flow, task
from perfect_client._convert import bind_params, from_json
from perfect_client._duration import duration_of, duration_text
from perfect_client._hints import plain, required_keys
from perfect_client._json import to_json
from perfect_client._schema import params_schema, schema_of

UserId = NewType("UserId", int)

if sys.version_info >= (3, 11):
    from typing import NotRequired, Required

    class Options(TypedDict):
        """One of its fields may be missing."""

        path: str
        limit: NotRequired[int]

    class Filters(TypedDict, total=False):
        """One of its fields must be there."""

        flow: Required[str]
        status: str


@task
def doubled(span: timedelta) -> timedelta:
    return 2 * span


@flow
def waits(user: UserId, span: timedelta = timedelta(minutes=1)) -> str:
    assert isinstance(doubled(span), timedelta)
    return f"{user}: {doubled(span).total_seconds():g} s"


class HintTest(unittest.TestCase):
    def test_takes_a_name_of_a_type_for_the_type(self) -> None:
        self.assertEqual(schema_of(list[UserId]), {"type": "array", "items": {"type": "integer"}})
        with self.assertRaisesRegex(ParamsError, "not an integer"):
            bind_params(waits.fn, {"user": "seven"})

    @unittest.skipIf(sys.version_info < (3, 12), "the statement came with Python 3.12")
    def test_takes_the_name_of_a_type_statement_for_the_type(self) -> None:
        names: dict[str, Any] = {}
        exec("type Amount = int | None", names)
        self.assertEqual(plain(names["Amount"]), int | None)

    @unittest.skipIf(sys.version_info < (3, 11), "the marks came with Python 3.11")
    def test_knows_which_fields_may_be_missing(self) -> None:
        # By name: for the type checker, which assumes the oldest Python, they are not there.
        kinds: dict[str, Any] = globals()
        options = kinds["Options"]
        for kind, required in ((options, ["path"]), (kinds["Filters"], ["flow"])):
            schema: Any = schema_of(kind)
            self.assertEqual(schema["required"], required)
            self.assertEqual({field["type"] for field in schema["properties"].values()} - {"integer", "string"}, set())
        self.assertEqual(from_json({"path": "a"}, options, "o"), {"path": "a"})
        with self.assertRaisesRegex(ValueError, "not an integer"):
            from_json({"path": "a", "limit": "b"}, options, "o")
        self.assertEqual(required_keys(options, {}), [])


class DurationTest(unittest.TestCase):
    def test_writes_and_reads_durations(self) -> None:
        for seconds, text in ((0, "PT0S"), (90, "PT90S"), (0.5, "PT0.5S"), (-1, "-PT1S"), (2 * 86400, "P2D")):
            span = timedelta(seconds=seconds)
            self.assertEqual(to_json(span), text)
            self.assertEqual(duration_of(duration_text(span)), span)
        self.assertEqual(duration_of("P1W1DT1H30M"), timedelta(days=8, minutes=90))
        for text in ("P", "90", "P1Y", "PT"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                duration_of(text)

    def test_gives_tasks_and_flows_durations(self) -> None:
        schema: Any = params_schema(waits.fn)
        self.assertEqual(schema["properties"]["span"], {"type": "string", "format": "duration", "default": "PT60S"})
        run = MockClient().trigger(waits, user=7, span="PT90S")
        self.assertEqual((run.result, run.journal["doubled#1"]["result"]), ("7: 180 s", "PT180S"))
