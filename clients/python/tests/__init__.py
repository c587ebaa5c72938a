"""Tests of perfect_client. They need nothing but Python; websocket-client adds those of the WebSocket carrier."""

import sys
from pathlib import Path

# Run from a checkout, without an installed package.
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
