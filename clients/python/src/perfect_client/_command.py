"""The command line: ``worker`` runs flows, ``trigger`` starts a run, ``runs`` lists them."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ._listening import DRAIN_SECONDS
from ._targets import flows_of
from ._version import VERSION
from .errors import ParamsError, PerfectError
from .sdk import create_client

EXIT_FAILED = 1
EXIT_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command. Gives the exit code: 0, 1 when the server or a run fails, 2 for wrong arguments."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except PerfectError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return EXIT_USAGE if isinstance(error, (ValueError, ParamsError)) else EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m perfect_client", description="Durable workflows in Python.")
    parser.add_argument("--version", action="version", version=f"perfect_client {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="command")
    worker = commands.add_parser("worker", help="run the flows of modules until a signal comes")
    worker.add_argument("targets", nargs="+", metavar="module[:flow]", help="a module or file, and flows of it")
    worker.add_argument("--slots", type=int, help="runs at a time (PERFECT_SLOTS, else 4)")
    worker.add_argument("--name", help="shown in the list of workers (the name of the machine)")
    worker.add_argument("--carrier", choices=("auto", "websocket", "http"), default="auto")
    worker.add_argument("--isolation", choices=("thread", "process"), default="thread", help="where each run executes")
    worker.add_argument("--drain-timeout", type=float, default=DRAIN_SECONDS, metavar="SECONDS")
    worker.add_argument("--log-level", default="INFO", metavar="LEVEL")
    worker.set_defaults(run=_worker)
    trigger = commands.add_parser("trigger", help="start a run, and print it")
    trigger.add_argument("flow", help="id or name of the flow")
    trigger.add_argument("params", nargs="*", metavar="name=value", help="values are JSON, or else text")
    trigger.add_argument("--configuration", help="development, debug, release, or one of the host's")
    trigger.add_argument("--wait", action="store_true", help="wait for the end, and print the result")
    trigger.add_argument("--timeout", type=float, metavar="SECONDS", help="wait no longer")
    trigger.set_defaults(run=_trigger)
    runs = commands.add_parser("runs", help="list the newest runs")
    runs.add_argument("--flow", help="only of this flow")
    runs.add_argument("--status", help="only of this status")
    runs.add_argument("--limit", type=int, default=20)
    runs.set_defaults(run=_runs)
    for command in (worker, trigger, runs):
        command.add_argument("--url", help="address of the server (PERFECT_URL, else http://127.0.0.1:3000)")
        command.add_argument("--token", help="bearer token (PERFECT_TOKEN)")
    return parser


def _worker(options: argparse.Namespace) -> int:
    logging.basicConfig(
        level=options.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
    )
    flows = flows_of(options.targets)
    client = create_client(
        options.url,
        token=options.token,
        slots=options.slots,
        name=options.name,
        carrier=options.carrier,
        isolation=options.isolation,
    )
    for flow in flows:
        client.register_flow(flow)
    client.listen_for_executions(drain_timeout=options.drain_timeout)
    return 0


def _trigger(options: argparse.Namespace) -> int:
    with create_client(options.url, token=options.token) as client:
        handle = client.trigger(options.flow, _params(options.params), configuration=options.configuration)
        if not options.wait:
            print(handle.run_id)
            return 0
        run = handle.wait(options.timeout)
        print(json.dumps({"id": handle.run_id, "status": run["run"]["status"], "result": run["result"]}))
        error = run["run"]["error"]
        if error is not None:
            print(f"{error['name']}: {error['message']}", file=sys.stderr)
        return 0 if run["run"]["status"] == "succeeded" else EXIT_FAILED


def _runs(options: argparse.Namespace) -> int:
    with create_client(options.url, token=options.token) as client:
        page = client.api.list_runs(flow=options.flow, status=options.status, limit=options.limit)
    for run in page.items:
        percent = f"{run['progress']['percent']:.0f}%"
        print(f"{run['id']}  {run['status']:<10} {percent:>4}  {run['createdAt']}  {run['flowName']}")
    return 0


def _params(pairs: Sequence[str]) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise ParamsError(f'The parameter "{pair}" has no value. Write it as name=value.')
        try:
            params[name] = json.loads(text)
        except ValueError:
            params[name] = text
    return params
