"""What ``newsbot doctor`` looks at."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from bot.cli.findings import Finding, Verdict
from bot.cli.reach import look_at_platforms
from bot.cli.setup import is_database_there, open_database, read_catalogue, read_feed_list
from bot.cli.surroundings import look_around
from bot.cli.together import look_at_processes, look_at_shards
from bot.commands.troubles import tell_failures, tell_trouble
from bot.commands.wording import count
from bot.errors import NewsbotError, OperatorError, SendError, SettingsInvalid
from bot.model import Catalogue, DeliveryState, FeedSpec
from bot.model.condition import is_silent
from bot.ports import Store
from bot.scheduling.clock import utc_now
from bot.scheduling.life import Life, load_life
from bot.settings import Settings, SlackSettings, sift_settings
from bot.store import describe_url, parse_url, sqlite_path_or_none
from bot.telemetry.masking import Masker


async def find_life(settings: Settings) -> Life:
    """What the bot on this database last said of itself; nothing where there is no database."""
    try:
        if not await is_database_there(settings):
            return Life()
        async with open_database(settings) as store:
            return await load_life(store)
    except OperatorError:
        return Life()


def tell_life(life: Life, *, now: datetime) -> str:
    """Say "running" or "not running", and when it last said anything."""
    state = "running" if life.is_running(now) else "not running"
    return "; ".join(filter(None, (state, life.tell_last_sign(now))))


async def examine(
    config_dir: Path | None, *, database: str | None = None, feeds: Path | None = None
) -> list[Finding]:
    """Everything that can be looked at; what is wrong in one place does not hide the next."""
    try:
        settings, problems = sift_settings(
            config_dir=config_dir, environ=os.environ, database_url=database, feeds=feeds
        )
    except OperatorError as error:
        return [Finding(Verdict.WRONG, "settings", str(error))]
    findings = [Finding(Verdict.WRONG, "settings", line) for line in problems]
    findings.append(_sources(settings, has_problems=bool(problems)))
    findings += [Finding(Verdict.NOTE, "settings", text) for text in settings.warnings]
    findings += _catalogue(settings)
    findings += [finding async for finding in _database(settings)]
    life = await find_life(settings)
    findings += look_around(settings, os.environ, is_running=life.is_running(utc_now()))
    findings += await look_at_platforms(settings)
    findings += await _tokens(settings)
    if settings.summaries.endpoint_url:
        findings.append(_endpoint(settings))
    if settings.web.is_on:
        text = f"hubs push to {settings.web.public_url}/websub/…, taken at {settings.web.listen}"
        findings.append(Finding(Verdict.FINE, "web", text))
    findings.append(_contact(settings))
    return findings


def _sources(settings: Settings, *, has_problems: bool) -> Finding:
    """Where the settings come from."""
    path = settings.settings_path
    if has_problems:
        text = "what follows is looked at as if the settings named above were not set"
        return Finding(Verdict.NOTE, "settings", text)
    if path.is_file():
        return Finding(Verdict.FINE, "settings", f"read from {path} and the environment")
    text = f"defaults and the environment; {path} would be read, but is not there"
    return Finding(Verdict.FINE, "settings", text)


def _catalogue(settings: Settings) -> list[Finding]:
    try:
        catalogue = read_catalogue(settings)
    except NewsbotError as error:
        return [Finding(Verdict.WRONG, "catalogue", line) for line in str(error).splitlines()]
    found = [
        Finding(
            Verdict.FINE,
            "catalogue",
            f"{len(catalogue.companies)} companies, {len(catalogue.outlets)} outlets",
        )
    ]
    return [*found, *_feed_list(settings, catalogue)]


def _feed_list(settings: Settings, catalogue: Catalogue) -> list[Finding]:
    try:
        specs = read_feed_list(settings, catalogue)
    except NewsbotError as error:
        way = "" if settings.feeds_path.is_file() else "; catalogue.feeds or --feeds names it"
        return [Finding(Verdict.WRONG, "feed list", f"{error}{way}")]
    told = f"{count(len(specs), 'feed')} in {settings.feeds_path}"
    return [Finding(Verdict.FINE, "feed list", told), *_refused(settings, specs)]


def _refused(settings: Settings, specs: Iterable[FeedSpec]) -> Iterator[Finding]:
    """The feeds of the list that will not be asked, in one line; names are not looked up."""
    from bot.app.parts import fetch_limits
    from bot.fetching import foresee_refusal

    allow = fetch_limits(settings).allow
    refusals = list(filter(None, (foresee_refusal(spec.url, allow=allow) for spec in specs)))
    if refusals:
        more = f"; and {len(refusals) - 1} more like it" if len(refusals) > 1 else ""
        text = (
            f"{refusals[0]}; it will not be asked{more}. fetch.allow_addresses opens addresses "
            "of your own network"
        )
        yield Finding(Verdict.NOTE, "feed list", text)


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    where = describe_url(parse_url(settings.database.url))
    try:
        if not await is_database_there(settings):
            yield Finding(Verdict.NOTE, "database", f"{where}: none yet; `newsbot run` makes it")
            return
        async with open_database(settings) as store:
            yield Finding(Verdict.FINE, "database", where)
            for finding in await _at_work(store, Masker(settings.secret_values())):
                yield finding
            if sqlite_path_or_none(parse_url(settings.database.url)) is None:
                for finding in await look_at_processes(settings, store):
                    yield finding
    except NewsbotError as error:
        yield Finding(Verdict.WRONG, "database", str(error))


async def _at_work(store: Store, masker: Masker) -> list[Finding]:
    now = utc_now()
    life = await load_life(store)
    counts = await store.load_counts(now)
    feeds = await store.find_feeds()
    failing = [feed for feed in feeds if feed.failures]
    silent = [feed for feed in feeds if is_silent(feed)]
    running, told = life.is_running(now), tell_life(life, now=now)
    found = [
        Finding(
            Verdict.FINE if running else Verdict.NOTE,
            "bot",
            told if running else f"{told}; `newsbot run` starts it",
        ),
        Finding(
            Verdict.NOTE if failing or silent else Verdict.FINE,
            "feeds",
            f"{counts.feeds} polled, {len(failing)} failing, {len(silent)} silent",
        ),
    ]
    found += [
        Finding(
            Verdict.NOTE,
            "feed",
            f"#{feed.id} {masker.mask(feed.url)}: {tell_trouble(feed)}; "
            f"failed {tell_failures(feed.failures)}",
        )
        for feed in failing
    ]
    found += [
        Finding(
            Verdict.NOTE,
            "subscription",
            f"{one.destination.key} is parked: {one.parked} (/alerts list there shows the channel)",
        )
        for one in await store.find_subscriptions()
        if one.parked
    ]
    failed = counts.deliveries.get(DeliveryState.FAILED, 0)
    if failed:
        found.append(
            Finding(Verdict.NOTE, "deliveries", f"{failed} were given up; the log says why")
        )
    return found


async def _tokens(settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    if settings.discord.token is not None:
        found += await _discord(settings)
    if settings.slack.is_on:
        found += await _slack(settings.slack)
    if not found:
        text = "none set for Discord or Slack: the bot posts to the console"
        found.append(Finding(Verdict.FINE, "tokens", text))
    return found


async def _discord(settings: Settings) -> list[Finding]:
    """What Discord says of the token; it is asked, and nothing is changed there."""
    from bot.platforms.discord.access import check_access

    try:
        access = await check_access(settings.discord)
    except SettingsInvalid as error:
        return [Finding(Verdict.WRONG, "discord.token", str(error))]
    except SendError as error:
        return [Finding(Verdict.WRONG, "discord", str(error))]
    found = [Finding(Verdict.FINE, "discord", f"{access.name}, servers: {access.servers}")]
    found += look_at_shards(settings.discord, access.servers)
    if access.servers == 0:
        text = f"nobody has invited the bot yet; this address does: {access.invite}"
        found.append(Finding(Verdict.NOTE, "discord", text))
    if access.endpoint:
        text = (
            f"commands are sent to {access.endpoint} and never arrive here; empty "
            "“Interactions Endpoint URL” on https://discord.com/developers/applications"
        )
        found.append(Finding(Verdict.WRONG, "discord", text))
    return found


async def _slack(slack: SlackSettings) -> list[Finding]:
    """What Slack says of the tokens, and by which way it reaches the bot."""
    found = await _slack_bot(slack) if slack.bot_token is not None else []
    if slack.mode == "socket":
        return [*found, await _slack_socket(slack)]
    return [*found, *_slack_door(slack)]


async def _slack_bot(slack: SlackSettings) -> list[Finding]:
    from bot.platforms.slack.access import APPS, check_access

    try:
        access = await check_access(slack)
    except SettingsInvalid as error:
        return [Finding(Verdict.WRONG, "slack.bot_token", str(error))]
    except SendError as error:
        return [Finding(Verdict.WRONG, "slack", str(error))]
    found = [Finding(Verdict.FINE, "slack", f"in the workspace {access.workspace}, {access.url}")]
    if access.missing:
        scopes = "; ".join(f"{scope} ({why})" for scope, why in access.missing.items())
        text = (
            f"the app lacks {scopes}. Paste what `newsbot slack manifest` prints under App "
            f"Manifest on {APPS}, then install the app again"
        )
        found.append(Finding(Verdict.WRONG, "slack scopes", text))
    if access.spare:
        text = f"the app has no use for {', '.join(access.spare)}; you may take that from it"
        found.append(Finding(Verdict.NOTE, "slack scopes", text))
    return found


async def _slack_socket(slack: SlackSettings) -> Finding:
    from bot.platforms.slack.access import check_socket

    try:
        await check_socket(slack)
    except SettingsInvalid as error:
        return Finding(Verdict.WRONG, "slack.app_token", str(error))
    except SendError as error:
        return Finding(Verdict.WRONG, "slack", str(error))
    return Finding(Verdict.FINE, "slack.app_token", "Slack takes it")


def _slack_door(slack: SlackSettings) -> list[Finding]:
    """The way of HTTP requests; nobody is asked, as only Slack can tell."""
    from bot.platforms.slack.access import find_door_problem
    from bot.platforms.slack.doors import EVENTS_PATH, INSTALL_PATH

    if problem := find_door_problem(slack.public_url):
        return [Finding(Verdict.WRONG, "slack.public_url", problem)]
    base = slack.public_url or "the https address of a proxy before that"
    text = f"requests are taken at {slack.listen}; Slack sends them to {base}{EVENTS_PATH}"
    if slack.public_url:
        text += f", as `newsbot slack manifest --http {slack.public_url}` tells it"
    found = [Finding(Verdict.FINE, "slack", text)]
    if slack.bot_token is None:
        text = f"workspaces install the app at {slack.public_url}{INSTALL_PATH}"
        found.append(Finding(Verdict.FINE, "slack", text))
    return found


def _endpoint(settings: Settings) -> Finding:
    """Who else is asked for summaries; nothing is sent to find out."""
    summaries = settings.summaries
    asked = f"{summaries.endpoint_model} at {summaries.endpoint_url} gets the text of what is news"
    is_remote = summaries.endpoint_url.startswith("https:")
    if is_remote and summaries.endpoint_key is None:
        return Finding(
            Verdict.NOTE,
            "summaries",
            f"{asked}, but summaries.endpoint_key is not set; most want one",
        )
    return Finding(Verdict.FINE, "summaries", asked)


def _contact(settings: Settings) -> Finding:
    if settings.fetch.contact_url:
        return Finding(Verdict.FINE, "contact", f"publishers see {settings.user_agent}")
    return Finding(
        Verdict.NOTE,
        "contact",
        "fetch.contact_url is not set: name a page or mailto: that a feed's owner can reach "
        "you by, or some will block the bot instead",
    )
