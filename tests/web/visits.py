"""What tests of the status page share: the page over a real store, visited by HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.app.status import make_status
from bot.catalogue import load_catalogue
from bot.commands.command import Office
from bot.matching import Matcher
from bot.model import Catalogue, Platform
from bot.store import SqlStore
from bot.web.access import Keys
from bot.web.overview import Overview
from bot.web.probes import Probes
from bot.web.readiness import Check, Limits, Vitals, check_all, check_loop
from bot.web.site import House, open_site
from tests.builders import NOW

CONFIG = Path(__file__).resolve().parents[2] / "config"


@cache
def catalogue() -> Catalogue:
    """The one that is shipped."""
    return load_catalogue(CONFIG)


@cache
def matcher() -> Matcher:
    """For all of it."""
    return Matcher(catalogue())


def make_probes(store: SqlStore, *, now: datetime) -> Probes:
    """What is measured of a bot that does nothing but keep ``store``."""
    limits = Limits(late_s=60, late_share=0.5, backlog_s=600, gateway_s=60, disk_free_bytes=0)

    async def check_work() -> tuple[Check, ...]:
        gauges = await store.load_gauges(now, late_after=timedelta(minutes=1))
        return check_all(Vitals(gauges, posts_to=tuple(Platform)), limits)

    async def expose(accept: str) -> tuple[bytes, str]:
        return b"", accept

    return Probes(lambda: check_loop(0.0), check_work, expose)


@asynccontextmanager
async def open_page(
    store: SqlStore,
    *,
    token: str = "",
    public_url: str = "",
    now: datetime = NOW,
    known: Catalogue | None = None,
) -> AsyncIterator[str]:
    """The status page on loopback; gives its address."""
    office = Office(store, known or catalogue(), matcher())
    house = House(Keys(lambda: now, token), public_url)
    overview = Overview(office, house, make_probes(store, now=now), clock=lambda: now)
    server = make_status(house, office, overview.routes(), clock=lambda: now)
    async with open_site(server, listen="127.0.0.1:0") as address:
        yield address


@asynccontextmanager
async def visit(
    store: SqlStore, *, token: str = "", public_url: str = "", now: datetime = NOW
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a browser that asks for HTML."""
    async with (
        open_page(store, token=token, public_url=public_url, now=now) as address,
        httpx.AsyncClient(
            base_url=address, trust_env=False, headers={"Accept": "text/html"}
        ) as client,
    ):
        yield client


def find(page: LexborHTMLParser | LexborNode, query: str) -> LexborNode:
    """The first of what ``query`` selects, which must be there."""
    found = page.css_first(query)
    assert found is not None, query
    return found
