"""Writes the reference pages of the SDK from its docstrings, for the site of the documentation.

python tools/reference.py FOLDER    writes the pages
python tools/reference.py --check   only checks that every public name has a docstring
"""

from __future__ import annotations

import ast
import inspect
import itertools
import os
import re
import sys
import textwrap
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

import perfect_client  # noqa: E402
from perfect_client import testing, views  # noqa: E402
from perfect_client._command import _parser  # noqa: E402  # pyright: ignore[reportPrivateUsage]

PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "flows-and-tasks": (
        "Flows and tasks",
        (
            *("flow", "task", "Flow", "AsyncFlow", "Task", "AsyncTask", "TaskFuture", "TaskFutures", "AsyncTasks"),
            *(
                "Success",
                "Failure",
                "CronSchedule",
                "IntervalSchedule",
                "Concurrency",
                "RateLimit",
                "Param",
                "FlowDefinition",
                "TaskPlan",
            ),
        ),
    ),
    "inside-a-run": (
        "Inside a run",
        (
            *("current_run", "RunContext", "progress", "track", "sleep", "sleep_async", "now", "uuid4", "random"),
            *("shield", "wrap", "get_logger", "RunLogHandler"),
        ),
    ),
    "client": ("Client", ("create_client", "PerfectClient", "ListenHandle", "RunHandle", "ExecutionRequest")),
    "http-api": ("HTTP API", ("PerfectAPIClient",)),
    "answers": ("Answers of the HTTP API", tuple(name for name in views.__all__ if name != "RunStatus")),
    "testing": ("Testing", ("MockClient", "MockRun", "assert_replayable", "pytest_plugin")),
    "errors": ("Errors", ()),
}


def main(arguments: list[str]) -> int:
    """Writes the pages, or checks; gives the exit code."""
    errors = [name for name in perfect_client.__all__ if _is_error(_find(name))]
    names = {name for _, group in PAGES.values() for name in group} | set(errors)
    problems = [f"{name} is on no page of tools/reference.py" for name in perfect_client.__all__ if name not in names]
    problems = [text for text in problems if not text.startswith("__")]
    for name in sorted(names):
        problems += _undocumented(name, _find(name))
    for problem in problems:
        print(problem)
    if problems or arguments == ["--check"]:
        return 1 if problems else 0
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for page, (title, group) in PAGES.items():
        parts = [_entry(name, _find(name)) for name in group or errors]
        (folder / f"{page}.md").write_text(f"# {title}\n\n" + "\n".join(parts), encoding="utf-8")
    (folder / "command-line.md").write_text(_command_page(), encoding="utf-8")
    (folder / "index.md").write_text(_index(), encoding="utf-8")
    return 0


def _find(name: str) -> Any:
    if name == "pytest_plugin":
        # Not imported: it needs pytest.
        source = (ROOT / "src" / "perfect_client" / "pytest_plugin.py").read_text(encoding="utf-8")
        return types.ModuleType(name, ast.get_docstring(ast.parse(source)))
    return getattr(perfect_client, name, None) or getattr(testing, name, None) or getattr(views, name)


def _is_error(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def _undocumented(name: str, value: Any) -> Iterator[str]:
    if not inspect.getdoc(value):
        yield f"{name} has no docstring"
    if isinstance(value, type) and not _is_error(value):
        for member_name, member in _members(value):
            if not inspect.getdoc(member):
                yield f"{name}.{member_name} has no docstring"


def _members(cls: type[Any]) -> list[tuple[str, Any]]:
    """Public methods and properties of a class and of its bases in this package, in the order of the code."""
    found: dict[str, Any] = {}
    for base in reversed([base for base in cls.__mro__ if base.__module__.startswith("perfect_client")]):
        for name, value in vars(base).items():
            is_shown = inspect.isfunction(value) or isinstance(value, property) or hasattr(value, "func")
            if is_shown and (not name.startswith("_") or name == "__call__"):
                found[name] = value
    return list(found.items())


def _entry(name: str, value: Any) -> str:
    if inspect.ismodule(value):
        return f"## Fixtures for pytest\n\n{_prose(inspect.getdoc(value) or '')}\n"
    if typing.is_typeddict(value):
        return f"## {name}\n\n{_prose(inspect.getdoc(value) or '')}\n{_fields(value)}"
    if not isinstance(value, type):
        return f"## {name}\n\n{_signature(name, value)}{_prose(inspect.getdoc(value) or '')}\n"
    parts = [f"## {name}\n"]
    if _is_error(value):
        base = value.__bases__[0].__name__
        code = getattr(value, "code", None)
        parts.append(f"Base: `{base}`." + (f" Code: `{code}`." if code else "") + "\n")
    parts.append(_prose(inspect.getdoc(value) or "") + "\n")
    parts += [f"- `{field}`: {_inline(text)}" for field, text in _attributes(value)]
    if parts[-1].startswith("- "):
        parts.append("")
    if not _is_error(value):
        for member_name, member in _members(value):
            shown = f"{name}.{member_name}" if member_name != "__call__" else f"{name}()"
            parts.append(f"### {shown}\n\n{_signature(member_name, member)}{_prose(inspect.getdoc(member) or '')}\n")
    return "\n".join(parts)


def _signature(name: str, value: Any) -> str:
    if isinstance(value, property) or not callable(value):
        return ""
    signature = inspect.signature(value)
    parameters = [p for p in signature.parameters.values() if p.name != "self"]
    text = ", ".join(_parameter(p) for p in _with_marks(parameters))
    returns = "" if signature.return_annotation is signature.empty else f" -> {signature.return_annotation}"
    line = f"{'async ' if inspect.iscoroutinefunction(value) else ''}{name}({text}){returns}"
    if len(line) > 100:
        inner = ",\n".join(f"    {_parameter(p)}" for p in _with_marks(parameters))
        line = f"{name}(\n{inner},\n){returns}"
    return f"```python\n{line.replace('__call__', '')}\n```\n\n"


def _with_marks(parameters: list[inspect.Parameter]) -> Iterator[inspect.Parameter | str]:
    was_keyword = False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not was_keyword:
            yield "*"
        was_keyword = was_keyword or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        yield parameter


def _parameter(parameter: inspect.Parameter | str) -> str:
    # Annotations are texts here. The default of options that are kept as they are says nothing.
    text = re.sub(r"""(: )(['"])(.*?)\2(?= = |$)""", r"\1\3", str(parameter))
    text = re.sub(r"<class '(\w+)'>", r"\1", text)
    return re.sub(r" = <object object at [^>]*>", " = <as before>", text)


def _fields(cls: type[Any]) -> str:
    """The fields of a dictionary with their types."""
    shown: dict[str, str] = {}
    for base in (*getattr(cls, "__orig_bases__", ()), cls):
        for name, hint in getattr(base, "__annotations__", {}).items():
            shown[name] = getattr(hint, "__forward_arg__", None) or getattr(hint, "__name__", str(hint))
    texts = dict(_attributes(cls))
    lines = (f"- `{name}`: `{hint}`. {_inline(texts.get(name, ''))}".rstrip(" ") for name, hint in shown.items())
    return "\n".join(lines) + "\n"


def _attributes(cls: type[Any]) -> list[tuple[str, str]]:
    """Attributes with a text below them."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError):
        return []
    found: list[tuple[str, str]] = []
    for node in ast.walk(tree):
        body: list[ast.stmt] = getattr(node, "body", []) if isinstance(node, (ast.ClassDef, ast.FunctionDef)) else []
        for statement, following in itertools.pairwise(body):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
            name = getattr(target, "attr", None) or getattr(target, "id", None)
            if name and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                found.append((name, " ".join(str(following.value.value).split())))
    return found


def _prose(text: str) -> str:
    """Markdown of a docstring: fields of reStructuredText become lists, what is indented becomes code."""
    text = re.sub(r"(?<!^) (?=:raises \w+:)", "\n", text)
    lines: list[str] = []
    for line in text.split("\n"):
        field = re.match(r"^:(param|returns?|raises)\s*(\w*):\s*(.*)$", line)
        if field:
            kind, name, rest = field.groups()
            if lines and lines[-1] and not lines[-1].startswith("- "):
                lines.append("")
            label = {"param": f"`{name}`", "raises": f"raises `{name}`"}.get(kind, "returns")
            lines.append(f"- {label}: {_inline(rest)}")
        elif lines and lines[-1].startswith("- ") and line.startswith("    "):
            lines[-1] += " " + _inline(line.strip())
        elif re.match(r"^``\w+``$", line):
            lines.append(f"\n- {_inline(line)}: ")
        else:
            lines.append(_inline(line.strip()))
    return "\n".join(lines) + "\n"


def _inline(text: str) -> str:
    text = text.replace("``", "`")
    # Between backticks nothing is markup.
    parts = text.split("`")
    return "`".join(part if index % 2 else part.replace("<", "&lt;") for index, part in enumerate(parts))


def _command_page() -> str:
    parser = _parser()
    os.environ["COLUMNS"] = "100"  # else the width of the terminal decides
    parts = ["# Command line\n", f"```text\n{parser.format_help()}```\n"]
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
        choices: Any = getattr(action, "choices", None)
        if choices:
            for name, command in choices.items():
                parts.append(f"## {name}\n\n```text\n{command.format_help()}```\n")
    return "\n".join(parts)


def _index() -> str:
    links = [f"- [{title}](./{page}.md)" for page, (title, _) in PAGES.items()]
    return "# Python API\n\nWhat `perfect_client` exports.\n\n" + "\n".join(
        [*links, "- [Command line](./command-line.md)\n"]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
