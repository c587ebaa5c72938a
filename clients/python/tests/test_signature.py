"""Parameters: their JSON Schema, and JSON values as typed arguments."""

from __future__ import annotations

import unittest
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, TypedDict, Union
from uuid import UUID

from perfect_client import DefinitionError, Param, ParamsError
from perfect_client._convert import bind_params, from_json_leniently
from perfect_client._schema import params_schema, schema_of


class Size(Enum):
    SMALL = 1
    LARGE = 2


@dataclass
class Window:
    start: date
    days: int = 7


class Options(TypedDict):
    path: str
    limit: int


class Model:
    """Stands for a pydantic model: the same two methods."""

    def __init__(self, a: int) -> None:
        self.a = a

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"title": "Model"}

    @classmethod
    def model_validate(cls, value: Any) -> Model:
        if "a" not in value:
            raise ValueError("a is missing")
        return cls(value["a"])


class Tree:
    children: list[Tree]


class SchemaTest(unittest.TestCase):
    def test_describes_types(self) -> None:
        cases: list[tuple[Any, dict[str, Any]]] = [
            (int, {"type": "integer"}),
            (float, {"type": "number"}),
            (Optional[str], {"anyOf": [{"type": "string"}, {"type": "null"}]}),  # noqa: UP045 (as users write it)
            (Union[int, str], {"anyOf": [{"type": "integer"}, {"type": "string"}]}),  # noqa: UP007 (as users write it)
            (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            (list[int], {"type": "array", "items": {"type": "integer"}}),
            (set[str], {"type": "array", "uniqueItems": True, "items": {"type": "string"}}),
            (dict[str, bool], {"type": "object", "additionalProperties": {"type": "boolean"}}),
            (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
            (Literal["a", 1], {"enum": ["a", 1]}),
            (Size, {"enum": [1, 2]}),
            (datetime, {"type": "string", "format": "date-time"}),
            (Path, {"type": "string", "format": "path"}),
            (
                Annotated[int, Param(ge=1, description="how many")],
                {"type": "integer", "minimum": 1, "description": "how many"},
            ),
            (Annotated[list[int], Param(max_length=3)], {"type": "array", "items": {"type": "integer"}, "maxItems": 3}),
            (Model, {"title": "Model"}),
            (Any, {}),
            (object, {}),
        ]
        for hint, expected in cases:
            with self.subTest(hint=hint):
                self.assertEqual(schema_of(hint), expected)

    def test_describes_records(self) -> None:
        window = schema_of(Window)
        self.assertEqual(window["required"], ["start"])
        self.assertEqual(schema_of(Options)["required"], ["limit", "path"])

    def test_describes_the_parameters_of_a_function(self) -> None:
        def fn(day: date, *, rows: int = 10, anything: Any = None) -> None: ...

        del fn.__annotations__["anything"]

        self.assertEqual(
            params_schema(fn),
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "day": {"type": "string", "format": "date"},
                    "rows": {"type": "integer", "default": 10},
                    "anything": {"default": None},
                },
                "required": ["day"],
            },
        )

    def test_takes_anything_where_the_function_takes_keywords(self) -> None:
        def fn(**options: Any) -> None: ...

        self.assertIs(params_schema(fn)["additionalProperties"], True)

    def test_refuses_parameters_without_names(self) -> None:
        def fn(*rows: int) -> None: ...

        with self.assertRaisesRegex(DefinitionError, r"\*rows"):
            params_schema(fn)


class BindTest(unittest.TestCase):
    def test_converts_each_parameter(self) -> None:
        def fn(
            day: date,
            at: datetime,
            size: Size,
            window: Window,
            options: Options,
            pair: tuple[int, str],
            ids: set[UUID],
            model: Model,
            price: Decimal = Decimal(0),
            ratio: float = 0.0,
            mode: Literal["a", "b"] = "a",
            end: date | str = "never",
        ) -> None: ...

        args, kwargs = bind_params(
            fn,
            {
                "day": "2026-11-22",
                "at": {"$type": "date", "value": "2026-11-22T01:02:03.000Z"},
                "size": 2,
                "window": {"start": "2026-01-01"},
                "options": {"path": "x", "limit": 3},
                "pair": [1, "a"],
                "ids": ["00000000-0000-0000-0000-000000000001"],
                "model": {"a": 1},
                "price": "1.50",
                "ratio": 1,
                "mode": "b",
                "end": "2026-11-23",
            },
        )
        self.assertEqual(args, [])
        self.assertEqual(kwargs["day"], date(2026, 11, 22))
        self.assertEqual(kwargs["at"], datetime(2026, 11, 22, 1, 2, 3, tzinfo=timezone.utc))
        self.assertEqual((kwargs["size"], kwargs["window"]), (Size.LARGE, Window(date(2026, 1, 1))))
        self.assertEqual((kwargs["pair"], kwargs["ids"]), ((1, "a"), {UUID(int=1)}))
        self.assertEqual((kwargs["model"].a, kwargs["price"]), (1, Decimal("1.50")))
        self.assertEqual((type(kwargs["ratio"]), kwargs["end"]), (float, date(2026, 11, 23)))

    def test_uses_defaults_and_takes_no_input_for_no_parameters(self) -> None:
        def fn(day: str = "today") -> None: ...

        self.assertEqual(bind_params(fn, None), ([], {"day": "today"}))

    def test_keeps_positional_parameters_positional(self) -> None:
        def fn(a: int, /, b: int) -> None: ...

        self.assertEqual(bind_params(fn, {"a": 1, "b": 2}), ([1], {"b": 2}))

    def test_refuses_what_does_not_fit_and_names_the_parameter(self) -> None:
        def fn(
            rows: Annotated[int, Param(ge=1)] = 1,
            names: list[str] = [],  # noqa: B006 (never changed)
            window: Window | None = None,
            model: Model | None = None,
            options: Options | None = None,
            is_on: bool = False,
        ) -> None: ...

        cases: list[tuple[Any, str]] = [
            ([1], "Give an object"),
            ({"row": 1}, 'no parameter "row"'),
            ({"rows": "1"}, "\"rows\" is '1', not an integer"),
            ({"rows": True}, '"rows" is True, not an integer'),
            ({"rows": 0}, '"rows" is 0, but must be 1 or more'),
            ({"names": ["a", 1]}, r'"names\[1\]" is 1, not text'),
            ({"window": {"start": "soon"}}, "not a date"),
            ({"window": {"start": "2026-01-01", "end": 1}}, "not a field of Window"),
            ({"model": {}}, "does not fit Model"),
            ({"options": {"path": "x"}}, "is missing"),
            ({"is_on": 1}, "not true or false"),
        ]
        for params, message in cases:
            with self.subTest(params=params), self.assertRaisesRegex(ParamsError, message):
                bind_params(fn, params)

    def test_refuses_a_missing_parameter(self) -> None:
        def fn(day: str) -> None: ...

        with self.assertRaisesRegex(ParamsError, '"day" is missing'):
            bind_params(fn, {})


class LenientTest(unittest.TestCase):
    def test_converts_a_result_that_fits_and_leaves_another_as_it_is(self) -> None:
        self.assertEqual(from_json_leniently({"start": "2026-01-01", "days": 3}, Window), Window(date(2026, 1, 1), 3))
        self.assertEqual(from_json_leniently("soon", date), "soon")
        self.assertEqual(from_json_leniently([1, 2], tuple[int, int]), (1, 2))
