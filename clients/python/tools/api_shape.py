"""Prints what the API client asks for and how it describes the answers. A test compares that with the server."""

from __future__ import annotations

import inspect
import json
import sys
import typing
from collections.abc import Iterator
from email.message import Message
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from perfect_client import PerfectAPIClient, views


class _Anything(dict[str, Any]):
    """An answer that has every field."""

    def __missing__(self, key: str) -> Any:
        return [] if key == "items" else None if key == "nextCursor" else _Anything()


class _Answer:
    status_code = 200
    headers = Message()
    text = ""

    def json(self) -> Any:
        return _Anything()


class _Recorder:
    """A session that notes what is asked."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()

    def request(self, method: str, url: str, **_options: Any) -> _Answer:
        self.asked.add((method, unquote(urlsplit(url).path).removeprefix("/api")))
        return _Answer()


def _routes() -> list[tuple[str, str]]:
    recorder = _Recorder()
    api = PerfectAPIClient("http://127.0.0.1", cast("Any", recorder))
    for name, method in inspect.getmembers(api, inspect.ismethod):
        if name.startswith("_") or name in ("request", "close", "stream_events", "wait_for_run"):
            continue
        needed = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
        arguments = [_argument(p.name) for p in needed if p.kind is p.POSITIONAL_OR_KEYWORD]
        answer = method(*arguments)
        if isinstance(answer, Iterator):
            next(cast("Iterator[object]", answer), None)
    return sorted(recorder.asked)


def _argument(name: str) -> Any:
    if name == "definition":
        return {"name": "x"}
    return True if name == "approved" else f":{name}"


def _views() -> dict[str, list[str]]:
    found = {name: getattr(views, name) for name in views.__all__}
    return {name: sorted(typing.get_type_hints(view)) for name, view in found.items() if typing.is_typeddict(view)}


json.dump({"routes": _routes(), "views": _views()}, sys.stdout)
