"""The part of ``PerfectAPIClient`` about processes: declared clients, workers, and the engine itself."""

from __future__ import annotations

from ._api_transport import ApiTransport, given, segment
from ._views import ClientView, EngineInfo, WorkerView


class ProcessRoutes(ApiTransport):
    """Client processes that the engine starts, workers that are connected, and the engine."""

    def start_client(self, id: str | None = None) -> list[ClientView]:  # noqa: A002 (the API's name)
        """Starts a declared client process, or all of them.

        :raises NotFoundError: CLIENT_NOT_FOUND :raises ConflictError: CLIENT_ALREADY_RUNNING
        """
        return self._control("start", id)

    def stop_client(self, id: str | None = None) -> list[ClientView]:  # noqa: A002 (the API's name)
        """Stops a declared client process, or all of them.

        :raises NotFoundError: CLIENT_NOT_FOUND
        """
        return self._control("stop", id)

    def restart_client(self, id: str | None = None) -> list[ClientView]:  # noqa: A002 (the API's name)
        """Stops a declared client process, or all of them, and starts it again.

        :raises NotFoundError: CLIENT_NOT_FOUND
        """
        return self._control("restart", id)

    def client_status(self) -> list[ClientView]:
        """The declared client processes with their last lines of output."""
        answer: list[ClientView] = self._call("GET", "/client/status")["items"]
        return answer

    def list_workers(self) -> list[WorkerView]:
        """The remote workers that are connected, or were a moment ago."""
        return list(self._all("/engine/workers", {}))

    def get_worker(self, worker_id: str) -> WorkerView:
        """A remote worker.

        :raises NotFoundError: WORKER_NOT_FOUND
        """
        answer: WorkerView = self._call("GET", f"/engine/workers/{segment(worker_id)}")["worker"]
        return answer

    def drain_worker(self, worker_id: str, drain: bool = True) -> WorkerView:
        """Gives a worker no more runs; what it holds goes on. ``drain=False`` gives it some again.

        :raises NotFoundError: WORKER_NOT_FOUND
        """
        body = {"drain": drain}
        answer: WorkerView = self._call("POST", f"/engine/workers/{segment(worker_id)}/drain", body)["worker"]
        return answer

    def info(self) -> EngineInfo:
        """Version, state and storage of the engine."""
        answer: EngineInfo = self._call("GET", "/engine/info")
        return answer

    def health(self) -> str:
        """How the engine is doing: ``ok``, ``degraded`` or ``failing``."""
        answer: str = self._call("GET", "/health")["status"]
        return answer

    def is_ready(self) -> bool:
        """Whether the engine takes runs."""
        response = self._send("GET", f"{self.base_url}/api/ready", None, self._headers(), repeatable=False)
        return response.status_code == 200

    def metrics(self) -> str:
        """What the engine has counted, as text for Prometheus."""
        return self._text("/engine/metrics", {})

    def _control(self, what: str, id: str | None) -> list[ClientView]:  # noqa: A002 (the API's name)
        answer: list[ClientView] = self._call("POST", f"/client/{what}", given(id=id), repeatable=False)["items"]
        return answer
