"""What the HTTP API says can be done, and why not."""

from __future__ import annotations

from typing import TypedDict


class _Verdict(TypedDict):
    ok: bool


class ActionView(_Verdict, total=False):
    """Whether something can be done now by who asks; else the code that it would be refused with, and why."""

    code: str
    why: str


class RunActionsView(TypedDict):
    """What can be done with a run now by who asks."""

    cancel: ActionView
    pause: ActionView
    resume: ActionView
    retry: ActionView
    retryFromStart: ActionView
    signal: ActionView
    verify: ActionView
    remove: ActionView


class FlowActionsView(TypedDict):
    """What can be done with a flow now by who asks."""

    trigger: ActionView
    schedule: ActionView
    remove: ActionView


class ScheduleActionsView(TypedDict):
    """What can be done with a schedule now by who asks."""

    replace: ActionView
    remove: ActionView
    pause: ActionView
    resume: ActionView
    skip: ActionView
    run: ActionView


class ClientActionsView(TypedDict):
    """What can be done with a client process now by who asks."""

    start: ActionView
    stop: ActionView
    restart: ActionView


class WorkerActionsView(TypedDict):
    """What can be done with a worker now by who asks."""

    drain: ActionView


class AlertActionsView(TypedDict):
    """What can be done with an alert now by who asks."""

    retry: ActionView


class ApprovalActionsView(TypedDict):
    """What can be done with an approval now by who asks."""

    answer: ActionView


class SavedViewActionsView(TypedDict):
    """What can be done with a saved view now by who asks."""

    replace: ActionView
    remove: ActionView
