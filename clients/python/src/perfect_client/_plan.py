"""Which tasks a flow is going to run, read from its code: progress needs its denominator before the first task."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any, cast

from ._task import BaseTask

# Functions of the flow's own module are looked into, but not without end.
_MAX_DEPTH = 5


def planned_tasks(fn: Callable[..., Any]) -> list[BaseTask[..., Any]]:
    """The tasks that a function names, each once, in the order of the code. Helper functions of the same module, and
    flows it calls, are looked into. What the code picks at run time is not found; give the flow a ``plan`` then."""
    found: dict[str, BaseTask[..., Any]] = {}
    for task in _walk(fn, set(), 0):
        found.setdefault(task.name, task)
    return list(found.values())


def _walk(fn: Any, seen: set[int], depth: int) -> Iterator[BaseTask[..., Any]]:
    code = getattr(fn, "__code__", None)
    if code is None or id(code) in seen or depth > _MAX_DEPTH:
        return
    seen.add(id(code))
    for value in _named_values(code, _names_of(fn)):
        inner = getattr(value, "fn", None)
        if isinstance(value, BaseTask):
            task = cast("BaseTask[..., Any]", value)
            if task.task_options.journal:
                yield task
        elif callable(inner) and hasattr(value, "definition"):
            yield from _walk(inner, seen, depth + 1)
        elif isinstance(value, types.FunctionType) and value.__module__ == fn.__module__:
            yield from _walk(value, seen, depth + 1)


def _names_of(fn: Any) -> dict[str, Any]:
    names = dict(fn.__globals__)
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        try:
            names[name] = cell.cell_contents
        except ValueError:
            names.pop(name, None)  # not bound yet
    return names


def _named_values(code: types.CodeType, names: dict[str, Any]) -> Iterator[Any]:
    import dis

    value: Any = None
    for instruction in dis.get_instructions(code):
        operation, argument = instruction.opname, instruction.argval
        if operation in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF"):
            value = names.get(argument)
        elif operation in ("LOAD_ATTR", "LOAD_METHOD"):
            value = getattr(value, argument, None) if isinstance(value, types.ModuleType) else None
        elif operation == "LOAD_CONST" and isinstance(argument, types.CodeType):
            yield from _named_values(argument, names)
            continue
        else:
            continue
        if value is not None:
            yield value
