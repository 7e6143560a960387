"""The store's contract: who changed what. Every test runs on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import insert

from bot.model import AuditRecord, Destination, Platform
from bot.store import SqlStore
from bot.store.outbox_rows import destination_values
from bot.store.schema import audit
from tests.builders import NOW

THREAD = Destination(Platform.SLACK, "T1", "C1", "1700000000.000100")
SUBSCRIBED = AuditRecord(NOW, THREAD, "U1", "/alerts subscribe scope:pair events:\N{WASTEBASKET}")
MINUTE = timedelta(minutes=1)


async def test_a_record_comes_back_as_it_was_added(store: SqlStore) -> None:
    await store.add_audit(SUBSCRIBED)

    assert await store.find_audit(Platform.SLACK, "T1", limit=9) == (SUBSCRIBED,)


async def test_the_newest_come_first_and_of_one_moment_the_last(store: SqlStore) -> None:
    paused = AuditRecord(NOW + MINUTE, Destination(Platform.SLACK, "T1", "C2"), "", "/alerts pause")
    resumed = replace(paused, said="/alerts resume")
    for record in (paused, resumed, SUBSCRIBED):
        await store.add_audit(record)

    assert await store.find_audit(Platform.SLACK, "T1", limit=9) == (resumed, paused, SUBSCRIBED)
    assert await store.find_audit(Platform.SLACK, "T1", limit=1) == (resumed,)


async def test_a_workspace_sees_its_own_records_alone(store: SqlStore) -> None:
    elsewhere = replace(SUBSCRIBED, place=Destination(Platform.SLACK, "T2", "C1"))
    other_platform = replace(SUBSCRIBED, place=Destination(Platform.DISCORD, "T1", "C1"))
    for record in (SUBSCRIBED, elsewhere, other_platform):
        await store.add_audit(record)

    assert await store.find_audit(Platform.SLACK, "T1", limit=9) == (SUBSCRIBED,)
    assert await store.find_audit(Platform.SLACK, "T2", limit=9) == (elsewhere,)
    assert await store.find_audit(Platform.DISCORD, "T1", limit=9) == (other_platform,)
    assert await store.find_audit(Platform.CONSOLE, "", limit=9) == ()


async def test_of_each_workspace_the_latest_thousand_are_kept(store: SqlStore) -> None:
    quiet = replace(SUBSCRIBED, place=Destination(Platform.SLACK, "T2", "C1"))
    await store.add_audit(quiet)
    row = {**destination_values(THREAD), "said_by": "U1"}
    rows = [{**row, "at": NOW + number * MINUTE, "said": str(number)} for number in range(1000)]
    async with store.database.writing() as connection:
        await connection.execute(insert(audit), rows)

    for number in (1000, 1001, 1002):
        await store.add_audit(replace(SUBSCRIBED, at=NOW + number * MINUTE, said=str(number)))

    kept = await store.find_audit(Platform.SLACK, "T1", limit=2000)
    assert [record.said for record in kept] == [str(number) for number in range(1002, 2, -1)]
    assert await store.find_audit(Platform.SLACK, "T2", limit=9) == (quiet,)


async def test_what_no_database_can_hold_is_kept_readable(store: SqlStore) -> None:
    await store.add_audit(replace(SUBSCRIBED, said="/watch add \0 \ud800"))

    (kept,) = await store.find_audit(Platform.SLACK, "T1", limit=9)
    assert kept.said == "/watch add \N{REPLACEMENT CHARACTER} ?"
