"""Models of pydantic as parameters and results of flows, and the definitions that their schemas share."""

from __future__ import annotations

import importlib.util
import unittest
from typing import Any

from perfect_client import MockClient, ParamsError
from perfect_client._convert import bind_params
from perfect_client._schema import params_schema
from perfect_client._schema_definitions import with_definitions_at_root
from perfect_client.testing import assert_replayable


class DefinitionsTest(unittest.TestCase):
    def test_brings_definitions_to_the_root_and_keeps_different_ones_of_a_name_apart(self) -> None:
        item: Any = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Item"}}}
        other: Any = {"type": "integer"}
        first: Any = {"$ref": "#/$defs/Item", "$defs": {"Item": item}}
        schema: Any = with_definitions_at_root(
            {
                "type": "object",
                "properties": {
                    "a": first,
                    "b": {"type": "array", "items": first},
                    "c": {"$ref": "#/$defs/Item", "$defs": {"Item": other}},
                },
            }
        )
        self.assertEqual(schema["$defs"], {"Item": item, "Item2": other})
        self.assertEqual(schema["properties"]["a"], {"$ref": "#/$defs/Item"})
        self.assertEqual(schema["properties"]["b"]["items"], {"$ref": "#/$defs/Item"})
        self.assertEqual(schema["properties"]["c"], {"$ref": "#/$defs/Item2"})


@unittest.skipUnless(importlib.util.find_spec("pydantic"), "pydantic is not installed")
class PydanticTest(unittest.TestCase):
    def setUp(self) -> None:
        from .pydantic_flows import check

        self.flow = check
        self.params: dict[str, Any] = {
            "order": {"first": {"amount": 1}, "lines": [{"amount": 2}], "at": "2026-11-22T00:00:00Z"},
            "more": [{"amount": 3}],
        }

    def test_makes_a_schema_whose_references_lead_somewhere(self) -> None:
        schema: Any = params_schema(self.flow.fn)
        line = schema["$defs"]["Line"]
        self.assertEqual(line["properties"]["amount"]["type"], "integer")
        self.assertEqual(schema["properties"]["order"]["properties"]["first"], {"$ref": "#/$defs/Line"})
        self.assertEqual(schema["required"], ["order"])

    def test_gives_the_flow_models_and_records_them_as_json(self) -> None:
        run = MockClient().trigger(self.flow, **self.params)
        self.assertEqual((run.status, run.result), ("succeeded", "5"))
        self.assertEqual(run.journal["price#1"]["result"]["lines"], [{"amount": 2}, {"amount": 3}])
        assert_replayable(self.flow, **self.params)

    def test_refuses_what_the_model_does_not_take(self) -> None:
        with self.assertRaisesRegex(ParamsError, "does not fit Order"):
            bind_params(self.flow.fn, {"order": {"first": {"amount": "many"}}})
