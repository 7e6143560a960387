"""Which workspaces an organization lets the app into: Slack lists them to the organization's token.

Whoever wants to know while Slack is asked waits for the same answer, and the answer is kept: one
organization may have hundreds of workspaces, and there may be hundreds beside it.

Source: Slack documentation, auth.teams.list.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from slack_sdk.oauth.installation_store.models.bot import Bot as KeptBot
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SendRefusedForNow
from bot.platforms.slack.failures import retry_after_s
from bot.platforms.slack.kept import Kept

TEAMS_PER_PAGE = 200

KEPT_S = 300.0
"""Seconds that a list is kept; for a workspace that is not in it Slack is asked anew."""

MOST = 1_000
"""Lists that are kept; beyond that the oldest go."""

_Key = tuple[str | None, float]
_Teams = frozenset[str]


class Organizations:
    """Asks Slack for the lists, each once at a time.

    Args:
        start: begins the asking, which whoever waits for it does not break off.
    """

    def __init__(
        self, start: Callable[[Coroutine[Any, Any, _Teams]], asyncio.Task[_Teams]]
    ) -> None:
        self._start = start
        self._lists: Kept[_Teams] = Kept(MOST, KEPT_S, time.monotonic)
        self._asking: dict[_Key, asyncio.Task[_Teams]] = {}
        self._held_until_s: dict[_Key, float] = {}

    async def has(self, kept: KeptBot, workspace: str, client: AsyncWebClient) -> bool:
        """Whether the organization of ``kept`` lets the app into ``workspace``.

        Args:
            client: with its token.

        Raises:
            Exception: the library's or the network's; after a 429 ``SendRefusedForNow``, without
                asking again, until the wait that it named is over.
        """
        key = _key(kept)

        async def ask() -> _Teams:
            return await self._ask(key, client)

        return workspace in await self._lists.find(
            key, ask, is_good=lambda teams: workspace in teams
        )

    def forget(self, kept: KeptBot) -> None:
        """Ask anew the next time."""
        self._lists.forget(_key(kept))

    async def _ask(self, key: _Key, client: AsyncWebClient) -> _Teams:
        left_s = self._held_until_s.get(key, 0.0) - time.monotonic()
        if left_s > 0:
            told = "slack: the list of an organization's workspaces is asked for too often"
            raise SendRefusedForNow(told, retry_after_s=left_s, is_general=True)
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = self._start(_list_teams(client))
            task.add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(task)

    def _end(self, key: _Key, done: asyncio.Task[_Teams]) -> None:
        del self._asking[key]
        self._held_until_s.pop(key, None)
        error = None if done.cancelled() else done.exception()
        wait_s = retry_after_s(error) if error else None
        if wait_s is not None:
            self._held_until_s[key] = time.monotonic() + wait_s


async def _list_teams(client: AsyncWebClient) -> _Teams:
    found: set[str] = set()
    async for page in await client.auth_teams_list(limit=TEAMS_PER_PAGE):
        found.update(str(team.get("id")) for team in page.get("teams") or ())
    return frozenset(found)


def _key(kept: KeptBot) -> _Key:
    """An installation: the next one of the same organization may reach other workspaces."""
    return kept.enterprise_id, kept.installed_at
