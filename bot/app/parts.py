"""Parts made of settings alone: limits, rules, worker processes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.fetching import FetchLimits, parse_allowed
from bot.model import Platform
from bot.pipeline.due import PollRules
from bot.scheduling.workers import QUICK_PAGE_S, ParserPool
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.telemetry.metrics import Metrics


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
        quick_s=QUICK_PAGE_S,
    )


def close_after(settings: Settings) -> timedelta:
    """How long a story stays open after its last report."""
    return timedelta(hours=settings.stories.close_after_h)


def fetch_limits(settings: Settings) -> FetchLimits:
    """How feeds and pages are asked."""
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


def make_metrics_or_none(settings: Settings) -> Metrics | None:
    """What counts, where anybody can collect it: its library takes 1.5 MB."""
    if not settings.status.is_on:
        return None
    from bot.telemetry.metrics import Metrics  # noqa: PLC0415

    return Metrics(platforms=platforms_of(settings))


def platforms_of(settings: Settings) -> tuple[Platform, ...]:
    """Where posts are made; the console only where no platform is connected."""
    chosen = {
        Platform.DISCORD: settings.discord.token is not None,
        Platform.SLACK: settings.slack.is_on,
    }
    return tuple(one for one, is_on in chosen.items() if is_on) or (Platform.CONSOLE,)


def poll_rules(settings: Settings, *, gather: timedelta) -> PollRules:
    """When feeds are asked."""
    poll = settings.poll
    return PollRules(
        default_interval_s=poll.default_interval_s,
        min_interval_s=poll.min_interval_s,
        max_interval_s=poll.max_interval_s,
        unconditional_after_s=poll.unconditional_after_s,
        adaptive=poll.adaptive,
        forget_after=timedelta(days=poll.seen_days),
        close_after=close_after(settings),
        gather=gather,
    )
