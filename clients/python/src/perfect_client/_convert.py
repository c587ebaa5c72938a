"""JSON values back to the types that a signature names."""

from __future__ import annotations

import base64
import dataclasses
import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, cast
from uuid import UUID

from ._duration import duration_of
from ._hints import plain, required_keys
from ._json import from_tagged, to_json
from ._schema import Param, resolve_hints
from .errors import ParamsError


class Mismatch(ValueError):
    """A value does not fit a type."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


def bind_params(fn: Callable[..., Any], params: Any) -> tuple[list[Any], dict[str, Any]]:
    """The arguments for a function, from the JSON object of a trigger.

    :raises ParamsError: when a parameter is missing, unknown, or does not fit its annotation.
    """
    values = from_tagged({} if params is None else params)
    if not isinstance(values, dict):
        raise ParamsError(f"The input is {_shown(values)}. Give an object with the parameters of the flow.")
    given = cast("dict[str, Any]", values)
    hints = resolve_hints(fn)
    parameters = inspect.signature(fn).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    unknown = [] if takes_any else sorted(set(given) - set(parameters))
    if unknown:
        raise ParamsError(f'There is no parameter "{unknown[0]}". The flow takes: {", ".join(parameters) or "none"}.')
    args: list[Any] = []
    kwargs = {name: value for name, value in given.items() if name not in parameters}
    for name, parameter in parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if name not in given and parameter.default is parameter.empty:
            raise ParamsError(f'The parameter "{name}" is missing.')
        value = _param(name, given[name], hints.get(name, Any)) if name in given else parameter.default
        if parameter.kind is parameter.POSITIONAL_ONLY:
            args.append(value)
        else:
            kwargs[name] = value
    return args, kwargs


def _param(name: str, value: Any, hint: Any) -> Any:
    try:
        return from_json(value, hint, name)
    except Mismatch as mismatch:
        raise ParamsError(f'The parameter "{mismatch.path}" {mismatch}.') from None


def from_json_leniently(value: Any, hint: Any) -> Any:
    """As ``from_json``, but a value that does not fit stays as it is: results are only as typed as the code is."""
    try:
        return from_json(value, hint, "result")
    except (Mismatch, TypeError, ValueError, KeyError):
        return value


def from_json(value: Any, hint: Any, path: str) -> Any:
    """The value as the type says. Types it does not know take anything.

    :raises Mismatch: when the value does not fit.
    """
    hint = plain(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _annotated(value, arguments, path)
    if hint in _SCALARS:
        return _SCALARS[hint](value, path)
    if origin is Literal:
        return _one_of(value, arguments, path)
    if origin in (Union, types.UnionType):
        return _first_fit(value, arguments, path)
    cls = origin or hint
    return _by_class(value, cls, arguments, path) if isinstance(cls, type) else value


def _exactly(cls: Any, name: str) -> Callable[[Any, str], Any]:
    def check(value: Any, path: str) -> Any:
        if not isinstance(value, cls) or (isinstance(value, bool) and cls is not bool):
            raise Mismatch(path, f"is {_shown(value)}, not {name}")
        return value

    return check


def _number(value: Any, path: str) -> float:
    return float(_exactly((int, float), "a number")(value, path))


def _from_text(cls: Any, name: str, parse: Callable[[str], Any]) -> Callable[[Any, str], Any]:
    def convert(value: Any, path: str) -> Any:
        if isinstance(value, cls):
            return value
        try:
            return parse(_exactly(str, "text")(value, path))
        except (ValueError, InvalidOperation) as error:
            raise Mismatch(path, f"is {_shown(value)}, not {name}") from error

    return convert


def _datetime(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


_SCALARS: dict[Any, Callable[[Any, str], Any]] = {
    type(None): _exactly(type(None), "null"),
    bool: _exactly(bool, "true or false"),
    int: _exactly(int, "an integer"),
    float: _number,
    str: _exactly(str, "text"),
    bytes: _from_text(bytes, "base64", lambda text: base64.b64decode(text, validate=True)),
    datetime: _from_text(datetime, "a date and time", _datetime),
    date: _from_text(date, "a date", date.fromisoformat),
    time: _from_text(time, "a time", time.fromisoformat),
    timedelta: _from_text(timedelta, "a duration", duration_of),
    UUID: _from_text(UUID, "a UUID", UUID),
    Decimal: _from_text(Decimal, "a decimal number", Decimal),
}


def _annotated(value: Any, arguments: tuple[Any, ...], path: str) -> Any:
    converted = from_json(value, arguments[0], path)
    for extra in arguments[1:]:
        if isinstance(extra, Param):
            _check_bounds(converted, extra, path)
    return converted


def _check_bounds(value: Any, param: Param, path: str) -> None:
    checks: tuple[tuple[bool, str], ...] = (
        (param.ge is not None and value < param.ge, f"must be {param.ge} or more"),
        (param.gt is not None and value <= param.gt, f"must be more than {param.gt}"),
        (param.le is not None and value > param.le, f"must be {param.le} or less"),
        (param.lt is not None and value >= param.lt, f"must be less than {param.lt}"),
        (param.min_length is not None and len(value) < param.min_length, f"must have a length of {param.min_length}+"),
        (param.max_length is not None and len(value) > param.max_length, f"must not be longer than {param.max_length}"),
        (param.pattern is not None and not re.search(param.pattern, value), f"must match {param.pattern}"),
    )
    for is_violated, rule in checks:
        if is_violated:
            raise Mismatch(path, f"is {_shown(value)}, but {rule}")


def _one_of(value: Any, arguments: tuple[Any, ...], path: str) -> Any:
    for argument in arguments:
        if value == to_json(argument) and isinstance(value, bool) == isinstance(argument, bool):
            return argument
    raise Mismatch(path, f"is {_shown(value)}, not one of {', '.join(map(repr, arguments))}")


def _first_fit(value: Any, arguments: tuple[Any, ...], path: str) -> Any:
    reasons: list[str] = []
    # Text is the widest type: "2026-11-22" in `str | date` stays text only when it is not a date.
    for argument in sorted(arguments, key=lambda hint: hint is str):
        try:
            return from_json(value, argument, path)
        except Mismatch as mismatch:
            reasons.append(str(mismatch))
    raise Mismatch(path, " and ".join(dict.fromkeys(reasons)))


def _by_class(value: Any, cls: Any, arguments: tuple[Any, ...], path: str) -> Any:
    if cls is object:
        return value
    if issubclass(cls, enum.Enum):
        return value if isinstance(value, cls) else _member(value, cls, path)
    if issubclass(cls, PurePath):
        return cls(_exactly(str, "text")(value, path))
    if issubclass(cls, tuple):
        return _tuple(value, arguments, path)
    if issubclass(cls, (set, frozenset)):
        return cast("Any", cls)(_items(value, arguments, path))
    if issubclass(cls, cast("Any", list)) or cls.__name__ in ("Sequence", "Iterable", "Collection"):
        return list(_items(value, arguments, path))
    if dataclasses.is_dataclass(cls):
        return _dataclass(value, cls, path)
    if typing.is_typeddict(cls):
        return _typed_dict(value, cls, path)
    if issubclass(cls, (dict, Mapping)):
        hint = arguments[1] if len(arguments) == 2 else Any
        return {key: from_json(item, hint, f"{path}.{key}") for key, item in _object(value, path).items()}
    validate = getattr(cls, "model_validate", None)
    if not callable(validate) or isinstance(value, cls):
        return value
    try:
        return validate(value)
    except ValueError as error:
        raise Mismatch(path, f"does not fit {cls.__name__}: {error}") from error


def _member(value: Any, cls: type[enum.Enum], path: str) -> enum.Enum:
    for member in cls:
        if to_json(member.value) == value:
            return member
    raise Mismatch(path, f"is {_shown(value)}, not one of {', '.join(repr(member.value) for member in cls)}")


def _tuple(value: Any, arguments: tuple[Any, ...], path: str) -> tuple[Any, ...]:
    if not arguments or (len(arguments) == 2 and arguments[1] is Ellipsis):
        return tuple(_items(value, arguments, path))
    items = list(_items(value, (), path))
    if len(items) != len(arguments):
        raise Mismatch(path, f"has {len(items)} items, not {len(arguments)}")
    return tuple(
        from_json(item, hint, f"{path}[{i}]") for i, (item, hint) in enumerate(zip(items, arguments, strict=True))
    )


def _items(value: Any, arguments: tuple[Any, ...], path: str) -> Iterable[Any]:
    items = cast("Iterable[Any]", _exactly((list, tuple, set, frozenset), "a list")(value, path))
    hint = arguments[0] if arguments else Any
    return [from_json(item, hint, f"{path}[{index}]") for index, item in enumerate(items)]


def _object(value: Any, path: str) -> dict[str, Any]:
    found: dict[str, Any] = _exactly(dict, "an object")(value, path)
    return found


def _dataclass(value: Any, cls: Any, path: str) -> Any:
    if isinstance(value, cls):
        return value
    given = _object(value, path)
    hints = resolve_hints(cls)
    takes = {field.name: field.init for field in dataclasses.fields(cls)}
    unknown = sorted(set(given) - set(takes))
    if unknown:
        raise Mismatch(f"{path}.{unknown[0]}", f"is not a field of {cls.__name__}")
    values = {name: from_json(item, hints.get(name, Any), f"{path}.{name}") for name, item in given.items()}
    try:
        return cls(**{name: item for name, item in values.items() if takes[name]})
    except TypeError as error:
        raise Mismatch(path, f"does not fit {cls.__name__}: {error}") from error


def _typed_dict(value: Any, cls: Any, path: str) -> dict[str, Any]:
    given = _object(value, path)
    hints = resolve_hints(cls)
    missing = [name for name in required_keys(cls, hints) if name not in given]
    if missing:
        raise Mismatch(f"{path}.{missing[0]}", "is missing")
    return {name: from_json(item, hints.get(name, Any), f"{path}.{name}") for name, item in given.items()}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"
