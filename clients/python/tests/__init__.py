"""Tests of perfect_client. They need nothing but Python; websocket-client adds those of the WebSocket carrier."""

import os
import sys
from pathlib import Path

# Run from a checkout, without an installed package.
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
# Packages for a Python that has none of its own; last, so that they hide nothing.
if extra := os.environ.get("PERFECT_TEST_PATH"):
    sys.path.append(extra)
