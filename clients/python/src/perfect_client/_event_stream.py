"""Reads the live events of the server (server-sent events of WHATWG HTML) with the standard library."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode, urlsplit

from ._problem import error_of
from ._session import StdlibResponse
from ._views import RunEvent

# The server says something at least every 15 s.
_SILENCE_SECONDS = 45.0
_RECONNECT_SECONDS = 1.0


def read_events(
    base_url: str, headers: Callable[[], Mapping[str, str]], topics: Sequence[str], last_event_id: str | None
) -> Iterator[RunEvent]:
    """Yields events, over as many connections as it takes.

    :raises PerfectAPIError: the server refuses.
    """
    asked = f"?{urlencode({'topics': ','.join(topics)})}" if topics else ""
    while True:
        try:
            for event in _connection(f"{base_url}/api/engine/events{asked}", headers(), last_event_id):
                last_event_id = event.id or last_event_id
                yield event
        except (OSError, http.client.HTTPException):
            pass  # the next connection goes on after the last event
        time.sleep(_RECONNECT_SECONDS)


def _connection(url: str, headers: Mapping[str, str], last_event_id: str | None) -> Iterator[RunEvent]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=_SILENCE_SECONDS)
    try:
        last = {"Last-Event-ID": last_event_id} if last_event_id else {}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET", target, headers={"Accept": "text/event-stream", **headers, **last})
        with connection.getresponse() as response:
            if response.status != 200:
                raise error_of(StdlibResponse(response.status, response.headers, response.read()))
            yield from parse_events(line.decode("utf-8").rstrip("\r\n") for line in response)
    finally:
        connection.close()


def parse_events(lines: Iterable[str]) -> Iterator[RunEvent]:
    """The events that lines of a stream stand for. Comments and fields that are not known are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
        elif not line and fields:
            if "data" in fields:
                yield RunEvent(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
