"""The operator's own office: the commands of chats, at the console and on the same database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app.parts import close_after, fetch_limits, parser_pool
from bot.catalogue import load_catalogue
from bot.commands.command import Office
from bot.fetching import HttpFetcher, WebFeedFinder
from bot.matching import Matcher
from bot.ports import Clock, Store
from bot.settings import Settings


@asynccontextmanager
async def open_office(settings: Settings, store: Store, *, clock: Clock) -> AsyncIterator[Office]:
    """What commands work with; feeds may be looked for wherever the operator allows.

    Raises:
        CatalogueInvalid: a file of the config folder is wrong.
    """
    catalogue = load_catalogue(settings.config_dir)
    async with (
        HttpFetcher(fetch_limits(settings), clock=clock) as fetcher,
        parser_pool(settings) as parser,
    ):
        yield Office(
            store,
            catalogue,
            Matcher(catalogue),
            finder=WebFeedFinder(fetcher.exchange, parser=parser, links=parser, clock=clock),
            close_after=close_after(settings),
            max_bytes=settings.fetch.max_bytes,
        )
