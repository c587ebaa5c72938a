"""A worker that chooses its carrier by itself, with waits that are short enough for a test."""

from __future__ import annotations

import sys

from perfect_client import _carrier_choice, _connection, create_client, flow

_carrier_choice.UPGRADE_SECONDS = 0.3
_carrier_choice.BLOCKED_SECONDS = 1.0
_connection.WELCOME_SECONDS = 0.3


@flow(name="Echo")
def echo(text: str) -> str:
    return text


client = create_client(sys.argv[1], timeout=5.0)
client.register_flow(echo)
client.listen_for_executions(drain_timeout=1.0)
