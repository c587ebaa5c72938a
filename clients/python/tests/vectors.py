"""Test vectors: data that other implementations of the protocol are tested with too."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[3] / "protocol" / "vectors"


def load(name: str) -> Any:
    """The content of a vector file."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
