"""What ``newsbot doctor`` says of several processes on one PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.cli.findings import Finding, Verdict
from bot.errors import DatabaseUnusable
from bot.model import Process, ProcessRole
from bot.ports import Clock, Store
from bot.scheduling.clock import utc_now
from bot.settings import DiscordSettings, Settings
from bot.store import conninfo_of

if TYPE_CHECKING:
    from bot.scheduling.cluster.schema import JobTables

OFF_AT_MOST = timedelta(seconds=5)
"""Between this machine's clock and the database's; posts are late or early by as much."""

SERVERS_A_SHARD = 2_500
"""Source: Discord documentation, "Gateway", Sharding."""

_MISSED = {
    ProcessRole.SCHEDULE: "nobody gives out work, so polls end soon",
    ProcessRole.POLL: "no feed is polled",
    ProcessRole.DELIVER: "nothing is posted",
    ProcessRole.GATEWAY: "nobody who writes to the bot is answered",
    ProcessRole.WEB: "what hubs push is not taken",
}


async def look_at_processes(
    settings: Settings, store: Store, *, clock: Clock = utc_now
) -> list[Finding]:
    """Who is at work, which roles nobody has, and whether jobs get done and clocks agree."""
    from bot.scheduling.cluster.backlog import load_backlog, load_clock
    from bot.scheduling.cluster.presence import AT_WORK_WITHIN
    from bot.scheduling.cluster.schema import load_job_tables

    conninfo = conninfo_of(settings.database.url)
    try:
        tables = await load_job_tables(conninfo)
        if tables.is_foreign or not tables.is_ready:
            return [_tables_finding(tables)]
        found = await store.find_processes(clock(), within=AT_WORK_WITHIN)
        backlog = await load_backlog(conninfo)
        before, theirs, after = clock(), await load_clock(conninfo), clock()
    except DatabaseUnusable as error:
        return [Finding(Verdict.WRONG, "jobs", str(error))]
    waiting = sum(backlog.waiting.values())
    text = f"{waiting} waiting, {sum(backlog.under_way.values())} under way"
    findings = [Finding(Verdict.FINE, "jobs", text)]
    if backlog.stalled:
        text = (
            f"{backlog.stalled} were in hand of processes that died; who leads gives them to "
            "others within half a minute, so if this stays look whether role schedule runs"
        )
        findings.append(Finding(Verdict.NOTE, "jobs", text))
    if found:
        findings += _roles(settings, found)
    return [*findings, *_compare_clocks(before - theirs, after - theirs)]


def _compare_clocks(least: timedelta, most: timedelta) -> list[Finding]:
    """By how much this machine's clock is ahead of the database's, between these two."""
    if least <= OFF_AT_MOST and most >= -OFF_AT_MOST:
        return []
    way, off = ("ahead of", least) if least > timedelta() else ("behind", -most)
    text = (
        f"this machine's clock is {off.total_seconds():.0f} seconds {way} that of the database; "
        "set both (NTP): a process posts as much too early or late, and leases end so"
    )
    return [Finding(Verdict.WRONG, "clock", text)]


def look_at_shards(chosen: DiscordSettings, servers: int | None) -> list[Finding]:
    """Which connections to Discord a process with these settings has, and if they are enough.

    Nothing where the number is left to Discord.

    Args:
        servers: that invited the bot; None where Discord does not say.
    """
    if not chosen.shard_count:
        return []
    text = f"{chosen.shards or 'all'} of {chosen.shard_count} with these settings"
    found = [Finding(Verdict.FINE, "discord.shards", text)]
    if (needed := -(-(servers or 0) // SERVERS_A_SHARD)) > chosen.shard_count:
        text = (
            f"the bot is in {servers} servers, and Discord refuses connections of more than "
            f"{SERVERS_A_SHARD} each: have at least {needed}, the same in all processes"
        )
        found.append(Finding(Verdict.WRONG, "discord.shard_count", text))
    return found


def _tables_finding(tables: JobTables) -> Finding:
    if tables.is_foreign:
        text = (
            "tables of Procrastinate are there that newsbot did not make; give newsbot a "
            "database, or a schema, of its own (database.url)"
        )
        return Finding(Verdict.WRONG, "jobs", text)
    if not tables.at:
        return Finding(Verdict.NOTE, "jobs", "no tables for them yet; `newsbot run` makes them")
    text = f"their tables are at {tables.at} and not at {tables.wanted}: run newsbot db upgrade"
    return Finding(Verdict.WRONG, "jobs", text)


def _roles(settings: Settings, found: Collection[Process]) -> list[Finding]:
    findings = [
        Finding(
            Verdict.FINE,
            "process",
            f"{one.name} has the roles {', '.join(sorted(one.roles))}"
            if one.roles
            else f"{one.name} starts or stops",
        )
        for one in found
    ]
    if not any(one.roles for one in found):
        return findings
    needed = [ProcessRole.SCHEDULE, ProcessRole.POLL, ProcessRole.DELIVER]
    if settings.connected:
        needed.append(ProcessRole.GATEWAY)
    if settings.web.is_on:
        needed.append(ProcessRole.WEB)
    held = frozenset().union(*(one.roles for one in found))
    return findings + [
        Finding(
            Verdict.WRONG,
            "roles",
            f"no process has the role {role}: {_MISSED[role]}; "
            f"start one with newsbot run --role {role}",
        )
        for role in needed
        if role not in held
    ]
