"""What tasks and flows ask of the functions they are made from."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from .errors import DefinitionError


def require_plain(fn: Callable[..., Any], kind: str) -> None:
    """Checks that a function can be a task or a flow.

    :raises TypeError: for methods, generators and what is no function at all.
    """
    name = getattr(fn, "__qualname__", None)
    if name is None or not callable(fn):
        raise TypeError(f"A {kind} is made from a function, not from {fn!r}.")
    owner = name.rpartition(".")[0]
    if owner and not owner.endswith("<locals>"):
        raise TypeError(f"{name} is a method. A {kind} is a function of a module: it is found again by its name.")
    if inspect.isgeneratorfunction(fn) or inspect.isasyncgenfunction(fn):
        raise TypeError(f"{name} is a generator. A {kind} returns one value, which can be recorded.")


def require_importable(fn: Callable[..., Any], task: str) -> None:
    """Checks that another process can find a function by its name.

    :raises DefinitionError: TASK_DEFINITION_INVALID for async functions, and for functions inside of others.
    """
    problem = (
        "an async function" if is_async(fn) else "inside another function" if "<locals>" in fn.__qualname__ else None
    )
    if problem is not None:
        raise DefinitionError(
            f'The isolation of task "{task}" is "process", and {fn.__qualname__} is {problem}. '
            "Give a plain function at the top of a module.",
            code="TASK_DEFINITION_INVALID",
        )


def require_thread(fn: Callable[..., Any], task: str, isolation: str) -> None:
    """Checks that a task runs in a thread, where it can be broken off.

    :raises DefinitionError: TASK_DEFINITION_INVALID for async functions, and for tasks with a process.
    """
    problem = "an async task, which a cancel ends anyway" if is_async(fn) else None
    if isolation == "process":
        problem = "a task with a process of its own, which a cancel kills anyway"
    if problem is not None:
        raise DefinitionError(
            f'The hard_cancel of task "{task}" is True, and it is {problem}. Leave it out.',
            code="TASK_DEFINITION_INVALID",
        )


def require_findable(fn: Callable[..., Any]) -> None:
    """Checks that another process can find the function of a flow, or a callback, by its name.

    :raises DefinitionError: FLOW_DEFINITION_INVALID for functions inside of others.
    """
    if "<locals>" in getattr(fn, "__qualname__", "<locals>"):
        raise DefinitionError(
            f'The isolation of the runs is "process", and {getattr(fn, "__qualname__", fn)} is not at the top of a '
            "module, where the process of a run would find it. Move it there.",
            code="FLOW_DEFINITION_INVALID",
        )


def is_async(fn: Callable[..., Any]) -> bool:
    """Whether calling the function gives a coroutine."""
    return inspect.iscoroutinefunction(fn)
