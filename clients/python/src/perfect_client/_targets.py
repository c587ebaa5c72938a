"""Finds the flows that a command line names: ``package.module:flow``, ``package.module``, ``folder/file.py``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from ._flow import AnyFlow, BaseFlow
from .errors import DefinitionError


def flows_of(targets: Sequence[str]) -> list[AnyFlow]:
    """The flows that the targets name, each once.

    :raises DefinitionError: FLOW_NOT_FOUND when a module is not found, a name is not in it, or is no flow.
    """
    found: dict[int, AnyFlow] = {}
    for target in targets:
        module_name, _, names = target.partition(":")
        module = _load(module_name)
        for flow in _named(module, target, names):
            found[id(flow)] = flow
    return list(found.values())


def _named(module: ModuleType, target: str, names: str) -> Iterable[AnyFlow]:
    if names in ("", "*"):
        flows = _only_flows(vars(module).values())
        if not flows:
            raise _not_found(f'There is no flow in "{target}". Decorate a function of it with @flow.')
        return flows
    return [flow for name in names.split(",") for flow in _flows_in(module, target, name.strip())]


def _flows_in(module: ModuleType, target: str, name: str) -> Iterable[AnyFlow]:
    value: Any = getattr(module, name, None)
    is_list = isinstance(value, (list, tuple, set))
    many = list(cast("Iterable[object]", value)) if is_list else [cast("object", value)]
    flows = _only_flows(many)
    if not flows or len(flows) < len(many):
        known = sorted(key for key, each in vars(module).items() if isinstance(each, BaseFlow))
        raise _not_found(
            f'"{name}" of "{target}" is {_kind_of(module, name)}, not a flow or a list of flows. '
            f"Flows of the module: {', '.join(known) or 'none'}."
        )
    return flows


def _only_flows(values: Iterable[object]) -> list[AnyFlow]:
    return [cast("AnyFlow", value) for value in values if isinstance(value, BaseFlow)]


def _kind_of(module: ModuleType, name: str) -> str:
    return f"of type {type(getattr(module, name)).__name__}" if hasattr(module, name) else "not there"


def _load(name: str) -> ModuleType:
    if name.endswith(".py"):
        return _load_file(Path(name))
    # As with ``python -m``: what is in the current folder is found.
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # One that the module itself misses is the module's own problem.
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise _not_found(
            f'The module "{name}" is not found. Give a name that Python can import from {Path.cwd()}, or a file.'
        ) from error


def _load_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise _not_found(f'The file "{file}" does not exist. Give the path of a Python file, or the name of a module.')
    folder = str(file.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    # By its own name, so that a process of its own, which imports it again, finds it.
    return importlib.import_module(file.stem)


def _not_found(message: str) -> DefinitionError:
    return DefinitionError(message, code="FLOW_NOT_FOUND")
