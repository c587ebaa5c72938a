"""The task calls of one run: which are open, and which key a new one gets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError  # another class before Python 3.11
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ._args_hash import hash_arguments
from ._clock import elapsed
from ._context import RunContext, scope_of
from ._definition import TaskOptions
from ._keys import KeyScope, MapPath

if TYPE_CHECKING:
    from ._run import Run

R = TypeVar("R")


class TaskFuture(Future[R]):
    """The coming result of a submitted task. ``result()`` waits, and raises when the task failed or the run ended.

    It notes when somebody looks at whether it is done already: code that does so may act in the order of completion.
    """

    was_observed = False

    def __init__(self) -> None:
        super().__init__()
        # A recorded call cannot be taken back, so it counts as running from the start and ``cancel`` gives False.
        self.set_running_or_notify_cancel()

    def done(self) -> bool:
        """Whether the task has ended."""
        done = super().done()
        self.was_observed = self.was_observed or not done
        return done

    def result(self, timeout: float | None = None) -> R:
        """The result of the task, waited for at most ``timeout`` seconds."""
        try:
            return super().result(timeout)
        except FutureTimeoutError:
            self.was_observed = self.was_observed or not super().done()
            raise

    def add_done_callback(self, fn: Callable[[Future[R]], Any]) -> None:
        """Calls ``fn`` with this future when the task has ended."""
        self.was_observed = self.was_observed or not super().done()
        super().add_done_callback(fn)

    @property
    def is_raced(self) -> bool:
        """Whether the order in which this one ends may decide what the flow does next."""
        # ``concurrent.futures.wait`` and ``as_completed`` leave their mark only here.
        return not super().done() and (self.was_observed or bool(getattr(self, "_waiters", ())))


def resolve(future: Future[R], work: Callable[[], R], before: Callable[[], None] | None = None) -> None:
    """Resolves a future with what the work gives or raises; ``before`` runs between the two."""
    result: Any = None
    error: BaseException | None = None
    try:
        result = work()
    except BaseException as raised:
        error = raised
    if before is not None:
        before()
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


class MapItem(NamedTuple):
    """The place of a call in a map."""

    map_path: MapPath
    position: int
    """In the list. Range: >= 0."""


class Invocation:
    """A task function with the arguments of one call."""

    def __init__(
        self, fn: Callable[..., Any], options: TaskOptions, hint: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.fn = fn
        self.options = options
        self.hint = hint
        self.args = args
        self.kwargs = kwargs
        self.args_hash: str | None = None
        self.item: MapItem | None = None

    def key_in(self, run: Run, context: RunContext) -> str:
        """The key of the call, taken now, with what tells its arguments apart: the task may change them."""
        self.args_hash = hash_arguments(self.args, self.kwargs)
        return run.calls.key(scope_of(context), self.options, self.args, self.kwargs, self.item)


class CallTracker:
    """Open task calls of a run, and the burst counter that tells ordered calls from racing ones.

    A sync flow is ordered by its own thread: only calls from other threads, or calls made after a look at which
    submitted task ended first, are racing. An async flow is many branches in one thread: there, any other call that is
    open since before the last delivered result counts.
    """

    def __init__(self, *, is_async: bool) -> None:
        self._is_async = is_async
        self._home = threading.get_ident()
        self._changed = threading.Condition()
        self._open: dict[str, tuple[int, TaskFuture[Any] | None]] = {}
        self._burst = 0
        self._quiet_since = elapsed()

    def start_here(self) -> None:
        """The flow function runs in this thread."""
        self._home = threading.get_ident()

    def key(
        self,
        scope: KeyScope,
        options: TaskOptions,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        item: MapItem | None = None,
    ) -> str:
        """The key of a call that is being made now."""
        own = options.key(*args, **kwargs) if callable(options.key) else options.key
        if item is not None:
            return scope.item(item.map_path, str(item.position if own is None else own))
        if own is not None:
            return scope.keyed(options.name, str(own))
        with self._changed:
            burst, racing = self._burst, self._is_racing()
        return scope.counted(options.name, burst=burst, racing=racing)

    def open_map(self, scope: KeyScope, options: TaskOptions, count: int) -> MapPath:
        """A map of so many items begins now."""
        if options.key is not None:
            return scope.keyed_map(options.name, count)
        with self._changed:
            burst, racing = self._burst, self._is_racing()
        return scope.counted_map(options.name, count, burst=burst, racing=racing)

    def scope_path(self, scope: KeyScope, name: str) -> str:
        """The path of the scope that a flow called by this one opens."""
        with self._changed:
            burst, racing = self._burst, self._is_racing()
        return scope.counted(name, burst=burst, racing=racing) + "/"

    @contextmanager
    def open(self, key: str, future: TaskFuture[Any] | None = None) -> Generator[None]:
        """The call is in flight during the block."""
        self.begin(key, future)
        try:
            yield
        finally:
            self.end(key)

    def begin(self, key: str, future: TaskFuture[Any] | None = None) -> None:
        """The call is in flight from now on."""
        with self._changed:
            self._open[key] = (self._burst, future)

    def end(self, key: str) -> None:
        """The call has ended, and its result is delivered."""
        with self._changed:
            self._open.pop(key, None)
            self._burst += 1
            self._quiet_since = elapsed()
            self._changed.notify_all()

    def is_open(self, key: str) -> bool:
        """Whether the call is in flight."""
        return key in self._open

    @property
    def is_home(self) -> bool:
        """Whether the flow function itself calls, and not a thread that it has started."""
        return threading.get_ident() == self._home

    @property
    def quiet_since(self) -> float | None:
        """When the last call has ended, by ``elapsed``; None while one is open."""
        with self._changed:
            return None if self._open else self._quiet_since

    def join(self) -> None:
        """Waits until no call is open."""
        with self._changed:
            self._changed.wait_for(lambda: not self._open)

    def _is_racing(self) -> bool:
        if self._is_async:
            return any(burst < self._burst for burst, _ in self._open.values())
        if not self.is_home:
            return True
        return any(future is not None and future.is_raced for _, future in self._open.values())
