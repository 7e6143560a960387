"""``newsbot run`` and ``newsbot demo``: the bot at work."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.memory import give_back, share_one_heap
from bot.cli.setup import DatabaseOption, FeedsOption, make_console, read_settings
from bot.cli.stopping import run_until_stopped
from bot.commands.wording import count
from bot.errors import DatabaseAway, InputInvalid

if TYPE_CHECKING:
    from rich.console import Console

    from bot.app import Bot
    from bot.app.sides import Side
    from bot.model import ProcessRole
    from bot.pipeline.report import PollReport
    from bot.settings import Settings

ASK_AGAIN_S = 2.0
"""Between two looks whether a database is there by now."""

log = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command()(run)
    app.command()(demo)


def run(
    context: typer.Context,
    once: Annotated[
        bool,
        typer.Option(
            "--once", metavar="", help="Poll what is due, deliver what is owed, and exit."
        ),
    ] = False,
    now: Annotated[
        bool,
        typer.Option(
            "--now", metavar="", help="Start with a poll of every feed, whatever its rhythm."
        ),
    ] = False,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="Of several processes on one PostgreSQL, what this one does: schedule, poll, "
            "deliver, gateway, web or all (by default what run.roles says). Repeatable.",
        ),
    ] = None,
    feeds: FeedsOption = None,
    database: DatabaseOption = None,
) -> None:
    """Run the bot: poll feeds, flag stories, post to Discord and Slack, or to this console.

    With a token for Discord or Slack it posts where people typed `/alerts subscribe`, and
    answers them; without, it posts to standard output. What happens meanwhile goes to
    standard error. A feed's first poll is history: it is kept for `newsbot recent`, and
    posted is what comes after it.

    Ctrl-C or SIGTERM finishes the work in hand within 10 seconds. Exit code 0, also when
    feeds failed (`newsbot feeds list` has the reasons); 2 if it could not start. A PostgreSQL
    that does not answer yet is waited for, but not with `--once`.
    """
    share_one_heap()
    settings = read_settings(context, database=database, feeds=feeds)
    roles = _read_roles(role) if role else settings.run.parsed_roles
    _refuse_without_polls(roles, "--once" if once else "--now" if now else "")
    if not once:
        _tell_start(settings, roles)  # what follows is loaded in seconds on a slow machine

    begin = partial(_begin, settings, roles, once=once, now=now)
    run_until_stopped(begin if once else partial(_begin_once_there, settings.database.url, begin))


async def _begin(
    settings: Settings,
    roles: frozenset[ProcessRole],
    stop: asyncio.Event,
    *,
    once: bool,
    now: bool,
) -> None:
    from bot.app import open_bot
    from bot.matching import forget_frames

    console = make_console()
    async with open_bot(settings, console=console, roles=roles, is_single_round=once) as bot:
        forget_frames()
        await bot.sync_feeds(at_once=once or now)
        if once or now:
            await poll_once(bot, everything=now, stop=stop)
        if once and not stop.is_set():
            await bot.watch.look()
        if not (once or stop.is_set()):
            await keep_running(bot, stop)


async def _begin_once_there(
    url: str, begin: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event
) -> None:
    """Begin, and where the database at ``url`` is late, as soon as it is there."""
    while not stop.is_set():
        try:
            return await begin(stop)
        except DatabaseAway as error:
            await wait_for_database(url, error, stop)
    return None


async def wait_for_database(url: str, away: DatabaseAway, stop: asyncio.Event) -> None:
    """Until the database answers or ``stop``; told once, with what ``away`` says.

    Raises:
        DatabaseUnusable: it answers that it will not have us.
    """
    from bot.scheduling.clock import wait
    from bot.store import current_revision

    log.warning("%s; newsbot begins when it answers", away)
    while not await wait(stop, ASK_AGAIN_S):
        with suppress(DatabaseAway):
            await current_revision(url)
            log.warning("the database answers")
            return


def _read_roles(words: list[str]) -> frozenset[ProcessRole]:
    from bot.settings import parse_roles

    try:
        return parse_roles(part for word in words for part in word.split(","))
    except ValueError as error:
        raise InputInvalid(f"--role: {error}") from None


def _refuse_without_polls(roles: frozenset[ProcessRole], option: str) -> None:
    from bot.model import ProcessRole

    if option and ProcessRole.POLL not in roles:
        raise InputInvalid(
            f"{option} polls feeds, which a process does not that has only the roles (--role, "
            f"run.roles) {', '.join(sorted(roles))}: leave out {option}, or add the role poll"
        )


def demo() -> None:
    """Show the whole pipeline at work in a few seconds: offline, no account, no settings.

    A server on this machine plays eight invented outlets on 8 and 9 January 2018; the
    bot polls them three times. A story grows from one outlet to four, then turns: one
    message, edited once, and one reply.
    """
    from bot.demo import play_demo

    run_until_stopped(lambda stop: play_demo(make_console(), stop))


async def keep_running(bot: Bot, stop: asyncio.Event) -> None:
    """Poll and post until ``stop``; say on standard error what is going on."""
    from bot.model import ProcessRole
    from bot.telemetry.health import LoopMonitor

    feeds = len(await bot.store.find_feeds())
    work = tell_work(bot.roles, feeds, [side.name for side in bot.sides])
    typer.echo(f"newsbot: {work}; Ctrl-C stops", err=True)
    if bot.page:
        what = "the status page is" if ProcessRole.WEB in bot.roles else "probes are answered"
        typer.echo(f"newsbot: {what} at {bot.page}", err=True)
    doing = "posting to" if ProcessRole.DELIVER in bot.roles else "answering in"
    introducing = [asyncio.create_task(_introduce(side, doing)) for side in bot.sides]
    give_back()
    try:
        async with LoopMonitor() as monitor:
            if bot.metrics is not None:
                bot.metrics.watch(monitor)
            await bot.run(stop)
    finally:
        for task in introducing:
            task.cancel()
    typer.echo(
        f"newsbot: stopped; latest start of a poll {bot.engine.worst_lateness_s:.2f} s after "
        f"it was due, longest stall {monitor.worst_ms:.0f} ms",
        err=True,
    )


def tell_work(roles: frozenset[ProcessRole], feeds: int, platforms: Sequence[str]) -> str:
    """What a process with these roles begins to do.

    Whether a platform lets it in is not known yet: each is introduced once it is.

    Args:
        feeds: how many are polled by all processes.
        platforms: that are set up and that this process needs.
    """
    from bot.model import ProcessRole

    told = []
    if ProcessRole.POLL in roles:
        told.append(f"watching {count(feeds, 'feed')}")
    elif ProcessRole.SCHEDULE in roles:
        told.append(f"giving out the polls of {count(feeds, 'feed')}")
    if platforms:
        told.append(f"connecting to {' and '.join(platforms)}")
    elif ProcessRole.DELIVER in roles:
        told.append("posting to the console")
    return ", ".join(told) or "at work"


def _tell_start(settings: Settings, roles: frozenset[ProcessRole]) -> None:
    from bot import __version__
    from bot.model import ALL_ROLES
    from bot.store import describe_url, parse_url

    where = describe_url(parse_url(settings.database.url))
    what = "all roles" if roles == ALL_ROLES else f"roles {', '.join(sorted(roles))}"
    typer.echo(f"newsbot {__version__} starts: database {where}, {what}", err=True)


async def _introduce(side: Side, doing: str) -> None:
    """Say as whom it posts, once the platform has said so; a defect stops nothing."""
    try:
        said = await side.introduce(doing)
    except Exception:
        log.exception("%s could not be asked for its name", side.name)
        return
    typer.echo(f"newsbot: {said}", err=True)


async def poll_once(bot: Bot, *, everything: bool, stop: asyncio.Event) -> tuple[PollReport, ...]:
    """One round with progress on standard error: a bar on a terminal, plain lines elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    with _bar(console) if console.is_terminal else nullcontext(_lines()) as told:
        reports = await bot.rounds.run_once(everything=everything, stop=stop, told=told)
    typer.echo(f"newsbot: {_sum_up(reports, is_stopped=stop.is_set())}", err=True)
    return reports


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[PollReport, int], None]]:
    """Progress on a terminal; what draws it takes 2 MB, which a service need not load."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("polling"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
    ) as progress:
        bar = progress.add_task("polling", total=None)
        done = 0

        def told(_: PollReport, total: int) -> None:
            nonlocal done
            done += 1
            progress.update(bar, total=total, completed=done)
            if done == total:
                progress.stop()  # posts come next

        yield told


def _lines() -> Callable[[PollReport, int], None]:
    """Progress elsewhere: a line for each tenth."""
    done = 0

    def told(_: PollReport, total: int) -> None:
        nonlocal done
        done += 1
        if total >= 20 and done % max(1, total // 10) == 0:
            typer.echo(f"newsbot: polled {done} of {total} feeds", err=True)

    return told


def _sum_up(reports: tuple[PollReport, ...], *, is_stopped: bool) -> str:
    if not reports:
        if is_stopped:
            return "stopped before a poll was finished"
        return "no feed is due; --now polls them all"
    results = Counter(report.result.value for report in reports)
    new = sum(report.new for report in reports)
    edited = sum(report.edited for report in reports)
    flagged = sum(report.flagged for report in reports)
    failed = results["failed"]
    return (
        ("stopped; " if is_stopped else "")
        + f"{count(len(reports), 'feed')} polled, {results['unchanged']} unchanged, "
        f"{failed} failed; {count(new, 'new entry', 'new entries')}, {edited} edited, "
        f"{flagged} flagged" + ("; `newsbot feeds list` says why feeds failed" if failed else "")
    )
