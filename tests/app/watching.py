"""A store with feeds whose state a test decides, and who is told of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.app.discord import open_discord
from bot.app.feedwatch import FeedWatch
from bot.app.sides import Side
from bot.app.slack import open_slack
from bot.commands.answer import Answer
from bot.commands.command import Office
from bot.errors import Trouble
from bot.model import Feed, FeedOrigin, FeedSpec, Platform, Subscription
from bot.ports import PollOutcome
from bot.settings import Settings
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import CATALOGUE, MATCHER, say
from tests.platforms.discord.stage import settings_for as discord_settings
from tests.platforms.slack.stage import settings_for as slack_settings
from tests.servers.discord import DiscordServer, redirected
from tests.servers.slack import SlackServer

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class Posting:
    """A sender that is only known by its platform."""

    platform: Platform
    is_up: bool = True

    async def send(self, *_: Any, **__: Any) -> str:
        raise AssertionError("nothing is posted here")


@dataclass
class Hearing:
    """A side that keeps what it tells, or raises what it is given.

    Attributes:
        told: whom, and what.
        before: called before it hears anything.
    """

    sender: Posting
    told: list[tuple[str, str, str]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    before: Callable[[], Awaitable[None]] | None = None
    name: str = "a side"

    @property
    def is_heard(self) -> bool:
        return True

    async def tell(self, workspace: str, person: str, said: Answer) -> None:
        if self.before:
            await self.before()
        if self.errors:
            raise self.errors.pop()
        self.told.append((workspace, person, say(said)))

    async def notice(self, subscription: Subscription) -> None:
        raise AssertionError

    async def run(self) -> None:
        raise AssertionError

    def call_when_done(self, wake: Callable[[], None]) -> None:
        raise AssertionError

    async def wait_until_settled(self) -> None:
        raise AssertionError

    async def introduce(self, doing: str = "posting to") -> str:
        raise AssertionError


@dataclass
class Ward:
    """Feeds, a clock that is set by hand, and a watch over them."""

    store: SqlStore
    sides: tuple[Side, ...] = ()
    now: datetime = NOW
    printed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = self.make_watch()

    def make_watch(self) -> FeedWatch:
        """One more, as of another process or after a restart."""
        return FeedWatch(self.store, self.sides, self._print, clock=lambda: self.now)

    async def _print(self, said: Answer) -> None:
        self.printed.append(say(said))

    async def add(
        self, url: str, *, by: str = "discord/g1", person: str = "u1", title: str = ""
    ) -> Feed:
        """A feed that somebody added a week ago, and that was read an hour ago."""
        feed, _ = await self.store.add_feed(
            FeedSpec(url, title),
            origin=FeedOrigin.ADDED,
            now=self.now - 7 * DAY,
            added_by=by,
            added_person=person,
        )
        answered = {"polled_at": self.now - HOUR, "answered_at": self.now - HOUR}
        return await self.set(feed, changed_at=self.now - HOUR, first_poll_done=True, **answered)

    async def set(self, feed: Feed, **changes: Any) -> Feed:
        """The state that a poll leaves."""
        changed = replace(feed, **changes)
        await self.store.commit_poll(PollOutcome(changed, self.now))
        return changed

    async def fail(
        self, feed: Feed, trouble: Trouble = Trouble.MISSING, *, since: timedelta = DAY
    ) -> Feed:
        """It failed nine times in a row, the last a moment ago."""
        return await self.set(
            feed,
            failures=9,
            trouble=trouble,
            error=f"{feed.url}: answered 404 Not Found; asked again later",
            failing_since=self.now - since,
            polled_at=self.now,
        )

    async def mend(self, feed: Feed) -> Feed:
        """It answered a moment ago, with something new."""
        return await self.set(
            feed,
            failures=0,
            trouble=Trouble.NONE,
            error="",
            failing_since=None,
            polled_at=self.now,
            answered_at=self.now,
            changed_at=self.now,
        )

    async def look(self, *, after: timedelta = timedelta(minutes=5), times: int = 1) -> None:
        """Let time pass and look, so many times."""
        for _ in range(times):
            self.now += after
            await self.watch.look()


@asynccontextmanager
async def open_ward(*sides: Side) -> AsyncIterator[Ward]:
    """An empty store in memory, and whoever is told."""
    async with await open_store("sqlite://") as store:
        yield Ward(store, sides)


@dataclass
class Person:
    """Somebody on a server of ours who adds feeds.

    Attributes:
        read: what is in the direct conversation with the bot, a text for each message.
    """

    ward: Ward
    by: str
    id: str
    read: Callable[[], list[str]]


@asynccontextmanager
async def open_discord_person() -> AsyncIterator[Person]:
    """The bot logged in at a Discord server on loopback."""
    async with (
        DiscordServer() as server,
        await open_store("sqlite://") as store,
    ):
        with redirected(server):
            office = Office(store, CATALOGUE, MATCHER)
            settings = Settings(discord=discord_settings(server))
            async with open_discord(settings, office, clock=lambda: NOW) as side:
                await side.wait_until_settled()
                user, guild = server.person, server.channel.guild_id
                yield Person(
                    Ward(store, (side,)),
                    f"discord/{guild}",
                    str(user.id),
                    lambda: [post.text for post in server.direct_channel(user).posts],
                )


@asynccontextmanager
async def open_slack_person() -> AsyncIterator[Person]:
    """The bot installed in a Slack workspace on loopback."""
    async with (
        SlackServer(is_limited=False) as server,
        await open_store("sqlite://") as store,
    ):
        office = Office(store, CATALOGUE, MATCHER)
        settings = Settings(slack=slack_settings(server))
        engine = store.database.guest_engine
        async with open_slack(settings, office, engine=engine, clock=lambda: NOW) as side:
            await side.wait_until_settled()
            user = server.person
            yield Person(
                Ward(store, (side,)),
                f"slack/{user.team_id}",
                user.id,
                lambda: [str(post.body["blocks"]) for post in server.direct_channel(user).posts],
            )
        assert not server.complaints
