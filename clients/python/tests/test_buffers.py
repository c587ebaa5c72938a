"""What waits to be sent: events in order until they are stored, log lines in bounded memory, the newest progress."""

from __future__ import annotations

import json
import random
import unittest
from collections.abc import Callable
from typing import Any, cast

from perfect_client import RunRevoked
from perfect_client._lease import Lease
from perfect_client._log_buffer import LogBuffer, LogLimits, RunLogs
from perfect_client._outbox import MAX_BATCH_EVENTS, EventOutbox
from perfect_client._outgoing import Outgoing
from perfect_client._pool import TaskPool


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class OpenRun:
    """A run with something to send."""

    run_id = "run_1"
    epoch = 1
    revoked = False

    def __init__(self) -> None:
        self.events = EventOutbox()
        self.logs = LogBuffer().open()
        self.calls = self

    def rest(self, **_options: bool) -> None:
        return None

    def is_open(self, _key: str) -> bool:
        return True


class OutgoingTest(unittest.TestCase):
    def test_r13_sends_what_is_urgent_first(self) -> None:
        run: Any = OpenRun()
        outgoing = Outgoing(lambda: [run], lambda _run: None)
        outgoing._carrier = cast("Any", object())  # pyright: ignore[reportPrivateUsage]
        outgoing.progress.put(run, "load#1", 0.5, None)
        run.logs.add('{"msg":"a line"}')
        run.events.append('{"kind":"an event"}')
        outgoing.post('{"type":"heartbeat"}')
        texts, _ = outgoing._collect()  # pyright: ignore[reportPrivateUsage]
        # Lines that were written before an event go before it: a task that is recorded never writes them again.
        expected = ["heartbeat", "log.batch", "run.events", "progress"]
        self.assertEqual([json.loads(text)["type"] for text in texts], expected)


class EventOutboxTest(unittest.TestCase):
    def test_numbers_events_and_hands_them_out_once(self) -> None:
        outbox = EventOutbox()
        for text in "abc":
            outbox.append(text)
        self.assertEqual(outbox.take(), (1, ["a", "b", "c"]))
        self.assertIsNone(outbox.take())
        outbox.append("d")
        self.assertEqual((outbox.take(), outbox.last_seq), ((4, ["d"]), 4))

    def test_resolves_each_event_when_it_is_stored(self) -> None:
        outbox = EventOutbox()
        first, second = outbox.append("a"), outbox.append("b")
        outbox.ack(1)
        self.assertEqual((first.done(), second.done(), outbox.acked_seq), (True, False, 1))
        outbox.ack(1)
        outbox.ack(99)
        self.assertEqual((second.done(), outbox.acked_seq), (True, 2))

    def test_hands_out_again_what_was_not_stored(self) -> None:
        outbox = EventOutbox()
        for text in "abc":
            outbox.append(text)
        outbox.take()
        outbox.rewind(1)
        self.assertEqual(outbox.take(), (2, ["b", "c"]))

    def test_keeps_batches_small(self) -> None:
        outbox = EventOutbox()
        for _ in range(MAX_BATCH_EVENTS + 1):
            outbox.append("x")
        outbox.append("y" * (2 << 20))
        batches = [outbox.take() for _ in range(4)]
        self.assertEqual([len(batch[1]) if batch else 0 for batch in batches], [MAX_BATCH_EVENTS, 1, 1, 0])

    def test_fails_what_waits_and_what_comes_later(self) -> None:
        outbox = EventOutbox()
        waiting = outbox.append("a")
        outbox.fail(RunRevoked("gone"))
        outbox.fail(RunRevoked("twice"))
        for future in (waiting, outbox.append("b")):
            with self.assertRaisesRegex(RunRevoked, "gone"):
                future.result(0)
        self.assertIsNone(outbox.take())

    def test_delivers_every_event_once_and_in_order_whatever_is_lost(self) -> None:
        for seed in range(50):
            chance = random.Random(seed)
            outbox, stored, added = EventOutbox(), list[str](), 0
            while added < 40 or outbox.acked_seq < 40:
                if added < 40 and chance.random() < 0.5:
                    outbox.append(str(added))
                    added += 1
                batch = outbox.take()
                if batch and chance.random() < 0.7:
                    first, texts = batch
                    stored.extend(text for seq, text in enumerate(texts, first) if seq == len(stored) + 1)
                if chance.random() < 0.3:
                    outbox.rewind(len(stored))
                elif chance.random() < 0.5:
                    outbox.ack(len(stored))
            self.assertEqual(stored, [str(n) for n in range(40)])


class LogBufferTest(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.buffer = LogBuffer(1000, self.clock)
        self.limits = LogLimits()

    def texts(self, logs: RunLogs) -> list[str]:
        batch = logs.take(self.limits)
        return batch.lines if batch else []

    def test_waits_a_moment_for_more_lines(self) -> None:
        logs = self.buffer.open()
        self.assertIsNone(logs.due_in())
        logs.add("a")
        self.assertAlmostEqual(logs.due_in() or 0, 0.25)
        self.clock.now += 0.3
        self.assertEqual(logs.due_in(), 0)
        self.assertEqual(self.texts(logs), ["a"])
        self.assertIsNone(logs.due_in())

    def test_sends_many_lines_at_once(self) -> None:
        logs = self.buffer.open()
        for _ in range(200):
            logs.add("a")
        self.assertEqual(logs.due_in(), 0)

    def test_keeps_lines_of_all_levels_in_order(self) -> None:
        logs = self.buffer.open()
        for n in range(6):
            logs.add(str(n), is_debug=n % 2 == 0)
        self.assertEqual(self.texts(logs), ["0", "1", "2", "3", "4", "5"])

    def test_numbers_lines_when_they_are_first_sent(self) -> None:
        logs = self.buffer.open()
        logs.add("a")
        logs.add("b")
        first = logs.take(self.limits)
        logs.add("c")
        second = logs.take(self.limits)
        assert first
        assert second
        self.assertEqual((first.first_seq, second.first_seq, logs.last_seq), (1, 3, 3))

    def test_sends_again_what_was_not_stored(self) -> None:
        logs = self.buffer.open()
        for text in "abc":
            logs.add(text)
        logs.take(self.limits)
        logs.rewind(1)
        batch = logs.take(self.limits)
        assert batch
        self.assertEqual((batch.first_seq, batch.lines), (2, ["b", "c"]))

    def test_keeps_a_bounded_number_of_batches_without_acknowledgement(self) -> None:
        logs = self.buffer.open()
        for n in range(9):
            logs.add(str(n))
            batch = logs.take(self.limits)
            self.assertEqual(batch is None, n == 8)
        self.assertTrue(logs.is_blocked(self.limits))
        logs.ack(1)
        self.assertEqual(self.texts(logs), ["8"])

    def test_drops_the_oldest_debug_line_first_and_counts_it(self) -> None:
        one, other = self.buffer.open(), self.buffer.open()
        one.add("i" * 400)
        other.add("d" * 400, is_debug=True)
        one.add("j" * 400)
        self.assertEqual([text[0] for text in self.texts(one)], ["i", "j"])
        other.add("k")
        batch = other.take(self.limits)
        assert batch
        self.assertEqual((batch.dropped, batch.lines[1]), (1, "k"))
        self.assertIn("1 log lines were dropped", json.loads(batch.lines[0])["msg"])

    def test_drops_the_oldest_line_when_there_is_no_debug_line(self) -> None:
        logs = self.buffer.open()
        for letter in "abc":
            logs.add(letter * 400)
        self.assertEqual([text[0] for text in self.texts(logs)[1:]], ["b", "c"])

    def test_flushes_when_everything_is_stored(self) -> None:
        logs = self.buffer.open()
        self.assertTrue(logs.flush(0))
        logs.add("a")
        self.assertFalse(logs.flush(0))
        self.assertEqual(logs.due_in(), 0)
        logs.take(self.limits)
        logs.ack(1)
        self.assertTrue(logs.flush(0))

    def test_forgets_the_lines_of_a_closed_run(self) -> None:
        logs = self.buffer.open()
        logs.add("a" * 900)
        self.buffer.close(logs)
        other = self.buffer.open()
        other.add("b" * 900)
        self.assertEqual(len(self.texts(other)), 1)


class LeaseTest(unittest.TestCase):
    def test_ends_a_little_before_the_engine_gives_the_runs_away(self) -> None:
        clock = Clock()
        lease = Lease(clock)
        self.assertFalse(lease.is_valid)
        lease.renew(100.0, 1000)
        clock.now = 100.89
        self.assertTrue(lease.is_valid)
        clock.now = 100.91
        self.assertFalse(lease.is_valid)

    def test_never_moves_back(self) -> None:
        clock = Clock()
        lease = Lease(clock)
        lease.renew(100.0, 10_000)
        lease.renew(95.0, 1000)
        clock.now = 108.0
        self.assertTrue(lease.is_valid)

    def test_waits_no_longer_than_there_is_a_reason(self) -> None:
        lease = Lease(Clock())
        lease.wait(lambda: True)
        self.assertFalse(lease.is_valid)


class TaskPoolTest(unittest.TestCase):
    def test_refuses_a_job_that_would_wait_behind_its_own_waiter(self) -> None:
        import threading

        pool, release, ran = TaskPool(1), threading.Event(), threading.Event()
        pool.submit(cast("Callable[[], None]", lambda: release.wait(5)))
        self.assertFalse(pool.submit_if_free(ran.set))
        release.set()
        pool.submit(ran.set)
        self.assertTrue(ran.wait(5))
