"""Joins what operators look at to the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.commands.command import Office
from bot.ports import Clock
from bot.prose.addresses import is_loopback
from bot.settings import Settings
from bot.web.access import Keys
from bot.web.entrance import Entrance
from bot.web.overview import Overview
from bot.web.probes import Probes, make_routes
from bot.web.site import House, Route, make_site, open_site, say_error
from bot.web.status import StatusPages
from bot.web.syndication import Syndication


@asynccontextmanager
async def open_status(
    settings: Settings, office: Office, probes: Probes, *, has_pages: bool, clock: Clock
) -> AsyncIterator[str]:
    """The status page, as long as the block lasts; gives the address that people open.

    Args:
        probes: what machines ask.
        has_pages: else that is all there is, and the address is the one that machines ask.

    Raises:
        SettingsInvalid: nothing can listen at ``status.listen``.
    """
    chosen = settings.status
    token = chosen.token.get_secret_value() if chosen.token else ""
    house = House(Keys(clock, token), chosen.public_url, is_open=not is_loopback(chosen.host))
    routes = make_routes(probes, house.keys)
    if has_pages:
        overview = Overview(office, house, probes, clock=clock)
        server = make_status(house, office, (*routes, *overview.routes()), clock=clock)
    else:
        server = make_site(house, routes, draw_error=say_error)
    async with open_site(server, listen=chosen.listen) as address:
        yield (has_pages and chosen.public_url) or address


def make_status(
    house: House, office: Office, routes: Iterable[Route] = (), *, clock: Clock
) -> web.Application:
    """The server of all there is to look at.

    Args:
        routes: what can be asked for there besides the pages.
    """
    entrance = Entrance(house)
    pages = StatusPages(office, house, clock=clock)
    feeds = Syndication(office, house, clock=clock)
    every = (*entrance.routes(), *pages.routes(), *feeds.routes(), *routes)
    return make_site(house, every, draw_error=entrance.draw_error)
