"""A client of ``/control``, for tests beside another process and for the command line."""

from __future__ import annotations

import time
from typing import Any

import httpx


class Refused(Exception):
    """The server says that cannot be done."""


class Client:
    """Acts on a server at ``root`` (``http://127.0.0.1:PORT``)."""

    def __init__(self, root: str) -> None:
        self._root = root

    def act(self, action: str, **arguments: Any) -> Any:
        """Run one action of ``control.Controls``; its result.

        Raises:
            Refused: with what the server says.
            OSError: no server there.
        """
        try:
            response = httpx.post(
                f"{self._root}/control/{action}", json=arguments, timeout=60, trust_env=False
            )
        except httpx.TransportError as error:
            raise ConnectionError(f"no server at {self._root}: {error}") from error
        if response.status_code != httpx.codes.OK:
            raise Refused(response.json()["error"])
        return response.json()

    def wait_for_messages(self, channel: str, count: int, *, timeout_s: float) -> list[Any]:
        """The messages of a channel once there are ``count``, or those there after the wait."""
        ends_at = time.monotonic() + timeout_s
        while True:
            found: list[Any] = self.act("messages", channel=channel)
            if len(found) >= count or time.monotonic() > ends_at:
                return found
            time.sleep(0.05)

    def find_button(self, name: str) -> tuple[str, str]:
        """(message id, custom id) of the newest button with this label or custom id.

        Raises:
            Refused: there is none.
        """
        found = self.act("buttons")
        for each in reversed(found):
            if name in {each["label"], each["custom_id"]}:
                return each["message"], each["custom_id"]
        raise Refused(f"no button {name!r}; there are {sorted({b['label'] for b in found})}")
