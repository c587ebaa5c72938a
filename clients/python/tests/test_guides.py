"""The Python of the guides and of the README runs: the blocks of a page are one program, from top to bottom."""

from __future__ import annotations

import re
import sys
import tempfile
import types
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[3]
GUIDES = ROOT / "docs" / "guide"


@unittest.skipUnless(GUIDES.exists(), "the guides are not part of the source package")
class GuideTest(unittest.TestCase):
    def test_runs_as_written(self) -> None:
        pages = [*sorted(GUIDES.glob("python-*.md")), ROOT / "clients" / "python" / "README.md"]
        self.assertGreater(len(pages), 3)
        for page in pages:
            with self.subTest(page=page.name), tempfile.TemporaryDirectory() as folder:
                blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
                self.assertTrue(blocks)
                # A file, so that errors show the line, and what reads its own source finds it.
                file = Path(folder) / f"{page.stem.replace('-', '_').lower()}.py"
                file.write_text("\n".join(blocks), encoding="utf-8")
                module = types.ModuleType(file.stem)
                module.__file__ = str(file)
                sys.modules[file.stem] = module
                self.addCleanup(sys.modules.pop, file.stem)
                exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), vars(module))
