"""How the engine starts, limits and tries the runs of a flow again: what users declare, and its wire shapes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ._check import is_a, is_integer, is_number, is_positive, is_seconds
from .errors import DefinitionError

# What grows beyond it is no wait any more.
_MAX_DELAY_MS = 60_000


@dataclass(frozen=True)
class Concurrency:
    """How many runs of a flow may run at a time, over all workers."""

    limit: int | None = None
    """Runs of the flow. Range: >= 1. Default: any number."""
    key: str | None = None
    """Name of a parameter: runs with the same value of it share ``per_key``."""
    per_key: int = 1
    """Runs with the same value of ``key``. Range: >= 1. Default: 1."""


@dataclass(frozen=True)
class RateLimit:
    """How often runs of a flow may start, over all workers."""

    limit: int
    """Starts in any stretch of ``seconds``. Range: 1..10,000."""
    seconds: float
    """Unit: seconds. Range: > 0."""


@dataclass(frozen=True)
class FlowPolicy:
    """See ``flow`` for what each means."""

    timeout: float | timedelta | None = None
    retries: int = 0
    retry_delay: float = 1.0
    concurrency: int | Concurrency | None = None
    rate_limit: RateLimit | None = None
    priority: int = 0

    def check(self, flow: str) -> None:
        """:raises DefinitionError: when an option is out of range."""
        if not is_integer(self.retries, 0):
            raise _invalid(flow, "retries", self.retries, "an integer of 0 or more", "RETRY")
        if not is_number(self.retry_delay, 0):
            raise _invalid(flow, "retry_delay", self.retry_delay, "seconds of 0 or more", "RETRY")
        if self.timeout is not None and not is_seconds(self.timeout, 0):
            raise _invalid(flow, "timeout", self.timeout, "seconds of 0 or more, or a timedelta", "DURATION")
        if not _is_concurrency(self._concurrency()):
            raise _invalid(flow, "concurrency", self.concurrency, "1 or more, or a Concurrency", "FLOW_DEFINITION")
        if self.rate_limit is not None and not _is_rate(self.rate_limit):
            wanted = "a RateLimit of 1 to 10,000 starts, and seconds above 0"
            raise _invalid(flow, "rate_limit", self.rate_limit, wanted, "FLOW_DEFINITION")
        if not is_number(self.priority, -10, 10):
            raise _invalid(flow, "priority", self.priority, "a number from -10 to 10", "FLOW_DEFINITION")

    def to_hello(self) -> dict[str, Any]:
        """Fields of the entry in the ``flows`` of a worker's ``hello``."""
        fields = self._shared()
        if self.timeout is not None:
            fields["timeoutMs"] = round(_seconds(self.timeout) * 1000)
        if self.rate_limit is not None:
            fields["rateLimit"] = {"limit": self.rate_limit.limit, "perMs": round(self.rate_limit.seconds * 1000)}
        if self.retries:
            first, longest = self._delays()
            fields["retry"] = {"attempts": self.retries + 1, "firstMs": first, "factor": 2, "maxMs": longest}
        return fields

    def to_json(self) -> dict[str, Any]:
        """Fields of the body of ``POST /api/engine/register``."""
        fields = self._shared()
        if self.timeout is not None:
            fields["timeout"] = round(_seconds(self.timeout) * 1000)
        if self.rate_limit is not None:
            fields["rateLimit"] = {"limit": self.rate_limit.limit, "per": round(self.rate_limit.seconds * 1000)}
        if self.retries:
            first, longest = self._delays()
            backoff = {"first": first, "factor": 2, "max": longest}
            fields["retry"] = {"attempts": self.retries + 1, "backoff": backoff}
        return fields

    def _shared(self) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        concurrency = self._concurrency()
        limits: dict[str, Any] = {}
        if concurrency.limit is not None:
            limits["limit"] = concurrency.limit
        if concurrency.key is not None:
            limits["perKey"] = {"limit": concurrency.per_key, "field": concurrency.key}
        if limits:
            fields["concurrency"] = limits
        if self.priority:
            fields["priority"] = self.priority
        return fields

    def _concurrency(self) -> Concurrency:
        given = self.concurrency
        return given if isinstance(given, Concurrency) else Concurrency(given)

    def _delays(self) -> tuple[int, int]:
        first = round(self.retry_delay * 1000)
        return first, max(first, _MAX_DELAY_MS)


def _seconds(value: float | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _is_concurrency(given: Concurrency) -> bool:
    is_limit = given.limit is None or is_integer(given.limit, 1)
    return is_limit and is_integer(given.per_key, 1) and (given.key is None or is_a(given.key, str))


def _is_rate(given: object) -> bool:
    return isinstance(given, RateLimit) and is_integer(given.limit, 1, 10_000) and is_positive(given.seconds)


def _invalid(flow: str, option: str, value: object, wanted: str, subject: str) -> DefinitionError:
    message = f'The {option} of flow "{flow}" is {value!r}. Give {wanted}.'
    return DefinitionError(message, code=f"{subject}_INVALID")
