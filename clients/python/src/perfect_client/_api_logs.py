"""The part of ``PerfectAPIClient`` about logs and live events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from ._api_transport import ApiTransport, given, segment
from ._logging import level_of
from ._views import ClientLogView, LogView, Page, RunEvent


class LogRoutes(ApiTransport):
    """Logs of runs and of client processes, and what happens live."""

    def get_logs(
        self,
        run_id: str,
        after: int | None = None,
        level: str | None = None,
        limit: int = 200,
        *,
        before: int | None = None,
        task: str | None = None,
        text: str | None = None,
    ) -> Page[LogView]:
        """A page of the log of a run, oldest first.

        :param after: ``seq`` of the last line that is known.
        :param level: this level and those above: ``debug``, ``info``, ``warn``, ``error``.
        :param limit: Range: 1..1000. Default: 200.
        :param before: only lines with a smaller ``seq``: the last ones of them.
        :param task: key of the task that wrote the lines.
        :param text: only lines that contain it.
        :raises NotFoundError: RUN_NOT_FOUND
        """
        query = given(after=after, before=before, level=level, limit=limit, task=task, q=text)
        return self._page(f"/engine/runs/{segment(run_id)}/logs", query)

    def iter_logs(self, run_id: str, level: str | None = None, *, task: str | None = None) -> Iterator[LogView]:
        """All lines of the log of a run, oldest first."""
        page = self.get_logs(run_id, level=level, task=task, limit=1000)
        while page.items:
            yield from page.items
            if page.next_cursor is None:
                return
            page = self.get_logs(run_id, page.items[-1]["seq"], level, task=task, limit=1000)

    def download_logs(
        self,
        run_id: str,
        format: Literal["text", "ndjson"] = "text",  # noqa: A002 (the API's name)
        *,
        level: str | None = None,
    ) -> str:
        """The whole log of a run as one text: for people, or a JSON object a line.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        return self._text(f"/engine/runs/{segment(run_id)}/logs/download", given(format=format, level=level))

    def send_log(self, run_id: str, text: str | Sequence[str], level: int | str = "info") -> None:
        """Adds a line, or several, to the log of a run. ``level`` is a name or a number of ``logging``.

        :raises NotFoundError: RUN_NOT_FOUND
        """
        texts = [text] if isinstance(text, str) else list(text)
        lines = [{"message": line, "level": level_of(level)} for line in texts]
        self._post(f"/engine/runs/{segment(run_id)}/logs", {"lines": lines})

    def get_client_logs(
        self,
        id: str,  # noqa: A002 (the API's name)
        after: int | None = None,
        limit: int = 200,
        *,
        stream: Literal["stdout", "stderr", "system"] | None = None,
        text: str | None = None,
    ) -> Page[ClientLogView]:
        """A page of what a client process has written, oldest first.

        :param after: ``seq`` of the last line that is known.
        :param limit: Range: 1..1000. Default: 200.
        :param stream: only this one. ``system`` is what the engine says of the process.
        :param text: only lines that contain it.
        :raises NotFoundError: CLIENT_NOT_FOUND
        """
        query = given(after=after, limit=limit, stream=stream, q=text)
        return self._page(f"/client/{segment(id)}/logs", query)

    def download_client_logs(self, id: str, format: Literal["text", "ndjson"] = "text") -> str:  # noqa: A002
        """All that is kept of what a client process has written, as one text.

        :raises NotFoundError: CLIENT_NOT_FOUND
        """
        return self._text(f"/client/{segment(id)}/logs/download", {"format": format})

    def stream_events(self, topics: Sequence[str] = (), last_event_id: str | None = None) -> Iterator[RunEvent]:
        """Yields events as they happen, for ever; connects again, after the last one, when the connection breaks.

        :param topics: ``runs``, ``flows``, ``clients``, ``workers``, ``schedules``, ``run:<id>``, ``logs:<id>``.
            Default: all.
        :param last_event_id: only events after this one.
        """
        from ._event_stream import read_events

        return read_events(self.base_url, self._headers, topics, last_event_id)
