"""Joins everything: the one place that knows every room."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from filelock import FileLock, Timeout
from rich.console import Console

from bot.catalogue import load_catalogue, load_feed_list
from bot.commands.views import view_stories
from bot.delivery.drain import Drain
from bot.delivery.retry import RetryRules
from bot.errors import DatabaseUnusable, FeedError
from bot.fetching import (
    ChatEndpoint,
    Endpoint,
    FetchLimits,
    HttpFetcher,
    PageReader,
    parse_allowed,
)
from bot.matching import Matcher, Watchers
from bot.model import (
    CONSOLE,
    Catalogue,
    Destination,
    Feed,
    FeedOrigin,
    FeedSpec,
    Message,
    Scope,
    Story,
    Subscription,
)
from bot.pipeline.decide import Desk
from bot.pipeline.due import PollRules
from bot.pipeline.poll import Poller
from bot.pipeline.telling import Teller
from bot.platforms.console import ConsoleSender
from bot.ports import Clock, Sender, Store, StoryStore
from bot.scheduling.clock import utc_now
from bot.scheduling.jobs import Rounds
from bot.scheduling.workers import ParserPool
from bot.settings import Settings
from bot.store import check_place, open_store, parse_url, sqlite_path_or_none
from bot.stories import TERM_RULE, OutletNames
from bot.summaries import make_message

FIRST_POLLS_APART_S = 0.1
"""New feeds of a running bot are first polled so far apart, not all in one second."""


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that is ready to run.

    Attributes:
        rounds: polls and delivers.
        feeds: the configured feeds, in order.
    """

    settings: Settings
    catalogue: Catalogue
    store: Store
    rounds: Rounds
    clock: Clock
    feeds: tuple[FeedSpec, ...]

    async def sync_feeds(self, *, at_once: bool) -> None:
        """Make the store poll the configured feeds; new ones at once, or one by one."""
        spread_s = 0.0 if at_once else FIRST_POLLS_APART_S * len(self.feeds)
        await self.store.sync_feeds(
            self.feeds, now=self.clock(), spread=timedelta(seconds=spread_s)
        )


@asynccontextmanager
async def open_bot(
    settings: Settings, *, console: Console, clock: Clock = utc_now, is_single_round: bool = False
) -> AsyncIterator[Bot]:
    """Everything that polls and posts; closed in the reverse order of opening.

    Args:
        is_single_round: it polls once and ends, so that no edit can wait for more reports;
            the posts of a round are made at its end in any case.

    Raises:
        OperatorError: settings, catalogue, feed list or database are unusable, or the
            database failed while the bot was at work.
    """
    gather = timedelta(seconds=0 if is_single_round else settings.deliver.gather_s)
    catalogue = load_catalogue(settings.config_dir)
    feeds = load_feed_list(settings.feeds_path, companies=catalogue.companies.values())
    async with AsyncExitStack() as stack:
        stack.enter_context(sole_process(settings.database.url))
        store = await stack.enter_async_context(await open_store(settings.database.url))
        stack.enter_context(store.database.explained(is_opening=False))
        if sqlite_path_or_none(parse_url(settings.database.url)) is not None:
            await store.release_leases()
        await store.subscribe(Subscription(CONSOLE, Scope.ANY), now=clock())
        fetcher = await stack.enter_async_context(HttpFetcher(_fetch_limits(settings), clock=clock))
        parser = await stack.enter_async_context(parser_pool(settings))
        poller = Poller(
            store=store,
            fetcher=fetcher,
            parser=parser,
            desk=_make_desk(settings, catalogue),
            teller=await _open_teller(stack, settings, catalogue, fetcher, clock=clock),
            rules=_poll_rules(settings, gather=gather),
            clock=clock,
        )
        await store.index_stories(since=clock() - _close_after(settings), rule=TERM_RULE)
        rounds = Rounds(
            store=store,
            poller=poller,
            drain=_make_drain(
                settings, store, catalogue, ConsoleSender(console), clock=clock, gather=gather
            ),
            clock=clock,
            concurrency=settings.fetch.concurrency,
            forget_after=timedelta(days=settings.poll.seen_days),
            close_after=_close_after(settings),
        )
        yield Bot(settings, catalogue, store, rounds, clock, feeds)


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


def _close_after(settings: Settings) -> timedelta:
    return timedelta(hours=settings.stories.close_after_h)


def _make_desk(settings: Settings, catalogue: Catalogue) -> Desk:
    return Desk(
        Matcher(catalogue),
        OutletNames(catalogue.outlets),
        post_first_poll=settings.poll.post_first_poll,
    )


class Mirror:
    """Shows stories to each workspace with the companies it knows, under their names."""

    def __init__(self, store: StoryStore, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self._watchers = Watchers(catalogue)
        self._named = catalogue
        self._revision = 0

    async def view(self, story: Story, destination: Destination) -> Story:
        """``story`` as the people of ``destination`` may see it, by what they watch now."""
        revision = await self._store.watches_revision()
        if revision != self._revision:
            self._watchers = Watchers(self._catalogue, await self._store.find_watches())
            self._named = self._watchers.catalogue
            self._revision = revision
        place = (destination.platform, destination.workspace)
        (seen,) = await view_stories(self._store, self._watchers, [story], *place)
        return seen

    def render(self, story: Story) -> Message:
        """The message of a story that was viewed."""
        return make_message(story, self._named)


def _make_drain(
    settings: Settings,
    store: Store,
    catalogue: Catalogue,
    *senders: Sender,
    clock: Clock,
    gather: timedelta,
) -> Drain:
    mirror = Mirror(store, catalogue)
    return Drain(
        store=store,
        senders=senders,
        render=mirror.render,
        view=mirror.view,
        clock=clock,
        rules=RetryRules(max_attempts=settings.deliver.max_attempts),
        lease=timedelta(seconds=settings.deliver.lease_s),
        gather=gather,
    )


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What one fetch of a feed found: its entries, or in ``error`` why there are none."""

    url: str
    entries: int
    seconds: float
    error: str = ""


async def check_feeds(
    settings: Settings, specs: Sequence[FeedSpec], *, told: Callable[[FeedCheck], None]
) -> None:
    """Fetch and read every one of ``specs``, storing nothing; ``told`` as answers come in."""
    places = asyncio.Semaphore(settings.fetch.concurrency)
    async with (
        HttpFetcher(_fetch_limits(settings), clock=utc_now) as fetcher,
        parser_pool(settings) as parser,
    ):

        async def check(spec: FeedSpec) -> None:
            async with places:
                started = time.monotonic()
                entries, error = 0, ""
                try:
                    fetched = await fetcher.fetch(_unpolled(spec), conditional=False)
                    entries = len((await parser.parse(fetched)).entries)
                except FeedError as failure:
                    error = str(failure)
                told(FeedCheck(spec.url, entries, time.monotonic() - started, error))

        async with asyncio.TaskGroup() as group:
            for spec in specs:
                group.create_task(check(spec))


def _unpolled(spec: FeedSpec) -> Feed:
    return Feed(id=0, spec=spec, origin=FeedOrigin.ADDED, next_due_at=utc_now())


def parser_pool(settings: Settings) -> ParserPool:
    """Worker processes for reading documents, with the operator's limits."""
    return ParserPool(
        workers=settings.parse.workers,
        timeout_s=settings.parse.timeout_s,
        max_memory_bytes=settings.parse.max_memory_mb * 2**20,
    )


def page_pool(settings: Settings) -> ParserPool:
    """A worker process for articles alone: feeds never wait for a page.

    A page that takes longer than its post waits is given up.
    """
    parse_s, wait_s = settings.parse.timeout_s, settings.summaries.article_deadline_s
    return ParserPool(
        timeout_s=min(parse_s, wait_s),
        timeout_setting=(
            "parse.timeout_s" if parse_s <= wait_s else "summaries.article_deadline_s"
        ),
        max_memory_bytes=settings.parse.max_memory_mb * 2**20,
        is_for_pages=True,
    )


@contextmanager
def sole_process(url: str) -> Iterator[None]:
    """Hold a SQLite database for one bot: a second would poll and post everything twice.

    PostgreSQL serves several processes and is not locked.

    Raises:
        DatabaseUnusable: another bot holds it, or there is no place for its lock.
    """
    parsed = parse_url(url)
    path = sqlite_path_or_none(parsed)
    if path is None:
        yield
        return
    check_place(parsed)  # before the lock, which would make the folders that are missing
    try:
        held = FileLock(f"{path}.lock").acquire(timeout=0)
    except Timeout:
        raise DatabaseUnusable(
            f"{path}: another newsbot is running on this database; stop it first, "
            "or name another with --database"
        ) from None
    except OSError as error:
        raise DatabaseUnusable(
            f"{path}.lock: {error.strerror or error}; newsbot must be able to write beside "
            "its database"
        ) from None
    with held:
        yield


def _fetch_limits(settings: Settings) -> FetchLimits:
    fetch = settings.fetch
    return FetchLimits(
        deadline_s=fetch.deadline_s,
        max_bytes=fetch.max_bytes,
        max_redirects=fetch.max_redirects,
        per_host_concurrency=fetch.per_host_concurrency,
        per_host_spacing_s=fetch.per_host_spacing_s,
        user_agent=settings.user_agent,
        allow=tuple(parse_allowed(text) for text in fetch.allow_addresses),
    )


def _poll_rules(settings: Settings, *, gather: timedelta) -> PollRules:
    poll = settings.poll
    return PollRules(
        default_interval_s=poll.default_interval_s,
        min_interval_s=poll.min_interval_s,
        max_interval_s=poll.max_interval_s,
        unconditional_after_s=poll.unconditional_after_s,
        close_after=_close_after(settings),
        gather=gather,
    )
