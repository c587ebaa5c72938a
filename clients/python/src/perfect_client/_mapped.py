"""What ``map`` gives: the futures of its calls, and their results together."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from .errors import MapFailedError

if TYPE_CHECKING:
    import asyncio

    AsyncioTask = asyncio.Task
else:

    class AsyncioTask(Generic[TypeVar("_R")]):
        """Stands for ``asyncio.Task``, which takes long to import and is only named here."""


R = TypeVar("R")


@dataclass(frozen=True)
class Success(Generic[R]):
    """A call of a map that gave a result."""

    value: R
    ok: Literal[True] = field(default=True, init=False)


@dataclass(frozen=True)
class Failure:
    """A call of a map that failed for good."""

    error: Exception
    ok: Literal[False] = field(default=False, init=False)


class TaskFutures(list[Future[R]]):
    """The futures of ``Task.map``, in the order of the items."""

    def results(self) -> list[R]:
        """The results in the order of the items. Waits for all calls, then raises the first failure in that order."""
        return _values(self.settled())

    def settled(self, *, max_failures: int | None = None) -> list[Success[R] | Failure]:
        """What became of each call: ``Success`` with ``value`` or ``Failure`` with ``error``, told apart by ``ok``.

        :param max_failures: how many calls may fail. Range: >= 0. Default: any number.
        :raises MapFailedError: MAP_FAILED when more have failed.
        """
        outcomes: list[Success[R] | Failure] = []
        for future in self:
            try:
                outcomes.append(Success(future.result()))
            except Exception as error:
                outcomes.append(Failure(error))
        return _within(outcomes, max_failures)


class AsyncTasks(list[AsyncioTask[R]]):
    """The tasks of ``AsyncTask.map``, in the order of the items."""

    async def results(self) -> list[R]:
        """The results in the order of the items. Waits for all calls, then raises the first failure in that order."""
        return _values(await self.settled())

    async def settled(self, *, max_failures: int | None = None) -> list[Success[R] | Failure]:
        """What became of each call; see ``TaskFutures.settled``.

        :param max_failures: how many calls may fail. Range: >= 0. Default: any number.
        :raises MapFailedError: MAP_FAILED when more have failed.
        """
        outcomes: list[Success[R] | Failure] = []
        for task in self:
            try:
                outcomes.append(Success(await task))
            except Exception as error:
                outcomes.append(Failure(error))
        return _within(outcomes, max_failures)


def _values(outcomes: Iterable[Success[R] | Failure]) -> list[R]:
    values: list[R] = []
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            raise outcome.error
        values.append(outcome.value)
    return values


def _within(outcomes: list[Success[R] | Failure], max_failures: int | None) -> list[Success[R] | Failure]:
    failures = [(index, outcome.error) for index, outcome in enumerate(outcomes) if isinstance(outcome, Failure)]
    if max_failures is None or len(failures) <= max_failures:
        return outcomes
    index, first = failures[0]
    raise MapFailedError(
        f"{len(failures)} of {len(outcomes)} calls of the map failed, and max_failures is {max_failures}. "
        f"The first, of item {index}: {type(first).__name__}: {first}"
    ) from first
