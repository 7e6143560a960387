"""Loopback Discord and Slack in a process of their own, and what was posted there."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from bot.model import Destination, Platform
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer


@dataclass(frozen=True)
class Post:
    """A message as it stands in a channel at the end.

    Attributes:
        place: the channel.
        at: when it came, in seconds since 1970.
        text: all that it says.
        edits: how often it was changed.
    """

    place: Destination
    at: float
    text: str
    edits: int


@dataclass(frozen=True)
class Seen:
    """What both servers saw.

    Attributes:
        posts: in each channel in their order.
        answers: by platform and status; 0 where the connection was cut.
        overruns: answers 429, by platform and what was limited.
    """

    posts: tuple[Post, ...]
    answers: Counter[str]
    overruns: Counter[str]


@dataclass
class ChatsHandle:
    """The servers, from the side of who started them.

    Attributes:
        env: what connects a bot with them.
        places: their channels.
    """

    env: dict[str, str]
    places: tuple[Destination, ...]
    pipe: Connection
    pid: int
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> Seen:
        """What there is by now."""
        async with self._turn:
            self.pipe.send("look")
            seen: Seen = await asyncio.to_thread(self.pipe.recv)
            return seen

    async def count(self) -> int:
        """How many posts there are by now."""
        async with self._turn:
            self.pipe.send("count")
            found: int = await asyncio.to_thread(self.pipe.recv)
            return found


@contextmanager
def open_chats(*, discord: int, slack: int, is_limited: bool = True) -> Iterator[ChatsHandle]:
    """Servers with so many channels; stopped at the end.

    Args:
        is_limited: whether they refuse what comes faster than Discord and Slack let it.
    """
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(
        target=_serve, args=(there, discord, slack, is_limited), daemon=True
    )
    process.start()
    try:
        env, places = here.recv()
        yield ChatsHandle(env, places, here, process.pid or 0)
    finally:
        here.send("stop")
        process.join(10)


def _serve(pipe: Connection, discord: int, slack: int, is_limited: bool) -> None:
    asyncio.run(_serve_until_stopped(pipe, discord, slack, is_limited=is_limited))


async def _serve_until_stopped(
    pipe: Connection, discord: int, slack: int, *, is_limited: bool
) -> None:
    one = DiscordServer(is_checked=False, is_limited=is_limited)
    one.limiter.is_sliding = True
    other = SlackServer(is_limited=is_limited)
    places = [_add_discord(one, f"news-{number}") for number in range(discord)]
    places += [_add_slack(other, f"news-{number}") for number in range(slack)]
    async with one, other:
        pipe.send((_make_env(one if discord else None, other if slack else None), tuple(places)))
        while (what := await asyncio.to_thread(pipe.recv)) != "stop":
            pipe.send(_look(one, other) if what == "look" else _count(one, other))


def _add_discord(server: DiscordServer, name: str) -> Destination:
    made = server.add_channel(server.guild, name)
    return Destination(Platform.DISCORD, str(made.guild_id), str(made.id))


def _add_slack(server: SlackServer, name: str) -> Destination:
    made = server.add_channel(name, team=server.team)
    return Destination(Platform.SLACK, made.team_id, made.id)


def _make_env(discord: DiscordServer | None, slack: SlackServer | None) -> dict[str, str]:
    env: dict[str, str] = {}
    if discord:
        env |= {
            "NEWSBOT_DISCORD_TOKEN": discord.token,
            "NEWSBOT_DISCORD_API_BASE": discord.api_base,
            "NEWSBOT_DISCORD_GATEWAY_URL": discord.gateway_url,
        }
    if slack:
        env |= {
            "NEWSBOT_SLACK_BOT_TOKEN": slack.bot_token,
            "NEWSBOT_SLACK_APP_TOKEN": slack.app_token,
            "NEWSBOT_SLACK_API_BASE": slack.api_base,
        }
    return env


def _look(discord: DiscordServer, slack: SlackServer) -> Seen:
    answers: Counter[str] = Counter()
    asked: list[Any] = [*discord.asked]
    answers.update(f"discord {one.status}" for one in asked)
    answers.update(f"slack {one.status}{' ' * bool(one.error)}{one.error}" for one in slack.asked)
    overruns: Counter[str] = Counter()
    for name, server in (("discord", discord), ("slack", slack)):
        found: Counter[str] = server.limiter.overruns
        overruns.update({f"{name} {what}": count for what, count in found.items()})
    return Seen(tuple(_find_posts(discord, slack)), answers, overruns)


def _find_posts(discord: DiscordServer, slack: SlackServer) -> Iterator[Post]:
    for channel in discord.channels.values():
        place = Destination(Platform.DISCORD, str(channel.guild_id), str(channel.id))
        for post in channel.posts:
            yield Post(place, post.created_at, post.text, len(post.versions))
    for room in slack.team.channels.values():
        place = Destination(Platform.SLACK, room.team_id, room.id)
        for said in room.posts:
            text = f"{said.text} {json.dumps(said.blocks, ensure_ascii=False)}"
            yield Post(place, float(said.ts), text, len(said.versions) - 1)


def _count(discord: DiscordServer, slack: SlackServer) -> int:
    return sum(len(one.messages) for one in discord.channels.values()) + sum(
        len(one.messages) for one in slack.team.channels.values()
    )
