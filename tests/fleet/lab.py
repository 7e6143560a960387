"""A whole installation on loopback: PostgreSQL, a farm of feeds, chats, processes of the bot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg import sql

from bot.model import FeedSpec, Subscription
from bot.store import conninfo_of, open_store
from tests.fleet.chats import ChatsHandle, open_chats
from tests.fleet.members import Fleet
from tests.servers.farm import FarmHandle, open_farm
from tests.servers.postgres import PostgresServer, running_postgres

LOOK_S = 0.25


@dataclass
class Lab:
    """What there is; processes are made by ``make_fleet``.

    Attributes:
        url: of the database, as ``database.url`` has it.
        interval_s: between two polls of a feed.
    """

    folder: Path
    postgres: PostgresServer
    url: str
    farm: FarmHandle
    chats: ChatsHandle
    env: dict[str, str]
    interval_s: float

    @property
    def conninfo(self) -> str:
        """The database, as libpq takes it."""
        return conninfo_of(self.url)

    def make_fleet(self, roles: Mapping[str, int], *, seed: int = 7) -> Fleet:
        """Processes, not yet started."""
        return Fleet(self.folder, self.env, roles, seed=seed)

    async def prepare(self) -> None:
        """Have a database in which all feeds are due and all channels subscribed."""
        now = datetime.now(UTC)
        async with await open_store(self.url) as store:
            specs = [FeedSpec(url) for url in self.farm.urls]
            await store.sync_feeds(specs, now=now, spread=timedelta(0))
            for place in self.chats.places:
                await store.subscribe(Subscription(place), now=now)

    async def ask(self, question: str, *args: Any) -> Any:
        """The first value of the first row; None while the database is away."""

        def look() -> Any:
            try:
                with psycopg.connect(self.conninfo, connect_timeout=5) as connection:
                    row = connection.execute(question.encode(), args).fetchone()
                    return row and row[0]
            except psycopg.OperationalError:
                return None

        return await asyncio.to_thread(look)

    async def change(self, statement: str, *args: Any) -> None:
        """Write by hand."""

        def write() -> None:
            with psycopg.connect(self.conninfo) as connection:
                connection.execute(statement.encode(), args)

        await asyncio.to_thread(write)


@asynccontextmanager
async def open_lab(
    *,
    feeds: int,
    discord: int,
    slack: int,
    interval_s: float,
    is_limited: bool = True,
    env: Mapping[str, str] | None = None,
    postgres: PostgresServer | None = None,
    logs: Path | None = None,
) -> AsyncIterator[Lab]:
    """Everything but the bot.

    Args:
        feeds: how many; ``discord`` and ``slack``: how many channels there.
        interval_s: between two polls of a feed.
        env: settings besides ours.
        postgres: one that runs; else one is started.
        logs: a folder for what the processes write; else it is gone at the end.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="newsbot-fleet-")))
        server = postgres or stack.enter_context(running_postgres())
        name = sql.Identifier("fleet")
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        farm = stack.enter_context(open_farm(feeds))
        chats = stack.enter_context(open_chats(discord=discord, slack=slack, is_limited=is_limited))
        (folder / "feeds.txt").write_text("\n".join(farm.urls))
        settings = {
            "NEWSBOT_DATABASE_URL": server.url("fleet"),
            "NEWSBOT_CATALOGUE_FEEDS": str(folder / "feeds.txt"),
            "NEWSBOT_FETCH_ALLOW_ADDRESSES": "127.0.0.0/8",
            "NEWSBOT_POLL_ADAPTIVE": "false",
            "NEWSBOT_POLL_MIN_INTERVAL_S": f"{interval_s:g}",
            "NEWSBOT_POLL_DEFAULT_INTERVAL_S": f"{interval_s:g}",
            **chats.env,
            **(env or {}),
        }
        kept = logs or folder
        kept.mkdir(parents=True, exist_ok=True)
        lab = Lab(kept, server, server.url("fleet"), farm, chats, settings, interval_s)
        await lab.prepare()
        try:
            yield lab
        finally:
            if postgres:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


async def wait_until(
    is_so: Callable[[], Awaitable[bool]], *, patience_s: float, every_s: float = LOOK_S
) -> float | None:
    """Seconds until it was so; None where it was not within ``patience_s``."""
    began = time.monotonic()
    while not await is_so():
        if time.monotonic() - began > patience_s:
            return None
        await asyncio.sleep(every_s)
    return time.monotonic() - began
