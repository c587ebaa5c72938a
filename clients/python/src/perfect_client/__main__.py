"""``python -m perfect_client``: runs flows of a module, or starts a run, without a line of glue code."""

from __future__ import annotations

import sys

from ._command import main

if __name__ == "__main__":
    sys.exit(main())
