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
