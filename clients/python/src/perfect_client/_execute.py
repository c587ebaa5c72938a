"""Runs task calls of a run: replayed when recorded, else executed, retried, recorded, and only then returned."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ._calls import Invocation, TaskFuture, resolve
from ._context import RunContext, TaskFrame, entered, inside_task
from ._hard_cancel import Window
from ._run import Run
from ._task_call import TaskCall
from .errors import RunCancelled, TaskFailedError, TaskTimeoutError

if TYPE_CHECKING:
    import asyncio

R = TypeVar("R")


def call_task(run: Run, context: RunContext, invocation: Invocation) -> Any:
    """Calls a sync task from flow code and waits for it."""
    key = invocation.key_in(run, context)
    with run.calls.open(key):
        return _drive(run, context, invocation, key)


def submit_task(run: Run, context: RunContext, invocation: Invocation) -> TaskFuture[Any]:
    """Starts a sync task beside the flow."""
    future, start = prepare_task(run, context, invocation)
    start()
    return future


def prepare_task(run: Run, context: RunContext, invocation: Invocation) -> tuple[TaskFuture[Any], Callable[[], None]]:
    """Takes the key of a task that will run beside the flow. Gives its future, and what starts it."""
    key = invocation.key_in(run, context)
    future: TaskFuture[Any] = TaskFuture()
    caller = contextvars.copy_context()
    run.calls.begin(key, future)

    def job() -> None:
        resolve(future, lambda: caller.run(_drive, run, context, invocation, key), before=lambda: run.calls.end(key))

    return future, lambda: run.host.pool.submit(job)


def _drive(run: Run, context: RunContext, invocation: Invocation, key: str) -> Any:
    call = TaskCall.of(run, key, invocation)
    if call.is_recorded:
        return call.replay()
    run.before_task()
    lost = call.lost_outcome()
    if lost is not None:
        lost[0].result()
        raise lost[1]
    while True:
        while not run.begin_attempt():
            run.before_task()
        try:
            may_begin = call.start()
            if may_begin is not None:
                may_begin.result()
            try:
                result = _attempt(context, invocation, call)
                stored, value = call.succeed(result)
            except Exception as error:
                delay = call.retry_after(error)
                if delay is None:
                    stored, failure = call.fail(error)
                    stored.result()
                    raise failure from error
            else:
                stored.result()
                return value
        finally:
            run.end_attempt()
        run.pause(delay)
        run.before_task()


def _attempt(context: RunContext, invocation: Invocation, call: TaskCall) -> Any:
    frame = TaskFrame(call.key, call.options.name, call.attempt, log_prints=call.options.log_prints)
    if call.options.isolation == "process":
        return _in_process(context, invocation, frame)

    def body() -> Any:
        with entered(inside_task(context, frame)):
            return invocation.fn(*invocation.args, **invocation.kwargs)

    work = partial(_breakable, call.run, frame, body) if call.options.hard_cancel else body
    timeout = call.options.timeout
    return work() if timeout is None else _within(timeout, work, frame)


def _breakable(run: Run, frame: TaskFrame, body: Callable[[], Any]) -> Any:
    window = frame.window = Window()
    forget = run.on_interrupt(window.interrupt)
    try:
        return window.run(body)
    except RunCancelled:
        run.check_revoked()
        raise
    finally:
        forget()


def _in_process(context: RunContext, invocation: Invocation, frame: TaskFrame) -> Any:
    from ._process import run_in_process

    timeout = invocation.options.timeout
    try:
        return run_in_process(invocation.fn, invocation.args, invocation.kwargs, context, frame, timeout)
    except TimeoutError as error:
        if timeout is None or isinstance(error, TaskFailedError):
            raise  # the task's own
        raise _timed_out(frame, timeout) from None


def _within(timeout: float, body: Callable[[], Any], frame: TaskFrame) -> Any:
    """Runs the body in a thread of its own. Python cannot stop a thread: after the timeout it is left behind, and ends
    where it next looks at ``check`` or ``progress``, or at once with ``hard_cancel``."""
    future: TaskFuture[Any] = TaskFuture()
    context = contextvars.copy_context()
    thread = threading.Thread(
        target=resolve, args=(future, lambda: context.run(body)), name=f"perfect-timed-{frame.key}", daemon=True
    )
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        frame.timed_out = True
        if frame.window is not None:
            frame.window.interrupt()
        raise _timed_out(frame, timeout)
    return future.result()


def _timed_out(frame: TaskFrame, timeout: float) -> TaskTimeoutError:
    return TaskTimeoutError(f'The task "{frame.key}" took longer than its timeout of {timeout:g} s.')


async def call_task_async(run: Run, context: RunContext, invocation: Invocation, key: str) -> Any:
    """Awaits an async task. The key was taken when the task was called."""
    run.calls.begin(key)
    try:
        return await _drive_async(run, context, invocation, key)
    finally:
        run.calls.end(key)


def start_task_async(coroutine: Coroutine[Any, Any, R], run: Run) -> asyncio.Task[R]:
    """Starts an async task beside the flow; it is cancelled with the run."""
    import asyncio

    loop = asyncio.get_running_loop()
    task = loop.create_task(coroutine)
    forget = run.on_interrupt(lambda: _cancel_soon(loop, task))
    task.add_done_callback(lambda _task: forget())
    return task


def _cancel_soon(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
    loop.call_soon_threadsafe(task.cancel)


async def _drive_async(run: Run, context: RunContext, invocation: Invocation, key: str) -> Any:
    import asyncio

    call = TaskCall.of(run, key, invocation)
    if call.is_recorded:
        return call.replay()
    await _before_task_async(run)
    lost = call.lost_outcome()
    if lost is not None:
        await asyncio.wrap_future(lost[0])
        raise lost[1]
    while True:
        while not run.begin_attempt():
            await _before_task_async(run)
        try:
            may_begin = call.start()
            if may_begin is not None:
                await asyncio.wrap_future(may_begin)
            try:
                result = await _attempt_async(context, invocation, call)
                stored, value = call.succeed(result)
            except Exception as error:
                delay = call.retry_after(error)
                if delay is None:
                    stored, failure = call.fail(error)
                    await asyncio.wrap_future(stored)
                    raise failure from error
            else:
                await asyncio.wrap_future(stored)
                return value
        finally:
            run.end_attempt()
        await asyncio.sleep(delay)
        await _before_task_async(run)


async def _before_task_async(run: Run) -> None:
    import asyncio

    run.check_start()
    while not run.may_start:
        await asyncio.sleep(0.05)
        run.check_start()


async def _attempt_async(context: RunContext, invocation: Invocation, call: TaskCall) -> Any:
    import asyncio

    frame = TaskFrame(call.key, call.options.name, call.attempt, log_prints=call.options.log_prints)
    with entered(inside_task(context, frame)):
        work = invocation.fn(*invocation.args, **invocation.kwargs)
        timeout = call.options.timeout
        if timeout is None:
            return await work
        # Not wait_for: a timeout of the body's own must not be taken for this one.
        task = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=timeout)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done:
            return task.result()
        task.cancel()
        frame.timed_out = True
        raise _timed_out(frame, timeout)
