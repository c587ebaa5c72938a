"""What a run needs of the worker, or of whatever else holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ._lease import Lease
    from ._log_buffer import LogBuffer
    from ._loop import LoopThread
    from ._pool import TaskPool
    from ._run import Run


class RunHost(Protocol):
    """The worker, the mock, or a process of its own."""

    @property
    def lease(self) -> Lease: ...
    @property
    def pool(self) -> TaskPool: ...
    @property
    def loop(self) -> LoopThread: ...
    @property
    def log_buffer(self) -> LogBuffer: ...
    @property
    def max_result_bytes(self) -> int: ...
    @property
    def skips_sleeps(self) -> bool:
        """Whether long sleeps end at once, as in tests."""
        ...

    def wake(self) -> None:
        """There is something to send."""
        ...

    def report_progress(self, run: Run, key: str, done: float, message: str | None) -> None: ...
