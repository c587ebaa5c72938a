"""Journal keys of task calls: ``name#n``, or ``name[key]`` with an explicit key, unique in their scope. Those of a map
are ``name#n[index]`` or ``name#[key]``, so that they can be told from single calls.

``n`` counts the calls of one name, taken in the calling thread at the time of the call. On a replay the same call must
get the same key, so a call whose number depends on which other task ended first is refused, not guessed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from .errors import DefinitionError, TaskKeyAmbiguousError, TaskKeyDuplicateError

MAX_KEY_CHARS = 1000
"""The longest key that the engine takes."""


@dataclass
class _Counter:
    count: int
    burst: int
    raced: bool


@dataclass(frozen=True)
class MapPath:
    """A map of a task."""

    path: str
    """What the keys of its items begin with."""
    count: int
    """Its items, with those of earlier maps of the same path. Range: >= 1."""


class KeyScope:
    """Gives out the keys of one scope: the flow itself, or one flow called by another."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self._counters: dict[str, _Counter] = {}
        self._taken: set[str] = set()
        self._items: dict[str, int] = {}
        self._lock = threading.Lock()

    def keyed(self, name: str, item: str) -> str:
        """The key of a call with an explicit item key.

        :raises TaskKeyDuplicateError: when it is taken already.
        """
        return self._unique(f"{self.path}{name}[{item}]")

    def counted_map(self, name: str, count: int, *, burst: int, racing: bool) -> MapPath:
        """A map whose items have their place in the list.

        :raises TaskKeyAmbiguousError: as a call without a key.
        """
        return MapPath(self.counted(name, burst=burst, racing=racing), count)

    def keyed_map(self, name: str, count: int) -> MapPath:
        """A map whose items have keys. It is not counted itself: which of several came first may depend on timing."""
        path = f"{self.path}{name}#"
        with self._lock:
            self._items[path] = count = self._items.get(path, 0) + count
        return MapPath(path, count)

    def item(self, map_path: MapPath, item: str) -> str:
        """The key of an item of a map. Brackets of the item are escaped, so that keys can be taken apart again.

        :raises TaskKeyDuplicateError: when it is taken already.
        """
        escaped = item.replace("%", "%25").replace("[", "%5B").replace("]", "%5D")
        return self._unique(f"{map_path.path}[{escaped}]")

    def _unique(self, text: str) -> str:
        key = _checked(text)
        with self._lock:
            if key in self._taken:
                raise TaskKeyDuplicateError(f'The task key "{key}" is used twice. Give each call its own key.')
            self._taken.add(key)
        return key

    def counted(self, name: str, *, burst: int, racing: bool) -> str:
        """The key of a call without one.

        :param burst: how many task results had been delivered in the run when the call was made. Calls of one burst
            are ordered by the code alone.
        :param racing: whether other calls were in flight whose order of completion may have led here.
        :raises TaskKeyAmbiguousError: when the name was used in another burst, and either use was racing.
        """
        with self._lock:
            counter = self._counters.setdefault(name, _Counter(0, burst, False))
            if counter.count > 0 and counter.burst != burst and (racing or counter.raced):
                raise TaskKeyAmbiguousError(
                    f'The task "{name}" was called again while others were in flight, so which call is number '
                    f"{counter.count + 1} depends on timing and a replay could mix them up. Give the calls a key: "
                    f'{name}.options(key="...")(...), or call them in an order that the code alone decides.'
                )
            counter.count += 1
            counter.burst = burst
            counter.raced = counter.raced or racing
            return _checked(f"{self.path}{name}#{counter.count}")


def _checked(key: str) -> str:
    if len(key) > MAX_KEY_CHARS or "\x00" in key:
        raise DefinitionError(f'The task key "{key[:60]}…" has {len(key)} characters. Give at most {MAX_KEY_CHARS}.')
    return key
