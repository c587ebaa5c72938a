"""Values as they are stored and sent: JSON that every language reads the same way.

A number is a number in JSON: ``1.0`` and ``1`` are one value. So that the first execution and a replay see the same
types, ``loads`` gives whole numbers up to 2^53-1 as ``int`` and all others as ``float``; a type hint makes it a float.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import json
import math
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Union, cast
from uuid import UUID

from ._duration import duration_text
from .errors import SerializationError

JsonValue = Union[None, bool, int, float, str, "list[JsonValue]", "dict[str, JsonValue]"]
"""What JSON can hold."""

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that JavaScript, which keeps the values, tells apart from its neighbours."""

# Far below where recursion would end the interpreter, above what a person writes.
MAX_DEPTH = 100

TAG = "$type"


def to_json(value: object, what: str = "value") -> JsonValue:
    """The JSON of a value: plain JSON types, dataclasses, Enum, datetime, date, time, timedelta, UUID, Decimal,
    Path, bytes (base64), sets (as lists) and objects with ``model_dump`` (pydantic).

    :raises SerializationError: VALUE_UNSERIALIZABLE for anything else, cycles, NaN, infinity, integers beyond 2^53-1,
        keys that are not text, and text with U+0000 or a lone surrogate.
    """
    return _Encoder(what).encode(value, "")


def dumps(value: JsonValue) -> str:
    """Compact JSON text of plain JSON."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def loads(text: str | bytes) -> JsonValue:
    """The value of a JSON text, numbers normalised as the module says."""
    value: JsonValue = json.loads(text, parse_int=_integer, parse_float=_number)
    return value


def from_tagged(value: JsonValue) -> Any:
    """Brings back what TypeScript flows tag with ``$type``: date -> aware datetime, bigint -> int, bytes -> bytes,
    map -> dict, set -> set, undefined -> None, number (NaN, Infinity) -> float, object -> dict. The rest stays."""
    if isinstance(value, list):
        return [from_tagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    tag = value.get(TAG)
    if isinstance(tag, str) and tag in _UNTAG and "value" in value:
        try:
            return _UNTAG[tag](value["value"])
        except (TypeError, ValueError, KeyError):
            return value  # not written by an engine: leave it as it is
    return {key: from_tagged(item) for key, item in value.items()}


def _integer(text: str) -> int | float:
    number = int(text)
    return number if abs(number) <= MAX_SAFE_INTEGER else float(text)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER else number


def _dict_from_pairs(pairs: Any) -> Any:
    return {_hashable(from_tagged(key)): from_tagged(item) for key, item in pairs}


def _hashable(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
    return tuple(_hashable(item) for item in items)


_UNTAG: dict[str, Callable[[Any], Any]] = {
    "undefined": lambda _value: None,
    "number": lambda value: float(value),
    "bigint": lambda value: int(value),
    "date": lambda value: None if value is None else datetime.fromisoformat(value.replace("Z", "+00:00")),
    "bytes": lambda value: base64.b64decode(value, validate=True),
    "map": _dict_from_pairs,
    "set": lambda value: {_hashable(from_tagged(item)) for item in value},
    "object": lambda value: {key: from_tagged(item) for key, item in value.items()},
}


class _Encoder:
    """One walk over a value; remembers the containers it is inside of, to see cycles."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._open: set[int] = set()

    def encode(self, value: object, path: str) -> JsonValue:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, enum.Enum):
            return self.encode(value.value, path)
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, int):
            return self._int(value, path)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise self._error(path, f"{value}, which JSON cannot hold")
            return float(value)
        return self._scalar(value) if isinstance(value, _AS_TEXT) else self._container(value, path)

    def _scalar(self, value: Any) -> JsonValue:
        if isinstance(value, (datetime, date, time)):
            return value.isoformat()
        if isinstance(value, timedelta):
            return duration_text(value)
        if isinstance(value, (bytes, bytearray)):
            return base64.b64encode(value).decode("ascii")
        return str(value)

    def _text(self, value: str, path: str) -> str:
        if "\x00" in value:
            raise self._error(path, "text with the character U+0000")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise self._error(path, "text that is not valid Unicode (a lone surrogate)") from None
        return str(value)

    def _int(self, value: int, path: str) -> int:
        if abs(value) > MAX_SAFE_INTEGER:
            raise self._error(path, "an integer beyond 2^53-1, which would lose digits (return it as text)")
        return int(value)

    def _container(self, value: object, path: str) -> JsonValue:
        if id(value) in self._open:
            raise self._error(path, "a reference to an object that contains it (a cycle)")
        if len(self._open) >= MAX_DEPTH:
            raise self._error(path, f"nested deeper than {MAX_DEPTH} levels")
        self._open.add(id(value))
        try:
            return self._members(value, path)
        finally:
            self._open.discard(id(value))

    def _members(self, value: object, path: str) -> JsonValue:
        if isinstance(value, Mapping):
            return self._mapping(cast("Mapping[object, object]", value), path)
        if isinstance(value, (list, tuple)):
            items = cast("list[object]", value)
            return [self.encode(item, f"{path}[{index}]") for index, item in enumerate(items)]
        if isinstance(value, AbstractSet):
            members = list(cast("AbstractSet[object]", value))
            return sorted((self.encode(item, f"{path}{{}}") for item in members), key=dumps)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return self._mapping(cast("Mapping[object, object]", fields), path)
        dump = getattr(value, "model_dump", None)
        if callable(dump) and not isinstance(value, type):
            return self.encode(dump(mode="json"), path)
        raise self._error(path, f"an instance of {type(value).__qualname__}")

    def _mapping(self, value: Mapping[object, object], path: str) -> JsonValue:
        result: dict[str, JsonValue] = {}
        for key, item in value.items():
            name = key.value if isinstance(key, enum.Enum) else key
            if not isinstance(name, str):
                raise self._error(path, f"a dict with the key {name!r}, which is not text")
            result[self._text(name, path)] = self.encode(item, f"{path}.{name}")
        # A user's own "$type" would be taken for a tag when it is read again.
        return {TAG: "object", "value": result} if TAG in result else result

    def _error(self, path: str, found: str) -> SerializationError:
        where = f'At "{path.removeprefix(".")}" it' if path else "It"
        return SerializationError(
            f"The {self._what} cannot be stored. {where} is {found}. "
            "Return JSON types, dataclasses, Enum, datetime, timedelta, UUID, Decimal, Path, bytes or sets of them."
        )


_AS_TEXT = (datetime, date, time, timedelta, UUID, Decimal, PurePath, bytes, bytearray)
