"""Logging of runs: records made inside a run go to its log at the engine.

The handler sits on the root logger while a client listens. It leaves the SDK's own records out: one about a failed send
would make the next one.
"""

from __future__ import annotations

import builtins
import logging
import sys
from collections.abc import Callable
from typing import Any, Protocol, cast, runtime_checkable

from ._clock import instant_text
from ._context import RunContext, captures_prints, context_or_none, run_of
from ._hard_cancel import shield
from ._json import JsonValue, dumps, to_json
from .errors import SerializationError

LEVELS = ("debug", "info", "warn", "error")
MAX_MESSAGE_CHARS = 64 << 10

_ROOT_NAME = "perfect"
_OWN_LOGGERS = ("perfect_client", "websocket", "urllib3")
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@runtime_checkable
class LogSink(Protocol):
    """A run that takes log lines."""

    def add_log(self, line: str, *, is_debug: bool) -> None: ...


def get_logger(name: str | None = None) -> logging.Logger:
    """A logger for flows and tasks: INFO and above reach the log of the run, DEBUG too in the ``debug`` configuration.

    Outside of a run it is an ordinary logger that follows the level of the root logger.
    """
    logger = logging.getLogger(f"{_ROOT_NAME}.{name}" if name else _ROOT_NAME)
    if _level_filter not in logger.filters:
        # The level must let everything through, since it differs from run to run; the filter decides.
        logger.setLevel(logging.DEBUG)
        logger.addFilter(_level_filter)
    return logger


def _level_filter(record: logging.LogRecord) -> bool:
    context = context_or_none()
    if context is None:
        return record.levelno >= logging.getLogger().getEffectiveLevel()
    return record.levelno >= run_level(context)


def run_level(context: RunContext) -> int:
    """The lowest level that the log of a run takes."""
    return logging.DEBUG if context.configuration == "debug" else logging.INFO


def level_of(level: int | str) -> str:
    """The engine's name of a level of ``logging``, given as a number or a name."""
    if isinstance(level, int):
        return LEVELS[min(3, max(0, level // 10 - 1))]
    name = level.lower()
    return {"warning": "warn", "critical": "error", "fatal": "error"}.get(name, name)


class RunLogHandler(logging.Handler):
    """Sends records that are made inside a run to its log. ``listen_for_executions`` adds one to the root logger; add
    one yourself to loggers that do not propagate.

    :param level: records below it are ignored, whatever the configuration of the run.
    """

    def __init__(self, level: int = logging.NOTSET) -> None:
        super().__init__(level)

    def handle(self, record: logging.LogRecord) -> bool:
        """Handles a record whole: a task is not broken off in the middle of it."""
        with shield():
            return bool(super().handle(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Adds the record to the log of the current run, if there is one."""
        context = context_or_none()
        sink = None if context is None else run_of(context)
        if context is None or not isinstance(sink, LogSink):
            self._emit_outside(record)
            return
        if record.levelno < run_level(context) or record.name.split(".", 1)[0] in _OWN_LOGGERS:
            return
        try:
            sink.add_log(self._line(record, context), is_debug=record.levelno < logging.INFO)
        except Exception:
            self.handleError(record)

    def _emit_outside(self, record: logging.LogRecord) -> None:
        # Python prints warnings to stderr as long as no handler is there. This one should not change that.
        last = logging.lastResort
        if last is not None and record.levelno >= last.level and logging.getLogger().handlers == [self]:
            last.handle(record)

    def _line(self, record: logging.LogRecord, context: RunContext) -> str:
        message = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            message += "\n" + (self.formatter or _formatter).formatException(record.exc_info)
        fields = {name: _field(value) for name, value in vars(record).items() if name not in _STANDARD_FIELDS}
        if context.task is None and getattr(run_of(context), "is_replaying", False):
            fields["replay"] = True
        return log_line(message, level_of(record.levelno), record.name, context.task, fields)


_formatter = logging.Formatter()


def log_line(
    message: str,
    level: str,
    logger: str | None = None,
    task: str | None = None,
    fields: dict[str, JsonValue] | None = None,
) -> str:
    """The JSON text of a log line."""
    text = message.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if len(text) > MAX_MESSAGE_CHARS:
        text = text[:MAX_MESSAGE_CHARS] + f" … ({len(text) - MAX_MESSAGE_CHARS} more characters)"
    line: dict[str, JsonValue] = {"t": instant_text(), "level": level, "msg": text}
    if logger is not None:
        line["logger"] = logger
    if task is not None:
        line["task"] = task
    if fields:
        line["fields"] = cast("JsonValue", fields)
    return dumps(line)


def _field(value: Any) -> JsonValue:
    try:
        return to_json(value)
    except SerializationError:
        return repr(value)[:1000].encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


class LogCapture:
    """Has records and prints of runs go to their logs between ``start`` and ``stop``."""

    def __init__(self) -> None:
        self._handler = RunLogHandler()
        self._raised_root = False
        self._print: Callable[..., None] | None = None

    def start(self) -> None:
        """Adds the handler."""
        root = logging.getLogger()
        # An application that never configured logging expects that its info lines are seen in the run.
        self._raised_root = not root.handlers and root.level == logging.WARNING
        if self._raised_root:
            root.setLevel(logging.INFO)
        root.addHandler(self._handler)

    def take_prints(self) -> None:
        """Takes over ``print``, once: it goes to the log of a run where the flow or task wants that."""
        if self._print is None:
            self._print = builtins.print
            builtins.print = _captured(self._print)

    def stop(self) -> None:
        """Puts everything back."""
        root = logging.getLogger()
        root.removeHandler(self._handler)
        if self._raised_root:
            root.setLevel(logging.WARNING)
        if self._print is not None:
            builtins.print = self._print
            self._print = None


def _captured(original: Callable[..., None]) -> Callable[..., None]:
    def print_to_run(*values: object, sep: str | None = " ", file: Any = None, **options: Any) -> None:
        context = context_or_none()
        if context is not None and captures_prints(context) and file in (None, sys.stdout):
            get_logger("print").info("%s", (" " if sep is None else sep).join(map(str, values)))
        else:
            original(*values, sep=sep, file=file, **options)

    return print_to_run
