"""Test vectors: data that other implementations of the protocol can be tested with too."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """The content of a vector file."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
