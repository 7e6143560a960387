"""A library that keeps tables of its own in our database: slack_sdk's, beside our writing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.contract.polls import add_feed, new_entry, outcome

CLIENT = "100.200"


def installation(team: str, number: int = 0) -> Installation:
    return Installation(
        app_id="A1",
        team_id=team,
        team_name=f"Team {team}",
        bot_token=f"xoxb-{team}-{number}",
        bot_id="B1",
        bot_user_id="U1",
        bot_scopes="chat:write,commands",
        user_id="U2",
        installed_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
    )


async def install(engine: AsyncEngine, team: str) -> str | None:
    """Everything that one installation asks of the two stores; the token that is kept."""
    states = AsyncSQLAlchemyOAuthStateStore(600, engine)
    installations = AsyncSQLAlchemyInstallationStore(CLIENT, engine)
    state = await states.async_issue()
    assert await states.async_consume(state)
    for number in range(3):
        await installations.async_save(installation(team, number))
    found = await installations.async_find_installation(enterprise_id=None, team_id=team)
    return found.bot_token if found else None


async def test_installations_and_polls_at_once_wait_for_each_other(store: SqlStore) -> None:
    feed = await add_feed(store)
    teams = [f"T{number}" for number in range(12)]

    async def poll() -> None:
        for number in range(30):
            await store.commit_poll(outcome(feed, new_entry(f"Entry {number}")))
            await store.record_beat(NOW)

    polling = asyncio.create_task(poll())
    tokens = await asyncio.gather(*(install(store.database.guest_engine, team) for team in teams))
    await polling

    assert tokens == [f"xoxb-{team}-2" for team in teams]
    assert (await store.load_counts(NOW)).entries == 30


async def test_a_database_in_memory_takes_guests_too() -> None:
    async with await open_store("sqlite://") as store:
        engine = store.database.guest_engine
        teams = [f"T{number}" for number in range(6)]

        installing = asyncio.gather(*(install(engine, team) for team in teams))
        for number in range(20):
            await store.save_note("name", str(number))

        assert await installing == [f"xoxb-{team}-2" for team in teams]
        assert await store.load_note("name") == "19"


async def test_what_a_guest_removes_is_removed_for_its_workspace_alone(store: SqlStore) -> None:
    engine = store.database.guest_engine
    installations = AsyncSQLAlchemyInstallationStore(CLIENT, engine)
    for team in ("T1", "T2"):
        await install(engine, team)

    await installations.async_delete_all(enterprise_id=None, team_id="T1")

    assert await installations.async_find_bot(enterprise_id=None, team_id="T1") is None
    assert await installations.async_find_installation(enterprise_id=None, team_id="T1") is None
    kept = await installations.async_find_bot(enterprise_id=None, team_id="T2")
    assert kept is not None
    assert kept.bot_token == "xoxb-T2-2"
