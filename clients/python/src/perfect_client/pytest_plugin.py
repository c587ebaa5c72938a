"""Fixtures for pytest, there as soon as the package is installed.

``perfect_client``
    a ``MockClient``: runs flows with a journal in memory.
``perfect_engine``
    a ``PerfectAPIClient`` of a real engine: the one at PERFECT_URL, or one that the command PERFECT_ENGINE_COMMAND (or
    the ini option ``perfect_engine_command``) starts for the whole session; it is told its port as PORT. Tests that use
    it are skipped when there is neither.
"""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Generator

import pytest

from .api import PerfectAPIClient
from .errors import PerfectError
from .testing import MockClient

START_SECONDS = 120.0
"""How long the engine may take to start; the first time it may have to install itself."""
_STOP_SECONDS = 20.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the ini option of the plugin."""
    parser.addini("perfect_engine_command", "starts a Perfect server on the port in PORT", default="")


@pytest.fixture
def perfect_client() -> Generator[MockClient]:
    """A client without a server."""
    with MockClient() as client:
        yield client


@pytest.fixture(scope="session")
def perfect_engine(pytestconfig: pytest.Config) -> Generator[PerfectAPIClient]:
    """The HTTP API of a real engine."""
    url = os.environ.get("PERFECT_URL")
    command = os.environ.get("PERFECT_ENGINE_COMMAND") or str(pytestconfig.getini("perfect_engine_command"))
    if url:
        yield _ready(url, None)
    elif command:
        yield from _started(command)
    else:
        pytest.skip("There is no engine: set PERFECT_URL, or perfect_engine_command in the configuration of pytest")


def _started(command: str) -> Generator[PerfectAPIClient]:
    port = _free_port()
    process = subprocess.Popen(shlex.split(command), env={**os.environ, "PORT": str(port)})
    try:
        yield _ready(f"http://127.0.0.1:{port}", process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(url: str, process: subprocess.Popen[bytes] | None) -> PerfectAPIClient:
    api = PerfectAPIClient(url, retries=0, token=os.environ.get("PERFECT_TOKEN"))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            api.health()
        except PerfectError as error:
            is_over = process is None or process.poll() is not None or time.monotonic() > deadline
            if is_over:
                pytest.fail(f"The engine at {url} does not answer: {error}")
            time.sleep(0.1)
        else:
            return api


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
