"""Error responses (RFC 9457 problem details) as exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ._session import Response
from .errors import (
    AuthError,
    ConflictError,
    NotFoundError,
    PerfectAPIError,
    PreconditionError,
    RateLimitedError,
    UnavailableError,
    ValidationError,
)

_CLASSES: dict[int, type[PerfectAPIError]] = {
    400: ValidationError,
    401: AuthError,
    403: AuthError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionError,
    413: ValidationError,
    415: ValidationError,
    422: ValidationError,
    428: PreconditionError,
    429: RateLimitedError,
    503: UnavailableError,
}


def error_of(response: Response) -> PerfectAPIError:
    """The exception for a response that is not 2xx."""
    problem = _body(response)
    status = response.status_code
    errors = problem.get("errors")
    error = _CLASSES.get(status, PerfectAPIError)(
        status,
        str(problem.get("title") or f"The server answered with status {status}"),
        str(problem.get("detail") or ""),
        code=str(problem.get("code") or "INTERNAL"),
        errors=cast("list[Mapping[str, str]]", errors) if isinstance(errors, list) else (),
        request_id=response.headers.get("request-id"),
    )
    if isinstance(error, RateLimitedError):
        error.retry_after = retry_after(response)
    return error


def retry_after(response: Response) -> float | None:
    """How long the server asks to wait, in seconds; None when it does not say so in seconds."""
    text = response.headers.get("retry-after") or ""
    return float(text) if text.isascii() and text.isdigit() else None


def _body(response: Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}
