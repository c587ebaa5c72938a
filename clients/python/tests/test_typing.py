"""What type checkers make of the decorators. The assertions hold at run time too, where they check nothing."""

from __future__ import annotations

import asyncio
import unittest
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from perfect_client import (
    CronSchedule,
    Failure,
    MockClient,
    PerfectClient,
    Success,
    TaskFutures,
    create_client,
    flow,
    task,
)

if TYPE_CHECKING:
    from typing_extensions import assert_type
else:

    def assert_type(value: Any, _type: Any) -> Any:
        return value


@task
def plain(n: int) -> str:
    return str(n)


@task(weight=2, retries=1)
def weighted(n: int, *, sign: str = "") -> str:
    return sign + str(n)


@task
async def waiting(n: int) -> str:
    return str(n)


@flow(name="typed", schedule=CronSchedule("0 0 * * *"))
def typed(n: int = 1) -> int:
    return len(plain(n))


@flow
async def typed_async(n: int) -> list[int]:
    return [n]


def check(client: PerfectClient) -> None:
    """Only checked, never run."""
    assert_type(plain(1), str)
    assert_type(weighted(1, sign="-"), str)
    assert_type(plain.submit(1), "Future[str]")
    assert_type(plain.map([1, 2]), TaskFutures[str])
    assert_type(plain.map([1, 2])[0], "Future[str]")
    assert_type(plain.map([1, 2]).results(), "list[str]")
    assert_type(plain.map([1, 2]).settled(), list[Success[str] | Failure])
    assert_type(plain.options(weight=3)(1), str)
    assert_type(plain.fn(1), str)
    _ = assert_type(asyncio.run(waiting(1)), str)
    assert_type(waiting.submit(1), "asyncio.Task[str]")
    assert_type(typed(), int)
    _ = assert_type(asyncio.run(typed_async(1)), "list[int]")
    assert_type(typed.trigger(client, 1).result(), int)
    assert_type(typed_async.trigger(client, n=1).result(), list[int])
    typed.trigger(client, "x")  # type: ignore[arg-type]
    assert_type(create_client(), PerfectClient)
    assert_type(create_client(mock=False), PerfectClient)
    assert_type(create_client(mock=True), MockClient)
    assert_type(client.listen_for_executions(), None)
    plain("x")  # type: ignore[arg-type]
    plain.submit("x")  # type: ignore[arg-type]
    weighted(1, sing="-")  # type: ignore[call-arg]


class TypingTest(unittest.TestCase):
    def test_keeps_the_wrapped_functions_callable(self) -> None:
        self.assertEqual((plain(1), weighted(2, sign="-"), typed(10)), ("1", "-2", 2))
        self.assertEqual(asyncio.run(waiting(3)), "3")
        self.assertIsInstance(plain.submit(1), Future)
        self.assertTrue(callable(check))
