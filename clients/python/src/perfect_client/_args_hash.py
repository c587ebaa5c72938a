"""What tells the arguments of two calls of a task apart, and what happens when a replay makes another call."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._json import to_json
from .errors import JournalMismatchError, SerializationError

if TYPE_CHECKING:
    from ._run import Run

_HASH_CHARS = 32

_log = logging.getLogger("perfect_client")


def hash_arguments(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str | None:
    """The same text for the same arguments; None when there are none, or when they are no JSON."""
    if not args and not kwargs:
        return None
    try:
        value = to_json([list(args), dict(kwargs)], "arguments")
    except SerializationError:
        return None
    import hashlib

    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_CHARS]


def compare_arguments(run: Run, key: str, recorded: str | None, called: str | None) -> None:
    """Looks whether a recorded call is made with the same arguments. What cannot be told is not compared.

    :raises JournalMismatchError: when it is not, and the flow is strict about it. The run fails with it in any case.
    """
    if recorded is None or called is None or recorded == called:
        return
    text = (
        f'The task "{key}" is called with other arguments than when it was recorded. Either the code has changed, or '
        "the flow depends on time, chance or the world: put that into tasks, or give the flow another version."
    )
    if not run.is_strict:
        _log.warning("Run %s: %s", run.run_id, text)
        return
    run.mismatch = JournalMismatchError(text)
    raise run.mismatch
