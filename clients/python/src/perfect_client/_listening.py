"""A client that listens: in the background, or as a coroutine."""

from __future__ import annotations

from ._worker import Worker, WorkerState

DRAIN_SECONDS = 25.0


class ListenHandle:
    """A client that listens in the background."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    @property
    def state(self) -> WorkerState:
        """``connecting``, ``handshaking``, ``active``, ``draining`` or ``closed``."""
        return self._worker.state

    def ready(self, timeout: float | None = None) -> bool:
        """Waits until the engine has greeted. False after ``timeout`` seconds, or when the client is closed."""
        return self._worker.wait_active(timeout)

    def drain(self, timeout: float = DRAIN_SECONDS) -> bool:
        """Takes on nothing more, waits for the runs, gives back what is left after ``timeout`` seconds, and ends.
        True when every run has ended here."""
        return self._worker.drain(timeout)

    def close(self) -> None:
        """Gives all runs back and ends."""
        self._worker.release_all()
        self._worker.close()


async def until_closed(worker: Worker, drain_timeout: float) -> None:
    """Waits for the end of a worker; a cancel drains it.

    :raises ConnectionRefused: when the engine has refused the worker.
    """
    import asyncio

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_closed() -> None:
        loop.call_soon_threadsafe(ended.set)

    worker.on_closed(on_closed)
    if worker.state == "closed":
        ended.set()
    try:
        await ended.wait()
    except asyncio.CancelledError:
        await asyncio.to_thread(worker.drain, drain_timeout)
        raise
    if worker.refusal is not None:
        raise worker.refusal
