"""Questions to the engine that have an answer: by id, and lost with the connection."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from .errors import ConnectionLostError


class PendingRequests:
    """Answers that are waited for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: dict[str, Future[Mapping[str, Any]]] = {}

    def open(self) -> tuple[str, Future[Mapping[str, Any]]]:
        """A new id, and the future of the answer."""
        answer: Future[Mapping[str, Any]] = Future()
        with self._lock:
            request_id = f"q{next(self._numbers)}"
            self._waiting[request_id] = answer
        return request_id, answer

    def answer(self, message: Mapping[str, Any]) -> None:
        """An answer came. One that nobody waits for is ignored."""
        with self._lock:
            waiting = self._waiting.pop(str(message.get("re")), None)
        if waiting is not None:
            waiting.set_result(message)

    def lose(self) -> None:
        """The connection is gone: no answer will come."""
        with self._lock:
            waiting = list(self._waiting.values())
            self._waiting.clear()
        for future in waiting:
            future.set_exception(ConnectionLostError("The connection ended before the answer came"))
