"""Errors of user code as they are recorded, and brought back: a replay raises what the first execution raised."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any, cast

from ._json import JsonValue
from .errors import PerfectError, TaskFailedError

MAX_STACK_CHARS = 65_536
# Deep enough for any real chain; a bound, since a cause may point back to its error.
_MAX_CAUSES = 8
_PACKAGE = str(Path(__file__).parent)


def to_record(error: BaseException, depth: int = 0) -> dict[str, JsonValue]:
    """The recorded form of an error. ``type`` is the class name, with its module unless it is a builtin."""
    # Of a recorded failure, the code that was recorded with it, and not the one of its class.
    code = vars(error).get("code") if isinstance(error, TaskFailedError) else getattr(error, "code", None)
    record: dict[str, JsonValue] = {
        "type": type_name(error),
        "message": _storable(str(error)),
        "retryable": isinstance(error, PerfectError) and error.retryable,
        "stack": _storable(getattr(error, "recorded_stack", None) or _stack_of(error))[-MAX_STACK_CHARS:],
    }
    if isinstance(code, str):
        record["code"] = code
    # The cause of a recorded failure is the same error as it was first raised.
    cause = error.__cause__.__cause__ if isinstance(error, TaskFailedError) and error.__cause__ else error.__cause__
    if cause is not None and depth < _MAX_CAUSES:
        record["cause"] = to_record(cause, depth + 1)
    return record


def type_name(error: BaseException) -> str:
    """Name of the class of an error; of the original one for a recorded failure."""
    if isinstance(error, TaskFailedError):
        return error.error_type
    cls = type(error)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def to_exception(record: Any) -> TaskFailedError:
    """The exception for a recorded failure: a ``TaskFailedError`` that is also an instance of the original class.

    The class is only looked up among loaded modules: data from the wire must not make Python import anything.
    """
    fields = cast("dict[str, Any]", record) if isinstance(record, dict) else {}
    # The engine's own records say "name" where the protocol says "type".
    name = str(fields.get("type") or fields.get("name") or "Exception")
    error = _instance(name, str(fields.get("message", "")))
    error.error_type = name
    code = fields.get("code")
    if isinstance(code, str):
        error.code = code
    return error


def _instance(name: str, message: str) -> TaskFailedError:
    original = _find_class(name)
    if original is None:
        return TaskFailedError(message)
    members = {"__init__": _init, "__str__": _message, "__module__": __name__}
    try:
        cls = cast("type[TaskFailedError]", type(original.__name__, (TaskFailedError, original), members))
        return cls(message)
    except TypeError:
        return TaskFailedError(message)  # a final class, or one that is made or laid out in a special way


def _init(self: TaskFailedError, message: str) -> None:
    # Not the original's __init__: it may ask for arguments that were not recorded.
    Exception.__init__(self, message)
    self.message = message


def _message(self: TaskFailedError) -> str:
    return self.message


def _find_class(name: str) -> type[Exception] | None:
    module_name, _, class_name = name.rpartition(".")
    module = sys.modules.get(module_name) if module_name else builtins
    found = getattr(module, class_name, None)
    if isinstance(found, type) and issubclass(found, Exception) and not issubclass(found, TaskFailedError):
        return found
    return None


def _stack_of(error: BaseException) -> str:
    """The traceback from the first frame of user code on: how the SDK got there says nothing about the error."""
    import traceback

    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame or error.__traceback__))


def _storable(text: str) -> str:
    """Text without what JSON stores refuse: the error of user code must always be recordable."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
