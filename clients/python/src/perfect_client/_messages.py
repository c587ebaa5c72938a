"""The messages that a worker sends, as JSON texts. Parts that exist as text already are put in as they are."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._clock import instant_text
from ._json import dumps
from ._log_buffer import LogBatch

if TYPE_CHECKING:
    from ._run import Run


def hello(
    *,
    worker_id: str,
    name: str,
    slots: int,
    labels: Mapping[str, str],
    version: str,
    flows: Sequence[Mapping[str, Any]],
    runs: Iterable[Run],
    draining: bool,
) -> str:
    """The first message on a connection."""
    return dumps(
        {
            "type": "hello",
            "workerId": worker_id,
            "name": name,
            "protocol": {"min": 1, "max": 1},
            "sdk": {
                "name": "perfect_client",
                "version": version,
                "language": "python",
                "languageVersion": platform.python_version(),
                "os": sys.platform,
            },
            "capabilities": [],
            "slots": slots,
            "labels": dict(labels),
            "flows": [dict(flow) for flow in flows],
            "inFlight": [{**_key(run), "eventSeq": run.events.last_seq, "logSeq": run.logs.last_seq} for run in runs],
            "draining": draining,
        }
    )


def heartbeat(n: int, runs: Iterable[Run], slots: int, busy: int, lag_ms: int) -> str:
    """Renews the leases of the runs."""
    keys: list[Any] = [_key(run) for run in runs]
    return dumps({"type": "heartbeat", "n": n, "runs": keys, "slots": slots, "busy": busy, "lagMs": lag_ms})


def accept(run: Run) -> str:
    """The run is taken on."""
    return dumps({"type": "run.accept", **_key(run)})


def reject(run_id: str, epoch: int, reason: str, detail: str | None = None) -> str:
    """The run is not taken on."""
    message: dict[str, Any] = {"type": "run.reject", "runId": run_id, "epoch": epoch, "reason": reason}
    if detail is not None:
        message["detail"] = detail
    return dumps(message)


def release(run: Run, reason: str, wake_ms: int | None = None) -> str:
    """The run is given back, for another worker; with ``wake_ms`` not before that time is over."""
    message: dict[str, Any] = {"type": "run.release", **_key(run), "reason": reason}
    if wake_ms is not None:
        message["wakeInMs"] = wake_ms
    return dumps(message)


def events(run: Run, first_seq: int, texts: Sequence[str]) -> str:
    """Events with consecutive numbers."""
    return _with_list({"type": "run.events", **_key(run), "firstSeq": first_seq}, "events", texts)


def log_batch(run: Run, batch: LogBatch) -> str:
    """Log lines with consecutive numbers."""
    head: dict[str, Any] = {"type": "log.batch", **_key(run), "firstSeq": batch.first_seq}
    if batch.dropped:
        head["dropped"] = batch.dropped
    return _with_list(head, "lines", batch.lines)


def progress(run: Run, key: str, done: float, message: str | None) -> str:
    """How much of a task is done."""
    body: dict[str, Any] = {"type": "progress", **_key(run), "key": key, "done": done, "at": instant_text()}
    if message is not None:
        body["message"] = message
    return dumps(body)


def journal_get(request_id: str, run: Run, offset: int, limit: int) -> str:
    """Asks for recorded tasks that did not fit the assignment."""
    return dumps({"type": "journal.get", "id": request_id, **_key(run), "offset": offset, "limit": limit})


def flows_update(request_id: str, flows: Sequence[Mapping[str, Any]]) -> str:
    """Announces flows that were registered after ``hello``."""
    return dumps({"type": "flows.update", "id": request_id, "add": [dict(flow) for flow in flows], "remove": []})


def drain(deadline_ms: int, reason: str) -> str:
    """No more runs, please."""
    return dumps({"type": "drain", "deadlineMs": deadline_ms, "reason": reason})


def error(code: str, title: str, detail: str, regarding: str) -> str:
    """Tells the engine that a message was not understood."""
    return dumps({"type": "error", "re": regarding, "code": code, "title": title, "detail": detail, "fatal": False})


def _key(run: Run) -> dict[str, Any]:
    return {"runId": run.run_id, "epoch": run.epoch}


def _with_list(head: Mapping[str, Any], name: str, texts: Sequence[str]) -> str:
    return f'{dumps(dict(head))[:-1]},"{name}":[{",".join(texts)}]}}'
