"""What the engine says at the beginning of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._log_buffer import LogLimits


@dataclass(frozen=True)
class Welcome:
    """The content of ``welcome``. Times in ms, sizes in bytes."""

    engine_id: str = ""
    heartbeat_ms: int = 10_000
    lease_ms: int = 30_000
    progress_ms: int = 200
    max_result_bytes: int = 1 << 20
    can_park: bool = False
    """Whether the engine takes runs back that sleep, and gives them out again when they wake."""
    logs: LogLimits = field(default_factory=LogLimits)
    flows: Sequence[Mapping[str, Any]] = ()
    runs: Sequence[Mapping[str, Any]] = ()

    @staticmethod
    def from_message(message: Mapping[str, Any]) -> Welcome:
        """Reads the message; what it leaves out has its default."""
        limits: Mapping[str, Any] = message.get("limits") or {}
        default = LogLimits()
        return Welcome(
            engine_id=str(message.get("engineId", "")),
            heartbeat_ms=message.get("heartbeatMs") or 10_000,
            lease_ms=message.get("leaseMs") or 30_000,
            progress_ms=limits.get("progressMs", 200),
            max_result_bytes=limits.get("maxResultBytes") or 1 << 20,
            can_park="timers" in (message.get("capabilities") or ()),
            logs=LogLimits(
                max_batch_bytes=limits.get("maxLogBatchBytes") or default.max_batch_bytes,
                max_lines=limits.get("maxLogLines") or default.max_lines,
                max_in_flight=limits.get("maxLogInFlight") or default.max_in_flight,
            ),
            flows=message.get("flows") or (),
            runs=message.get("runs") or (),
        )
