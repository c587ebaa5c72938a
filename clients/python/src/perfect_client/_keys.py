"""Journal keys of task calls: ``name#n``, or ``name[key]`` with an explicit key, unique in their scope.

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


class KeyScope:
    """Gives out the keys of one scope: the flow itself, or one flow called by another."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self._counters: dict[str, _Counter] = {}
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def keyed(self, name: str, item: str) -> str:
        """The key of a call with an explicit item key.

        :raises TaskKeyDuplicateError: when it is taken already.
        """
        key = _checked(f"{self.path}{name}[{item}]")
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
