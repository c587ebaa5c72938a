"""How requests of the API client are sent: headers, tries, pages. Everything raises ``PerfectError``."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ._check import is_a, is_integer, is_positive
from ._problem import error_of, retry_after
from ._session import Response, SessionLike, default_session, send
from ._views import Page
from .errors import ConnectionLostError, DefinitionError

_RETRY_STATUSES = (429, 502, 503, 504)
_FIRST_DELAY = 0.2
_MAX_DELAY = 10.0
_MAX_RETRY_AFTER = 60.0


class ApiTransport:
    """What the methods of ``PerfectAPIClient`` are made of."""

    def __init__(
        self,
        base_url: str,
        session: SessionLike | None = None,
        *,
        token: str | Callable[[], str] | None = None,
        timeout: float = 30.0,
        retries: int = 3,
    ) -> None:
        if not _is_address(base_url):
            wanted = "the address of a server, as in http://127.0.0.1:3000"
            raise DefinitionError(f"The base_url is {base_url!r}. Give {wanted}.", code="REQUEST_INVALID")
        if not is_positive(timeout) or not is_integer(retries, 0):
            given = f"timeout is {timeout!r} and its retries are {retries!r}"
            wanted = "seconds above 0, and an integer of 0 or more"
            raise DefinitionError(f"The {given}. Give {wanted}.", code="REQUEST_INVALID")
        self.base_url = base_url.rstrip("/")
        """Root of the server, without a slash at its end."""
        self.session: SessionLike = default_session(base_url) if session is None else session
        """The HTTP session."""
        self._owns_session = session is None
        self._token = token
        self._timeout = timeout
        self._retries = retries

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Calls any route of the API, also one that has no method here, and gives the JSON of the answer.

        What may happen twice when it is sent twice is not sent again: POST without an idempotency key.

        :param path: path under ``/api``, such as ``/engine/info``.
        :param query: parameters of the URL; those that are None are left out, lists are repeated.
        :raises PerfectAPIError: the server answers with a problem.
        :raises ConnectionLostError: there is no answer.
        """
        repeatable = method.upper() != "POST" or idempotency_key is not None
        full = _with_query(path, given(**(query or {})))
        return self._call(method.upper(), full, body, idempotency_key=idempotency_key, repeatable=repeatable)

    def close(self) -> None:
        """Ends the connections of the session, unless it was given."""
        close = getattr(self.session, "close", None)
        if self._owns_session and callable(close):
            close()

    def _headers(self) -> dict[str, str]:
        token = self._token() if callable(self._token) else self._token
        return {"Authorization": f"Bearer {token}"} if token else {}

    def _get(self, path: str, query: Mapping[str, Any]) -> Any:
        return self._call("GET", _with_query(path, given(**query)))

    def _post(self, path: str, body: Any, key: str | None = None) -> Any:
        # One key for all tries, so that a lost response does not do it twice.
        return self._call("POST", path, body, idempotency_key=key or uuid.uuid4().hex)

    def _text(self, path: str, query: Mapping[str, Any]) -> str:
        headers = {**self._headers(), "Accept": "*/*"}
        response = self._send("GET", f"{self.base_url}/api{_with_query(path, query)}", None, headers, repeatable=True)
        if response.status_code != 200:
            raise error_of(response)
        return response.text

    def _page(self, path: str, query: Mapping[str, Any]) -> Page[Any]:
        body = self._get(path, query)
        return Page(body["items"], body.get("nextCursor"), body.get("count"), body.get("prevCursor"))

    def _all(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        page = self._page(path, {**query, "limit": 200})
        yield from page.items
        while page.next_cursor is not None:
            page = self._page(path, {**query, "limit": 200, "cursor": page.next_cursor})
            yield from page.items

    def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Any:
        headers = {"Accept": "application/json", **self._headers(), **(headers or {})}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        response = self._send(method, f"{self.base_url}/api{path}", body, headers, repeatable=repeatable)
        if not 200 <= response.status_code < 300:
            raise error_of(response)
        return None if response.status_code == 204 else response.json()

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str], *, repeatable: bool) -> Response:
        attempt = 0
        while True:
            asked: float | None = None
            try:
                response = send(self.session, method, url, json=body, headers=headers, timeout=self._timeout)
            except ConnectionLostError:
                if attempt >= self._retries or not repeatable:
                    raise
            else:
                if response.status_code not in _RETRY_STATUSES or attempt >= self._retries:
                    return response
                asked = retry_after(response)
            # Full jitter: many clients that failed together should not come back together.
            jittered = random.uniform(0, min(_MAX_DELAY, _FIRST_DELAY * 2**attempt))
            time.sleep(jittered if asked is None else min(asked, _MAX_RETRY_AFTER))
            attempt += 1


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _with_query(path: str, query: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def segment(text: str) -> str:
    """A part of a path."""
    return quote(text, safe="")


def _is_address(text: str) -> bool:
    if not is_a(text, str):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or half of an IPv6 address
        return False
