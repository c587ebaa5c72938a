"""Names of a module that are loaded when they are first used (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def loader(module: dict[str, Any], places: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module with these globals. ``places`` has the module of each name."""

    def load(name: str) -> Any:
        place = places.get(name)
        if place is None:
            raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")
        import importlib

        value = module[name] = getattr(importlib.import_module(place, __package__), name)
        return value

    return load
