"""Opens a bot: store, fetcher, workers, senders, and what people talk to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from rich.console import Console

from bot.app.feedwatch import LOOK_EVERY_S, FeedWatch, find_outage_or_none
from bot.app.lock import sole_process
from bot.app.mirror import Mirror
from bot.app.parts import close_after, fetch_limits, page_pool, parser_pool, poll_rules
from bot.app.sides import Side, talk, tell_of_parked, wait_until_settled
from bot.catalogue import load_catalogue, load_feed_list
from bot.commands.command import Office
from bot.delivery.drain import Drain
from bot.delivery.retry import RetryRules
from bot.fetching import ChatEndpoint, Endpoint, HttpFetcher, PageReader, WebFeedFinder
from bot.matching import Matcher
from bot.model import CONSOLE, Catalogue, FeedSpec, Scope, Subscription
from bot.pipeline.decide import Desk
from bot.pipeline.hubs import HubDesk
from bot.pipeline.outage import Outage
from bot.pipeline.poll import Poller
from bot.pipeline.telling import Teller
from bot.platforms.console import ConsoleSender
from bot.ports import Clock, Store
from bot.scheduling.clock import utc_now
from bot.scheduling.jobs import Chore, Rounds
from bot.scheduling.life import note_stop
from bot.settings import Settings
from bot.store import SqlStore, open_store, parse_url, sqlite_path_or_none
from bot.stories import TERM_RULE, OutletNames

FIRST_POLLS_APART_S = 0.1
"""New feeds of a running bot are first polled so far apart, not all in one second."""

LOG_IN_S = 20.0
"""A single round waits so long for the platforms' log-ins; what it then cannot post waits for
the next round."""


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is ready to run.

    Attributes:
        rounds: polls and delivers.
        watch: tells people of feeds that broke; ``rounds`` does it too while it runs.
        feeds: the configured feeds, in order.
        sides: the platforms that are connected.
    """

    settings: Settings
    catalogue: Catalogue
    store: Store
    rounds: Rounds
    watch: FeedWatch
    clock: Clock
    feeds: tuple[FeedSpec, ...]
    sides: tuple[Side, ...] = ()

    async def sync_feeds(self, *, at_once: bool) -> None:
        """Make the store poll the configured feeds; new ones at once, or one by one."""
        spread_s = 0.0 if at_once else FIRST_POLLS_APART_S * len(self.feeds)
        await self.store.sync_feeds(
            self.feeds, now=self.clock(), spread=timedelta(seconds=spread_s)
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Poll, post and answer people until ``stop``, then finish the work in hand.

        What goes wrong with the answering stops neither the polls nor the posts.
        """
        talking = asyncio.create_task(talk(self.sides, stop), name="talk")
        try:
            await self.rounds.run(stop)
        finally:
            if not stop.is_set():  # else it ends by itself, once answers under way have arrived
                talking.cancel()
            await asyncio.wait({talking})
        await note_stop(self.store, self.clock())


@asynccontextmanager
async def open_bot(
    settings: Settings, *, console: Console, clock: Clock = utc_now, is_single_round: bool = False
) -> AsyncIterator[Bot]:
    """Everything that polls and posts; closed in the reverse order of opening.

    Args:
        console: gets the posts where no platform is connected.
        is_single_round: it polls once and ends, so that no edit can wait for more reports, and
            nobody talks to it; the posts of a round are made at its end in any case.

    Raises:
        OperatorError: settings, catalogue, feed list or database are unusable, or the
            database failed while the bot was at work.
    """
    gather = timedelta(seconds=0 if is_single_round else settings.deliver.gather_s)
    catalogue = load_catalogue(settings.config_dir)
    feeds = load_feed_list(settings.feeds_path, companies=catalogue.companies.values())
    async with AsyncExitStack() as stack:
        stack.enter_context(sole_process(settings.database.url))
        store = await _open_store(stack, settings)
        fetcher = await stack.enter_async_context(HttpFetcher(fetch_limits(settings), clock=clock))
        parser = await stack.enter_async_context(parser_pool(settings))
        parser.start_soon()  # while the matcher is made
        matcher = Matcher(catalogue)
        poller = Poller(
            store=store,
            fetcher=fetcher,
            parser=parser,
            desk=_make_desk(settings, catalogue, matcher),
            teller=await _open_teller(stack, settings, catalogue, fetcher, clock=clock),
            rules=poll_rules(settings, gather=gather),
            clock=clock,
            outage=Outage(await find_outage_or_none(store)),
        )
        await store.index_stories(since=clock() - close_after(settings), rule=TERM_RULE)
        # Of people in a chat nobody may lead us to the operator's own machines.
        finder = WebFeedFinder(fetcher.strangers, parser=parser, links=parser, clock=clock)
        office = Office(store, catalogue, matcher, finder=finder, close_after=close_after(settings))
        sides = await _open_sides(stack, settings, office, store, clock=clock)
        paper = ConsoleSender(console)
        drain = await _make_drain(
            settings, store, catalogue, paper, sides, clock=clock, gather=gather
        )
        watch = FeedWatch(store, sides, partial(paper.tell, clock=clock), clock=clock)
        chores = [(watch.look, LOOK_EVERY_S)]
        hubs = None
        if settings.web.is_on and not is_single_round:
            hubs, every_s = await _open_hubs(stack, settings, store, fetcher, poller, clock=clock)
            chores.append((hubs.tend, every_s))
        rounds = _make_rounds(settings, store, poller, drain, chores, clock=clock)
        for side in sides:
            side.call_when_done(rounds.wake)
        if hubs is not None:
            hubs.call_when_done(rounds.wake)
        if is_single_round:
            await wait_until_settled(sides, at_most_s=LOG_IN_S)
        yield Bot(settings, catalogue, store, rounds, watch, clock, feeds, sides)


async def _open_hubs(
    stack: AsyncExitStack,
    settings: Settings,
    store: SqlStore,
    fetcher: HttpFetcher,
    poller: Poller,
    *,
    clock: Clock,
) -> tuple[HubDesk, float]:
    """The desk that hubs push to, and every how many seconds it is tended.

    The library of its door is loaded only where one is wanted.
    """
    from bot.app.hubs import TEND_EVERY_S, open_hubs  # noqa: PLC0415

    opened = open_hubs(settings, store, fetcher, poller, clock=clock)
    return await stack.enter_async_context(opened), TEND_EVERY_S


async def _open_store(stack: AsyncExitStack, settings: Settings) -> SqlStore:
    url = settings.database.url
    store = await stack.enter_async_context(await open_store(url))
    stack.enter_context(store.database.explained(is_opening=False))
    if sqlite_path_or_none(parse_url(url)) is not None:
        await store.release_leases()
    return store


def _make_desk(settings: Settings, catalogue: Catalogue, matcher: Matcher) -> Desk:
    return Desk(
        matcher, OutletNames(catalogue.outlets), post_first_poll=settings.poll.post_first_poll
    )


async def _open_teller(
    stack: AsyncExitStack,
    settings: Settings,
    catalogue: Catalogue,
    fetcher: HttpFetcher,
    *,
    clock: Clock,
) -> Teller:
    """What makes summaries, with as much help from outside as the operator allows."""
    chosen = settings.summaries
    articles = abstracter = None
    if chosen.fetch_articles:
        reader = PageReader(
            fetcher.exchange,
            extractor=await stack.enter_async_context(page_pool(settings)),
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
    return Teller(articles, abstracter, OutletNames(catalogue.outlets))


async def _open_sides(
    stack: AsyncExitStack, settings: Settings, office: Office, store: SqlStore, *, clock: Clock
) -> tuple[Side, ...]:
    """The platforms that have a token; their libraries take 0.3 s each, of nobody else's time."""
    sides: list[Side] = []
    if settings.discord.token is not None:
        from bot.app.discord import open_discord  # noqa: PLC0415

        sides.append(await stack.enter_async_context(open_discord(settings, office, clock=clock)))
    if settings.slack.is_on:
        from bot.app.slack import open_slack  # noqa: PLC0415

        engine = store.database.guest_engine
        opened = open_slack(settings, office, engine=engine, clock=clock)
        sides.append(await stack.enter_async_context(opened))
    return tuple(sides)


async def _make_drain(
    settings: Settings,
    store: Store,
    catalogue: Catalogue,
    paper: ConsoleSender,
    sides: tuple[Side, ...],
    *,
    clock: Clock,
    gather: timedelta,
) -> Drain:
    """The drain; the console gets posts only where no platform is connected."""
    if sides:
        await store.unsubscribe(CONSOLE)
    elif await store.find_subscription_or_none(CONSOLE) is None:
        await store.subscribe(Subscription(CONSOLE, Scope.ANY), now=clock())
    mirror = Mirror(store, catalogue)
    return Drain(
        store=store,
        senders=[side.sender for side in sides] or [paper],
        render=mirror.render,
        view=mirror.view,
        clock=clock,
        rules=RetryRules(max_attempts=settings.deliver.max_attempts),
        lease=timedelta(seconds=settings.deliver.lease_s),
        gather=gather,
        on_parked=partial(tell_of_parked, sides),
    )


def _make_rounds(
    settings: Settings,
    store: Store,
    poller: Poller,
    drain: Drain,
    chores: Sequence[Chore],
    *,
    clock: Clock,
) -> Rounds:
    return Rounds(
        store=store,
        poller=poller,
        drain=drain,
        clock=clock,
        concurrency=settings.fetch.concurrency,
        forget_after=timedelta(days=settings.poll.seen_days),
        close_after=close_after(settings),
        chores=chores,
    )
