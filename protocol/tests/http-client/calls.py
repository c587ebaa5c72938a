"""Calls the methods of the API client that take more than an id, with a real server."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone

from perfect_client import ConflictError, NotFoundError, PerfectAPIClient, ValidationError

api = PerfectAPIClient(sys.argv[1])
now = datetime.now(timezone.utc)


def runs() -> None:
    run = api.trigger("echo", {"n": 1}, tags=["night"], attributes={"region": "eu"}, priority=2)
    ended = api.wait_for_run(run["id"], 10)
    assert (ended["run"]["status"], ended["result"]) == ("succeeded", {"n": 1}), ended
    assert [task["key"] for task in api.iter_tasks(run["id"])] == ["step#1"]
    assert api.get_task_columns(run["id"])["key"] == ["step#1"]
    assert [entry["value"] for entry in api.iter_journal(run["id"])] == [{"n": 1}]
    assert api.verify_replay(run["id"])["ok"]
    assert api.get_timeline(run["id"]) and api.explain_run(run["id"])["text"]
    page = api.list_runs(filter="attr.region:eu tag:night", since=now - timedelta(minutes=1), count=True)
    assert (page.items[0]["id"], page.count) == (run["id"], {"value": 1, "isMore": False})
    again = api.retry_run(run["id"], from_task="step#1", params={"n": 2})
    assert api.wait_for_run(again["id"], 10)["result"] == {"n": 2}
    newest = api.list_runs("echo", at=datetime.now(timezone.utc), around=1)
    older = api.list_runs("echo", cursor=newest.next_cursor)
    assert (older.items[0]["id"], newest.items[0]["id"]) == (run["id"], again["id"])
    assert newest.prev_cursor is None and older.prev_cursor is not None
    later = api.trigger("echo", {"n": 3}, start_at=now + timedelta(hours=1))
    assert later["status"] == "scheduled", later
    assert api.cancel_run(later["id"], "not needed")["cancelReason"] == "not needed"
    twice = [api.trigger("echo", {}, delay=timedelta(hours=1), dedupe_key="k")["id"] for _ in range(2)]
    assert twice[0] == twice[1], twice
    api.send_log(run["id"], ["from outside", "and more"], "WARNING")
    assert "from outside" in api.download_logs(run["id"])
    assert [line["message"] for line in api.iter_logs(run["id"], "warn")] == ["from outside", "and more"]


def failures() -> None:
    run = api.wait_for_run(api.trigger("broken", {"row": 7})["id"], 10)["run"]
    assert run["status"] == "failed", run
    group = next(api.iter_failures("broken", since="1h"))
    assert group["exampleRunId"] == run["id"], group
    selection = api.select_runs("status:failed")
    assert (selection["count"], selection["sample"]) == (1, [run["id"]])
    assert api.retry_selection(selection["id"])["total"] == 1
    assert len(api.series("broken", bucket="day", since=now - timedelta(days=2))["items"]) == 3
    assert api.flow_stats("broken", since="24h")[0]["runs"]["failed"] >= 1


def schedules() -> None:
    made = api.create_schedule("echo", "hourly", every=timedelta(hours=1), jitter=5, window=60, max_missed=4, input={})
    assert (made["kind"], made["jitterMs"], made["maxMissed"]) == ("interval", 5000, 4), made
    once = api.create_schedule("echo", at=[now + timedelta(days=1)])
    assert once["kind"] == "once", once
    assert api.replace_schedule(made["id"], cron="0 4 * * *", timezone="Europe/Berlin")["timezone"] == "Europe/Berlin"
    assert api.pause_schedule(made["id"], now + timedelta(days=1))["status"] == "paused"
    assert api.resume_schedule(made["id"])["status"] == "active"
    assert (api.skip_schedule(made["id"], 2)["skips"], len(api.schedule_times(made["id"], 3))) == (2, 3)
    assert api.preview_schedule(1, cron="0 4 * * *")[0]["at"]
    assert any(run["scheduleId"] == once["id"] for run in api.forecast(until=now + timedelta(days=2))["runs"])
    api.remove_schedule(made["id"])


def looks() -> None:
    bars = api.histogram("flow:echo", bars=2)
    assert sum(sum(bar["runs"].values()) for bar in bars["items"]) >= 3, bars
    assert isinstance(list(api.iter_audit("outcome:failed")), list)


def views() -> None:
    made = api.create_view("Broken", "status:failed since:1h", display={"sort": "-createdAt"})
    assert (made["owner"], made["isShared"], made["display"]) == (None, False, {"sort": "-createdAt"}), made
    assert api.replace_view(made["id"], "Broken", shared=True)["revision"] == 2
    assert [view["id"] for view in api.iter_views()] == [made["id"]] == [api.get_view(made["id"])["id"]]
    api.remove_view(made["id"])
    assert api.list_views().items == []
    assert api.get_seen()["failures"]["count"] >= 1
    assert api.mark_seen("failures", now - timedelta(days=1))["failures"]["until"]
    assert api.mark_seen("failures")["failures"]["count"] == 0


def refusals() -> None:
    for call, error, code in (
        (lambda: api.list_runs(filter="status:odd"), ValidationError, "FILTER_INVALID"),
        (lambda: api.create_schedule("echo", cron="often"), ValidationError, "SCHEDULE_INVALID"),
        (lambda: api.get_alert("none"), NotFoundError, "ALERT_NOT_FOUND"),
        (lambda: api.resume_run(api.list_runs("broken", limit=1).items[0]["id"]), ConflictError, None),
        (lambda: api.create_view("x", "status:odd"), ValidationError, "FILTER_INVALID"),
        (lambda: api.get_view("none"), NotFoundError, "VIEW_NOT_FOUND"),
        (lambda: api.restart_client("none"), NotFoundError, "CLIENT_NOT_FOUND"),
    ):
        try:
            call()
        except error as raised:
            assert code in (None, raised.code), raised
        else:
            raise AssertionError(f"{code} was not raised")


for part in (runs, failures, schedules, looks, views, refusals):
    part()
assert api.is_ready() and api.health() == "ok" and "perfect_engine_info" in api.metrics()
print("done")
