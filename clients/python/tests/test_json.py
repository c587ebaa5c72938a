"""Values: what can be stored, and what comes back."""

from __future__ import annotations

import re
import unittest
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from perfect_client import SerializationError
from perfect_client._json import dumps, from_tagged, loads, to_json

from . import vectors


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: int
    y: float


class Model:
    def model_dump(self, mode: str) -> dict[str, Any]:
        return {"mode": mode}


class ToJsonTest(unittest.TestCase):
    def test_turns_python_types_into_json(self) -> None:
        cases: list[tuple[object, object]] = [
            (Point(1, 2.5), {"x": 1, "y": 2.5}),
            (Colour.RED, "red"),
            ((1, 2), [1, 2]),
            ({3, 1, 2}, [1, 2, 3]),
            (b"\x00\x01", "AAE="),
            (datetime(2026, 11, 22, tzinfo=timezone.utc), "2026-11-22T00:00:00+00:00"),
            (date(2026, 11, 22), "2026-11-22"),
            (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (Decimal("1.10"), "1.10"),
            (PurePosixPath("a/b"), "a/b"),
            (Model(), {"mode": "json"}),
            ({Colour.RED: 1}, {"red": 1}),
        ]
        for value, expected in cases:
            with self.subTest(value=value):
                self.assertEqual(to_json(value), expected)

    def test_refuses_what_json_cannot_hold_and_names_the_place(self) -> None:
        cyclic: dict[str, Any] = {"a": []}
        cyclic["a"].append(cyclic)
        cases: list[tuple[object, str]] = [
            (float("nan"), "It is nan"),
            ({"rows": [1, float("inf")]}, 'At "rows[1]" it is inf'),
            (2**53, "beyond 2^53-1"),
            (cyclic, 'At "a[0]" it is a reference to an object that contains it'),
            ({1: "x"}, "the key 1, which is not text"),
            (object(), "an instance of object"),
            ("a\x00b", "U+0000"),
            ("\ud800", "surrogate"),
            (lambda: None, "an instance of function"),
        ]
        for value, message in cases:
            with self.subTest(message), self.assertRaisesRegex(SerializationError, re.escape(message)) as raised:
                to_json(value)
            self.assertEqual(raised.exception.code, "VALUE_UNSERIALIZABLE")

    def test_refuses_values_that_are_nested_too_deeply(self) -> None:
        value: list[Any] = []
        for _ in range(5000):
            value = [value]
        with self.assertRaisesRegex(SerializationError, "nested deeper"):
            to_json(value)

    def test_takes_the_same_object_twice_when_it_is_no_cycle(self) -> None:
        shared = [1]
        self.assertEqual(to_json([shared, shared]), [[1], [1]])

    def test_brings_an_object_with_a_tag_of_its_own_back_unchanged(self) -> None:
        value = {"$type": "date", "value": "x", "more": [{"$type": 1}]}
        self.assertEqual(from_tagged(loads(dumps(to_json(value)))), value)


class VectorTest(unittest.TestCase):
    def test_reads_each_valid_text_as_its_value_and_type(self) -> None:
        for case in vectors.load("json")["valid"]:
            with self.subTest(case["name"]):
                value = loads(case["text"])
                self.assertEqual((value, type(value)), (case["value"], type(case["value"])))

    def test_reads_each_tagged_value(self) -> None:
        for case in vectors.load("json")["tagged"]:
            with self.subTest(case["name"]):
                self.assertEqual(repr(from_tagged(case["json"])), case["python"])

    def test_reading_what_was_written_changes_nothing_more(self) -> None:
        for value in (1.0, 0.1, 1e300, 2**53 - 1, -0.0, [1.5, {"a": 2.0}]):
            once = loads(dumps(to_json(value)))
            self.assertEqual(repr(loads(dumps(once))), repr(once))
