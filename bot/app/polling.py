"""Joins what polls feeds and decides about their stories."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.app.feedwatch import find_outage_or_none
from bot.app.parts import page_pool, poll_rules
from bot.fetching import ChatEndpoint, Endpoint, HttpFetcher, PageReader
from bot.matching import Matcher
from bot.model import Catalogue
from bot.pipeline.decide import Desk
from bot.pipeline.outage import Outage
from bot.pipeline.poll import Poller
from bot.pipeline.telling import Teller
from bot.ports import Clock, Parser, Store
from bot.settings import Settings
from bot.stories import OutletNames
from bot.telemetry.observed import (
    NoPollMeter,
    ObservedFetcher,
    ObservedParser,
    ObservedPoller,
    PollMeter,
)

if TYPE_CHECKING:
    from bot.telemetry.metrics import Metrics


async def open_poller(
    stack: AsyncExitStack,
    settings: Settings,
    store: Store,
    catalogue: Catalogue,
    matcher: Matcher,
    *,
    fetcher: HttpFetcher,
    parser: Parser,
    gather: timedelta,
    metrics: Metrics | None,
    clock: Clock,
) -> ObservedPoller:
    """What polls a feed, with all that it asks."""
    meter: PollMeter = metrics or NoPollMeter()
    outlets = OutletNames(catalogue.outlets)
    poller = Poller(
        store=store,
        fetcher=ObservedFetcher(fetcher, meter),
        parser=ObservedParser(parser, meter),
        desk=await _make_desk(settings, matcher, outlets, store),
        teller=await _open_teller(stack, settings, outlets, fetcher, metrics=metrics, clock=clock),
        rules=poll_rules(settings, gather=gather),
        clock=clock,
        outage=Outage(await find_outage_or_none(store)),
        meter=meter,
    )
    stack.callback(poller.close)
    return ObservedPoller(poller, meter, clock=clock)


async def _make_desk(
    settings: Settings, matcher: Matcher, outlets: OutletNames, store: Store
) -> Desk:
    return Desk(
        matcher,
        outlets,
        post_first_poll=settings.poll.post_first_poll,
        restored=await store.load_restored_or_none(),
    )


async def _open_teller(
    stack: AsyncExitStack,
    settings: Settings,
    outlets: OutletNames,
    fetcher: HttpFetcher,
    *,
    metrics: Metrics | None,
    clock: Clock,
) -> Teller:
    """What makes summaries, with as much help from outside as the operator allows."""
    chosen = settings.summaries
    articles = abstracter = None
    if chosen.fetch_articles:
        pool = await stack.enter_async_context(page_pool(settings))
        if metrics is not None:
            metrics.watch_workers("articles", pool)
        reader = PageReader(
            fetcher.exchange,
            extractor=pool,
            clock=clock,
            deadline_s=chosen.article_deadline_s,
        )
        articles = await stack.enter_async_context(reader)
    if chosen.endpoint_url:
        key = chosen.endpoint_key
        endpoint = Endpoint(
            url=chosen.endpoint_url,
            model=chosen.endpoint_model,
            key=key.get_secret_value() if key else "",
            timeout_s=chosen.endpoint_timeout_s,
        )
        chat = ChatEndpoint(endpoint, user_agent=settings.user_agent, clock=clock)
        abstracter = await stack.enter_async_context(chat)
    return Teller(articles, abstracter, outlets)
