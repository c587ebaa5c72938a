"""Brings the ``$defs`` of parts of a schema to its root: that is where ``#/$defs/Name`` points to. pydantic writes them
into the schema of each model."""

from __future__ import annotations

from typing import cast

from ._json import JsonValue

_PREFIX = "#/$defs/"


def with_definitions_at_root(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The schema with all definitions of its parts at its root; two different ones of a name get two names."""
    found = _Definitions()
    lifted = cast("dict[str, JsonValue]", found.lift(schema, {}))
    return {**lifted, "$defs": found.lifted} if found.lifted else lifted


class _Definitions:
    def __init__(self) -> None:
        self.lifted: dict[str, JsonValue] = {}
        self._given: dict[str, JsonValue] = {}

    def lift(self, part: JsonValue, names: dict[str, str]) -> JsonValue:
        if isinstance(part, list):
            return [self.lift(item, names) for item in part]
        if not isinstance(part, dict):
            return part
        local = part.get("$defs")
        if isinstance(local, dict):
            names = {**names, **self._take(local, names)}
        lifted: dict[str, JsonValue] = {}
        for key, value in part.items():
            if key == "$ref" and isinstance(value, str) and value.startswith(_PREFIX):
                name = value.removeprefix(_PREFIX)
                lifted[key] = _PREFIX + names.get(name, name)
            elif key != "$defs":
                lifted[key] = self.lift(value, names)
        return lifted

    def _take(self, local: dict[str, JsonValue], outer: dict[str, str]) -> dict[str, str]:
        names: dict[str, str] = {}
        fresh: list[str] = []
        for name, definition in local.items():
            unique, number = name, 2
            while unique in self._given and self._given[unique] != definition:
                unique, number = f"{name}{number}", number + 1
            names[name] = unique
            if unique not in self._given:
                self._given[unique] = definition
                fresh.append(name)
        # Only now: they may refer to each other.
        for name in fresh:
            self.lifted[names[name]] = self.lift(local[name], {**outer, **names})
        return names
