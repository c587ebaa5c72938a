"""What docstrings say of flows and their parameters reaches the definition, in the usual styles."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Annotated, Any

from perfect_client import Param, flow


def sphinx(day: str, rows: int = 10, silent: bool = False) -> None:
    """Loads a day.
    All of it.
    :param str day: which one,
        as YYYY-MM-DD: the newest by default
    :param rows: how many
    :returns: nothing
    """


def google(day: str, rows: int = 10, silent: bool = False) -> None:
    """Loads a day.
    All of it.

    More of it: and even more.

    Args:
        day (str, optional): which one,
            as YYYY-MM-DD: the newest by default

        rows: how many

    Returns:
        silent: this is no parameter
    """


def numpy(day: str, rows: int = 10, silent: bool = False) -> None:
    """Loads a day.
    All of it.

    Parameters
    ----------
    day : str, optional
        which one,
        as YYYY-MM-DD: the newest by default
    rows
        how many

    Returns
    -------
    silent
        this is no parameter
    """


def described(schema: Any) -> dict[str, str]:
    return {name: value["description"] for name, value in schema["properties"].items() if "description" in value}


class DocstringTest(unittest.TestCase):
    def test_describes_the_flow_and_its_parameters_in_each_style(self) -> None:
        for fn in (sphinx, google, numpy):
            with self.subTest(fn.__name__):
                definition = flow(fn).definition
                self.assertEqual(definition.description, "Loads a day. All of it.")
                expected = {"day": "which one, as YYYY-MM-DD: the newest by default", "rows": "how many"}
                self.assertEqual(described(definition.params_schema), expected)

    def test_prefers_what_the_annotation_says(self) -> None:
        def fn(rows: Annotated[int, Param(description="this")] = 1) -> None:
            """:param rows: that"""

        definition = flow(fn).definition
        self.assertEqual((definition.description, described(definition.params_schema)), (None, {"rows": "this"}))

    def test_takes_any_text(self) -> None:
        for text in (
            "",
            "Args:",
            "Args:\n",
            "Parameters\n---",
            ":param:",
            ":param x",
            "Args:\n    :",
            "a\n\nArgs:\n\n  é: b",
        ):
            with self.subTest(text):

                def fn(rows: int = 1) -> None: ...

                plain: Callable[..., None] = fn
                plain.__doc__ = text
                self.assertEqual(described(flow(plain).definition.params_schema), {})


if __name__ == "__main__":
    unittest.main()
