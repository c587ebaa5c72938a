"""Everything this package raises. Match by class or by ``code``; codes are the same as the server's.

PerfectError
├─ PerfectAPIError             the server answered with a problem (status, code, detail, errors)
│  ├─ AuthError                401, 403
│  ├─ NotFoundError            404
│  ├─ ConflictError            409
│  ├─ ValidationError          400, 413, 415, 422
│  ├─ PreconditionError        412, 428
│  ├─ RateLimitedError         429 (retry_after)
│  └─ UnavailableError         503
├─ ConnectionLostError         the server could not be reached, or went away
├─ DefinitionError             a flow, task or schedule is declared wrongly (also a ValueError)
├─ SerializationError          a value is not JSON (also a TypeError)
│  └─ PayloadTooLargeError     a value is larger than the server takes
├─ ParamsError                 the parameters of a run do not fit the flow
├─ TaskFailedError             a recorded task failure, raised into the flow
├─ MapFailedError              more calls of a map failed than may
├─ TaskTimeoutError            a task took longer than its timeout (also a TimeoutError)
├─ TaskOutcomeUnknownError     a task that must not run twice may have run before a crash
├─ TaskKeyAmbiguousError       two calls of a task could not be told apart on replay
├─ JournalMismatchError        a replay called a recorded task with other arguments
├─ TaskKeyDuplicateError       a task key is used twice
└─ OutsideRunError             the call works only inside a run
RunCancelled, RunRevoked       BaseException: signals that ``except Exception`` must not swallow
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class PerfectError(Exception):
    """Base of all errors of this package. ``code`` names the problem and never changes."""

    code = "INTERNAL"
    retryable = False

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class PerfectAPIError(PerfectError):
    """The server answered with an error."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        code: str = "INTERNAL",
        errors: Sequence[Mapping[str, str]] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(f"{detail or title} ({status} {code})", code=code)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = tuple(dict(error) for error in errors)
        self.request_id = request_id


class AuthError(PerfectAPIError):
    """The token is missing, wrong, or does not allow this (401, 403)."""


class NotFoundError(PerfectAPIError):
    """There is no such flow, run, client or path (404)."""


class ConflictError(PerfectAPIError):
    """The state of the thing does not allow this now (409)."""


class ValidationError(PerfectAPIError):
    """The request is not valid; ``errors`` names the fields (400, 413, 415, 422)."""


class PreconditionError(PerfectAPIError):
    """The thing was changed since it was read, or the request does not say which state it is about (412, 428)."""


class RateLimitedError(PerfectAPIError):
    """Too many requests (429)."""

    retryable = True
    retry_after: float | None = None
    """How long the server asks to wait. Unit: seconds."""


class UnavailableError(PerfectAPIError):
    """The engine takes nothing now: it stops, or its storage is away (503). Nothing was stored."""

    retryable = True


class ConnectionLostError(PerfectError):
    """The server could not be reached, or went away in the middle."""

    code = "CONNECTION_LOST"
    retryable = True


class DefinitionError(PerfectError, ValueError):
    """A flow, task or schedule is declared wrongly. Raised where it is declared."""

    code = "FLOW_DEFINITION_INVALID"


class SerializationError(PerfectError, TypeError):
    """A value cannot be stored: it is not JSON."""

    code = "VALUE_UNSERIALIZABLE"


class PayloadTooLargeError(SerializationError):
    """A value is larger than the server takes. Store it elsewhere and return a reference to it."""

    code = "BODY_TOO_LARGE"


class ParamsError(PerfectError):
    """The parameters of a run do not fit the signature of the flow."""

    code = "INPUT_INVALID"


class TaskFailedError(PerfectError):
    """A task failed for good, and the failure is recorded.

    It is an instance of the original exception class too, wherever that class can be found, so ``except ValueError``
    works on the first execution and on a replay alike. ``error_type`` is the name of the original class.
    """

    code = "TASK_FAILED"
    error_type = "Exception"
    recorded_stack: str | None = None
    """The traceback of the original error, where it is known."""


class MapFailedError(PerfectError):
    """More calls of a map have failed than ``max_failures`` allows. ``__cause__`` is the first failure."""

    code = "MAP_FAILED"


class TaskTimeoutError(PerfectError, TimeoutError):
    """A task took longer than its ``timeout``."""

    code = "TASK_TIMEOUT"
    retryable = True


class TaskOutcomeUnknownError(PerfectError):
    """A task declared with ``idempotent=False`` was started before a crash, and nobody knows whether it was done."""

    code = "TASK_OUTCOME_UNKNOWN"


class JournalMismatchError(PerfectError):
    """A replay called a recorded task with other arguments: the flow does something else than before. The run fails,
    whatever the flow does with this error, and can be tried again with the code that it began with."""

    code = "REPLAY_MISMATCH"


class TaskKeyAmbiguousError(PerfectError):
    """Two calls of a task could not be told apart on a replay. Give the task a ``key``."""

    code = "TASK_KEY_AMBIGUOUS"


class TaskKeyDuplicateError(PerfectError):
    """Two calls of a task have the same ``key``."""

    code = "TASK_KEY_DUPLICATE"


class OutsideRunError(PerfectError):
    """The call works only inside a run."""

    code = "TASK_OUTSIDE_FLOW"


class RunCancelled(BaseException):
    """Someone asked for the run to end. Let it pass; use ``finally`` to clean up."""


class RunRevoked(BaseException):
    """The run is not this worker's any more: it runs elsewhere or has ended. Nothing done here counts now."""
