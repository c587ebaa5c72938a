"""JSON Schema (2020-12) of the parameters of a flow, from its signature."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, cast
from uuid import UUID

from ._hints import plain, required_keys
from ._json import JsonValue, to_json
from ._schema_definitions import with_definitions_at_root
from .errors import DefinitionError, SerializationError

Schema = dict[str, JsonValue]


@dataclass(frozen=True)
class Param:
    """Says more about a parameter than its type: ``rows: Annotated[int, Param(ge=1, description="how many")]``."""

    description: str | None = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None

    def to_schema(self, base: str) -> Schema:
        """The keywords of JSON Schema for it. Lengths are those of text, or of lists."""
        unit = "Items" if base == "array" else "Length"
        keywords: Schema = {
            "description": self.description,
            "minimum": self.ge,
            "exclusiveMinimum": self.gt,
            "maximum": self.le,
            "exclusiveMaximum": self.lt,
            f"min{unit}": self.min_length,
            f"max{unit}": self.max_length,
            "pattern": self.pattern,
        }
        return {name: value for name, value in keywords.items() if value is not None}


_SIMPLE: dict[Any, Schema] = {
    type(None): {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    timedelta: {"type": "string", "format": "duration"},
    UUID: {"type": "string", "format": "uuid"},
    Decimal: {"type": "string", "format": "decimal"},
}


def params_schema(fn: Callable[..., Any]) -> Schema:
    """The schema of the parameters of a function. Parameters without annotation take anything.

    :raises DefinitionError: when the function takes ``*args``, which have no names.
    """
    from ._docstring import parameter_texts

    hints = resolve_hints(fn)
    texts = parameter_texts(fn)
    properties: Schema = {}
    required: list[JsonValue] = []
    schema: Schema = {"type": "object", "additionalProperties": False}
    for name, parameter in inspect.signature(fn).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise DefinitionError(f'The flow function "{fn.__qualname__}" takes *{name}. Parameters need names.')
        if parameter.kind is parameter.VAR_KEYWORD:
            schema["additionalProperties"] = True
            continue
        properties[name] = _property(hints.get(name, Any), parameter.default, texts.get(name))
        if parameter.default is parameter.empty:
            required.append(name)
    schema["properties"] = properties
    if required:
        schema["required"] = required
    return with_definitions_at_root(schema)


def resolve_hints(fn: Callable[..., Any]) -> Mapping[str, Any]:
    """The type hints of a function; those that cannot be resolved are left out."""
    try:
        return typing.get_type_hints(fn, include_extras=True)
    except Exception:  # a name that exists only for type checkers makes all of them fail at once
        return {name: hint for name, hint in getattr(fn, "__annotations__", {}).items() if not isinstance(hint, str)}


def _property(hint: Any, default: Any, text: str | None) -> Schema:
    schema = dict(schema_of(hint))
    if text is not None:
        schema.setdefault("description", text)
    if default is not inspect.Parameter.empty:
        # Without a text for the default it is optional all the same.
        with contextlib.suppress(SerializationError):
            schema["default"] = to_json(default)
    return schema


def schema_of(hint: Any, inside: tuple[Any, ...] = ()) -> Schema:
    """The schema of a type. Types it does not know, and types inside themselves, take anything."""
    hint = plain(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _annotated(arguments, inside)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if origin is Literal:
        return {"enum": [to_json(argument) for argument in arguments]}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(argument, inside) for argument in arguments]}
    if hint in inside:
        return {}
    cls = origin or hint
    return _container(cls, arguments, inside) if isinstance(cls, type) else {}


def _annotated(arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Schema:
    schema = dict(schema_of(arguments[0], inside))
    for extra in arguments[1:]:
        if isinstance(extra, Param):
            schema.update(extra.to_schema(str(schema.get("type", ""))))
    return schema


def _container(cls: Any, arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Schema:
    if issubclass(cls, enum.Enum):
        return {"enum": [to_json(member.value) for member in cls]}
    if issubclass(cls, PurePath):
        return {"type": "string", "format": "path"}
    if issubclass(cls, tuple):
        return _tuple(arguments, inside)
    if issubclass(cls, (set, frozenset)):
        return {"type": "array", "uniqueItems": True, "items": schema_of(arguments[0], inside) if arguments else {}}
    if issubclass(cls, cast("Any", list)) or cls.__name__ in ("Sequence", "Iterable", "Collection"):
        return {"type": "array", "items": schema_of(arguments[0], inside) if arguments else {}}
    if dataclasses.is_dataclass(cls) or typing.is_typeddict(cls):
        return _record(cls, (*inside, cls))
    if issubclass(cls, (dict, Mapping)):
        return {"type": "object", "additionalProperties": schema_of(arguments[1], inside) if arguments else True}
    own = getattr(cls, "model_json_schema", None)
    return cast("Schema", own()) if callable(own) else {}


def _tuple(arguments: tuple[Any, ...], inside: tuple[Any, ...]) -> Schema:
    if not arguments:
        return {"type": "array"}
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return {"type": "array", "items": schema_of(arguments[0], inside)}
    count = len(arguments)
    items: list[JsonValue] = [schema_of(argument, inside) for argument in arguments]
    return {"type": "array", "prefixItems": items, "minItems": count, "maxItems": count}


def _record(cls: Any, inside: tuple[Any, ...]) -> Schema:
    hints = resolve_hints(cls)
    if dataclasses.is_dataclass(cls):
        required = [field.name for field in dataclasses.fields(cls) if field.init and _has_no_default(field)]
        names = [field.name for field in dataclasses.fields(cls) if field.init]
    else:
        required = required_keys(cls, hints)
        names = list(hints)
    return {
        "type": "object",
        "properties": {name: schema_of(hints.get(name, Any), inside) for name in names},
        "required": list(required),
    }


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
