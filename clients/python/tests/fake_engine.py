"""A small engine for tests: the rules of the worker protocol in memory, and levers to make things fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from .fake_records import FakeRun, FakeWorker, Message, Session, assignment, key_of, verdict


class FakeEngine:
    """Holds runs and hands them to workers. Everything is guarded by one lock."""

    def __init__(self, *, lease_ms: int = 3000, heartbeat_ms: int = 200, inline_journal: int = 1000) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.lease_ms = lease_ms
        self.heartbeat_ms = heartbeat_ms
        self.inline_journal = inline_journal
        self.limits: Message = {"progressMs": 50}
        self.runs: dict[str, FakeRun] = {}
        self.workers: dict[str, FakeWorker] = {}
        self.received: list[Message] = []
        self.intercept: Callable[[Message], bool] | None = None
        """Sees every message of a worker first; True keeps the engine from handling it."""
        self.registered: list[Message] = []
        self.lost_leases = 0
        self._stopping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, daemon=True)
        self._sweeper.start()

    def stop(self) -> None:
        """Ends the engine; connections are dropped."""
        self._stopping.set()
        self._sweeper.join()
        self.drop_connections()

    def trigger(self, flow: str, params: Any = None, configuration: str = "development") -> FakeRun:
        """Queues a run."""
        with self.lock:
            run = FakeRun(f"run_{len(self.runs) + 1}", flow, params, configuration)
            self.runs[run.id] = run
            self.dispatch()
            return run

    def wait_for(self, condition: Callable[[], bool], timeout: float = 15.0, what: str = "the condition") -> None:
        """Waits until something is so."""
        with self.changed:
            if not self.changed.wait_for(condition, timeout):
                raise AssertionError(f"{what} did not come true in {timeout} s; runs: {list(self.runs.values())}")

    def finish(self, run: FakeRun, timeout: float = 15.0) -> FakeRun:
        """Waits for the end of a run."""
        self.wait_for(lambda: run.is_final, timeout, f"the end of {run.id}")
        return run

    def cancel(self, run: FakeRun, *, grace_ms: int = 5000) -> None:
        """Asks the worker to end a run."""
        with self.lock:
            run.cancel = True
            session = self._session_of(run)
            if session is not None:
                session.send(
                    {"type": "run.cancel", **key_of(run), "cancelId": "c1", "mode": "graceful", "graceMs": grace_ms}
                )

    def take_away(self, run: FakeRun) -> None:
        """Gives a run to the next epoch without telling the worker, as an expired lease does."""
        with self.lock:
            self._requeue(run)
            self.dispatch()

    def hold(self, run: FakeRun) -> None:
        """Takes a run away and keeps it from everybody."""
        with self.lock:
            self._requeue(run)
            run.epoch += 1
            run.status = "held"

    def drop_connections(self) -> None:
        """Breaks all connections without a word."""
        with self.lock:
            sessions = [worker.session for worker in self.workers.values() if worker.session is not None]
        for session in sessions:
            session.drop()

    def receive(self, session: Session, worker: FakeWorker | None, message: Message) -> FakeWorker | None:
        """Handles a message of a worker. Gives the worker that the session belongs to."""
        with self.changed:
            self.received.append(message)
            self.changed.notify_all()
            intercept = self.intercept
        if intercept is not None and intercept(message):
            return worker
        with self.changed:
            if message["type"] == "hello":
                worker = self._hello(session, message)
            elif worker is not None and worker.session is session:
                handler = getattr(self, f"_on_{message['type'].replace('.', '_')}", None)
                # Nothing follows from run.accept and error.
                if handler is not None:
                    handler(worker, session, message)
            self.dispatch()
            self.changed.notify_all()
            return worker

    def closed(self, session: Session, worker: FakeWorker | None) -> None:
        """A connection has ended."""
        with self.changed:
            if worker is not None and worker.session is session:
                worker.session = None
            self.changed.notify_all()

    def messages(self, kind: str) -> list[Message]:
        """All received messages of a type."""
        with self.lock:
            return [message for message in self.received if message["type"] == kind]

    def dispatch(self) -> None:
        """Hands queued runs to workers with a free slot."""
        for run in self.runs.values():
            if run.is_due:
                worker = next((worker for worker in self.workers.values() if self._can_take(worker, run)), None)
                if worker is not None:
                    self._assign(run, worker)

    def _can_take(self, worker: FakeWorker, run: FakeRun) -> bool:
        flows = {flow["name"] for flow in worker.hello["flows"]}
        is_free = len(worker.held) < worker.hello["slots"]
        is_there = worker.session is not None and not worker.suspect
        return is_there and not worker.draining and is_free and run.flow in flows

    def _assign(self, run: FakeRun, worker: FakeWorker) -> None:
        run.epoch += 1
        run.status, run.worker, run.seq, run.log_seq = "running", worker.id, 0, 0
        run.lease_until = time.monotonic() + self.lease_ms / 1000
        worker.held.add(run.id)
        assert worker.session is not None
        worker.session.send(assignment(run, self.lease_ms, self.inline_journal))

    def _hello(self, session: Session, message: Message) -> FakeWorker:
        worker = self.workers.setdefault(message["workerId"], FakeWorker(message["workerId"], message))
        if worker.session is not None and worker.session is not session:
            worker.session.close(4409, "superseded")
        worker.session, worker.hello, worker.draining = session, message, message["draining"]
        worker.suspect = False
        verdicts: list[Message] = []
        mine: set[str] = set()
        for held in message["inFlight"]:
            run = self.runs.get(held["runId"])
            if run is None or run.epoch != held["epoch"] or run.worker != worker.id:
                verdicts.append({"runId": held["runId"], "epoch": held["epoch"], "verdict": "revoked"})
                continue
            mine.add(run.id)
            run.lease_until = time.monotonic() + self.lease_ms / 1000
            verdicts.append(verdict(run))
        for run_id in worker.held - mine:
            self._requeue(self.runs[run_id])
        worker.held = {run_id for run_id in mine if self.runs[run_id].status == "running"}
        session.send(
            {
                "type": "welcome",
                "protocol": 1,
                "engineId": "eng_fake",
                "heartbeatMs": self.heartbeat_ms,
                "leaseMs": self.lease_ms,
                "limits": self.limits,
                "capabilities": ["timers"],
                "flows": [{"name": flow["name"], "status": "accepted"} for flow in message["flows"]],
                "runs": verdicts,
            }
        )
        return worker

    def _on_heartbeat(self, worker: FakeWorker, session: Session, message: Message) -> None:
        worker.heartbeats += 1
        worker.suspect = False
        revoked: list[Message] = []
        cancelled: list[Message] = []
        for key in message["runs"]:
            run = self.runs.get(key["runId"])
            if run is None or run.epoch != key["epoch"] or run.worker != worker.id:
                revoked.append(key)
            else:
                run.lease_until = time.monotonic() + self.lease_ms / 1000
                if run.cancel:
                    cancelled.append(key)
        session.send({"type": "heartbeat.ack", "n": message["n"], "revoked": revoked, "cancelled": cancelled})

    def _on_run_events(self, worker: FakeWorker, session: Session, message: Message) -> None:
        run = self._held(worker, session, message)
        if run is None:
            return
        for seq, event in enumerate(message["events"], message["firstSeq"]):
            if seq <= run.seq:
                continue  # sent again: stored already
            if seq != run.seq + 1:
                session.send(
                    {
                        "type": "error",
                        "re": "run.events",
                        "code": "journal_gap",
                        **key_of(run),
                        "title": "Gap",
                        "expectedSeq": run.seq + 1,
                        "fatal": False,
                    }
                )
                return
            self._apply(run, worker, event)
            run.seq = seq
        session.send({"type": "run.ack", **key_of(run), "seq": run.seq})

    def _apply(self, run: FakeRun, worker: FakeWorker, event: Message) -> None:
        run.events.append(event)
        if event["kind"] == "step.started" and event.get("idempotent") is False:
            run.journal.setdefault(event["key"], {**event, "status": "started", "epoch": run.epoch})
        elif event["kind"] == "step.completed":
            run.completions.append(event["key"])
            if run.journal.get(event["key"], {}).get("status") in (None, "started"):
                run.journal[event["key"]] = {**event, "epoch": run.epoch}
        elif event["kind"] == "run.completed":
            run.status, run.result, run.error = event["status"], event.get("result"), event.get("error")
            worker.held.discard(run.id)

    def _on_log_batch(self, worker: FakeWorker, session: Session, message: Message) -> None:
        run = self._held(worker, session, message)
        if run is None:
            return
        for seq, line in enumerate(message["lines"], message["firstSeq"]):
            if seq == run.log_seq + 1:
                run.log_seq = seq
                run.logs.append(line)
        run.dropped_logs += message.get("dropped", 0)
        session.send({"type": "log.ack", **key_of(run), "seq": run.log_seq})

    def _on_progress(self, worker: FakeWorker, _session: Session, message: Message) -> None:
        run = self.runs[message["runId"]]
        if run.epoch == message["epoch"] and run.worker == worker.id:
            run.progress.append(message)

    def _on_journal_get(self, worker: FakeWorker, session: Session, message: Message) -> None:
        run = self._held(worker, session, message)
        if run is not None:
            entries = list(run.journal.values())
            # Smaller pages than asked for: the limit is the engine's to decide.
            end = message["offset"] + min(message["limit"], 3)
            following = end if end < len(entries) else None
            page = {"entries": entries[message["offset"] : end], "next": following}
            session.send({"type": "journal.page", "re": message["id"], **key_of(run), **page})

    def _on_run_reject(self, worker: FakeWorker, _session: Session, message: Message) -> None:
        self._requeue(self.runs[message["runId"]])
        worker.draining = worker.draining or message["reason"] == "draining"

    def _on_run_release(self, _worker: FakeWorker, _session: Session, message: Message) -> None:
        run = self.runs[message["runId"]]
        if run.epoch == message["epoch"] and run.status == "running":
            self._requeue(run)
            run.sleep(message.get("wakeInMs"))

    def _on_drain(self, worker: FakeWorker, session: Session, _message: Message) -> None:
        worker.draining = True
        session.send({"type": "drain.ack"})

    def _on_flows_update(self, worker: FakeWorker, session: Session, message: Message) -> None:
        worker.hello["flows"].extend(message["add"])
        session.send({"type": "flows.result", "re": message["id"], "flows": []})

    def _held(self, worker: FakeWorker, session: Session, message: Message) -> FakeRun | None:
        run = self.runs.get(message["runId"])
        if run is not None and run.epoch == message["epoch"] and run.worker == worker.id:
            return run
        key = {"runId": message["runId"], "epoch": message["epoch"]}
        session.send({"type": "run.revoked", **key, "reason": "stale_epoch"})
        return None

    def _session_of(self, run: FakeRun) -> Session | None:
        worker = self.workers.get(run.worker or "")
        return worker.session if worker is not None else None

    def _requeue(self, run: FakeRun) -> None:
        worker = self.workers.get(run.worker or "")
        if worker is not None:
            worker.held.discard(run.id)
        if not run.is_final:
            run.status, run.worker = "queued", None

    def _sweep(self) -> None:
        while not self._stopping.wait(0.05):
            with self.changed:
                for run in self.runs.values():
                    if run.status == "running" and run.lease_until < time.monotonic():
                        self.lost_leases += 1
                        self.workers[run.worker or ""].suspect = True
                        self._requeue(run)
                self.dispatch()
                self.changed.notify_all()
