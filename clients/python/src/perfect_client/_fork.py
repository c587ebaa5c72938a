"""What a forked child, such as one of ``multiprocessing.Pool``, must not take over of a process that runs flows: the
threads that do the work are not there."""

from __future__ import annotations

import os
from collections.abc import Callable


def after_fork(forget: Callable[[], object]) -> None:
    """Has each forked child call ``forget`` before anything else. For the life of the process."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)
