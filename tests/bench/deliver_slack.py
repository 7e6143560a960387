"""How near to Slack's limits we post, and how soon a fresh story comes while a backlog drains.

    python -m tests.bench.deliver_slack --deliveries 4000 --channels 500 --workspaces 8 --fresh 120

As deliver.py, for several workspaces: the loopback Slack, its limits on, is a process of its own;
store, drain, sender and the real slack_sdk are in this one. What could be is the workspaces'
``slack.max_posts_per_min`` together. Without arguments it takes about a minute.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Destination, Platform
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.pacer import Pacer
from bot.platforms.slack.sender import SlackSender
from bot.platforms.slack.workspaces import Bot, OneWorkspace, open_workspace
from bot.settings import SlackSettings
from bot.store import open_store
from tests.bench._delivering import Served, drain_all, run, tell
from tests.crash.publishing import now
from tests.servers.slack import SlackServer

FRESH_CHANNELS = 5
"""Of each workspace."""


@dataclass(frozen=True)
class Several:
    """Several workspaces, each with a token of its own."""

    by_id: dict[str, OneWorkspace]

    @property
    def is_up(self) -> bool:
        """Whether they are connected."""
        return all(one.is_up for one in self.by_id.values())

    async def find_client(self, workspace: str) -> AsyncWebClient:
        """The client of one."""
        return await self.by_id[workspace].find_client(workspace)

    async def find_bot(self, workspace: str) -> Bot:
        """The bot in one."""
        return await self.by_id[workspace].find_bot(workspace)

    async def check_token(self, workspace: str, client: AsyncWebClient) -> AsyncWebClient:
        """Whether the token of one is taken."""
        return await self.by_id[workspace].check_token(workspace, client)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--deliveries", type=int, default=600, help="of the backlog")
    options.add_argument("--channels", type=int, default=200)
    options.add_argument("--workspaces", type=int, default=4)
    options.add_argument("--fresh", type=int, default=30, help="stories, one a second")
    options.add_argument("--rate", type=int, default=240, help="slack.max_posts_per_min")
    chosen = options.parse_args()
    run(_serve, _measure, chosen, chosen.channels, chosen.workspaces)


def _serve(pipe: Connection, channels: int, workspaces: int) -> None:
    async def serve() -> None:
        async with SlackServer() as server:
            teams = [server.team]
            teams += [server.add_team(f"Team {n}") for n in range(1, workspaces)]
            fresh = [
                server.add_channel(f"fresh-{n}", team=team)
                for n in range(FRESH_CHANNELS)
                for team in teams
            ]
            others = [
                server.add_channel(f"news-{n}", team=teams[n % len(teams)]) for n in range(channels)
            ]
            places = tuple((one.team_id, one.id) for one in (*fresh, *others))
            tokens = tuple((team.id, team.bot_token) for team in teams)
            pipe.send(Served(server.api_base, tokens, places))
            while await asyncio.to_thread(pipe.recv) == "tell":
                pipe.send(_describe(server))

    asyncio.run(serve())


def _describe(server: SlackServer) -> Served:
    posts = [one for one in server.asked if one.method == "chat.postMessage"]
    return Served(
        posts=tuple(
            (one.args["metadata"]["event_payload"]["delivery"], one.at)
            for one in posts
            if one.status == 200
        ),
        statuses=tuple(Counter(str(one.status) for one in server.asked).items()),
        overruns=tuple(server.limiter.overruns.items()),
    )


async def _measure(server: Connection, folder: Path, chosen: argparse.Namespace) -> None:
    at: Served = server.recv()
    places = [Destination(Platform.SLACK, *ids) for ids in at.places]
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            await open_store(f"sqlite:///{folder}/bench.sqlite3")
        )
        opened = {}
        for team, token in at.tokens:
            settings = SlackSettings(
                bot_token=SecretStr(token),
                app_token=SecretStr("xapp-1-unused"),
                api_base=at.api_base,
            )
            opened[team] = await stack.enter_async_context(open_workspace(settings))
            await opened[team].wait_until_settled()
        fresh = FRESH_CHANNELS * chosen.workspaces
        figures = await drain_all(
            store,
            SlackSender(Calls(Several(opened), Pacer(chosen.rate)), clock=now),
            backlog=places[fresh:],
            deliveries=chosen.deliveries,
            fresh=places[:fresh],
            count=chosen.fresh,
        )
    server.send("tell")
    tell(server.recv(), figures, rate=chosen.workspaces * chosen.rate / 60)


if __name__ == "__main__":
    main()
