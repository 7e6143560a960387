"""Commands are told to Discord when they have changed, and only then."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import pytest
from sqlalchemy.exc import DBAPIError

from bot.commands.command import Command
from bot.platforms.discord.client import Crew, NewsClient
from bot.platforms.discord.sync import sync_if_changed, sync_until_done
from bot.platforms.discord.translate import TableTranslator
from bot.store import SqlStore
from tests.platforms.discord.desk import Desk, open_desk, until
from tests.platforms.discord.rows import row, say_hello
from tests.servers.discord import DiscordServer, Fault

HELLO, BYE = row("hello", say_hello), row("bye", say_hello)


async def start_with(server: DiscordServer, store: SqlStore, *table: Command) -> dict[str, int]:
    """One start and stop of a bot; the ids of commands that it knew."""
    async with open_desk(table=table, server=server, store=store) as desk:
        await until(lambda: desk.crew.command_ids)
        return dict(desk.crew.command_ids)


async def test_commands_are_told_once_however_often_the_bot_starts(store: SqlStore) -> None:
    async with DiscordServer() as server:
        first = await start_with(server, store, HELLO)
        second = await start_with(server, store, HELLO)

        assert server.count("put_commands") == 1
        assert first == second
        assert first.keys() == {"try hello"}
        assert set(first.values()) == set(server.commands)


async def test_a_changed_table_is_told_whole_in_one_request(store: SqlStore) -> None:
    async with DiscordServer() as server:
        await start_with(server, store, HELLO)
        ids = await start_with(server, store, HELLO, BYE)

        assert len(server.syncs) == 2
        (told,) = server.syncs[-1]
        assert [one["name"] for one in told["options"]] == ["hello", "bye"]
        assert ids.keys() == {"try hello", "try bye"}


async def test_another_application_is_told_too(store: SqlStore) -> None:
    for _ in range(2):
        async with DiscordServer() as server:
            await start_with(server, store, HELLO)
            assert server.count("put_commands") == 1


@asynccontextmanager
async def logged_in(desk: Desk) -> AsyncIterator[NewsClient]:
    """A further client that syncs nothing by itself."""

    class Quiet(NewsClient):
        async def setup_hook(self) -> None:
            await self.tree.set_translator(TableTranslator())

    async with Quiet(Crew(desk.store, desk.crew.reception, desk.crew.listener, desk.crew.trace,
                          table=(BYE,))) as client:  # fmt: skip
        await client.login(desk.server.token)
        yield client


async def test_what_discord_refuses_is_not_noted(store: SqlStore) -> None:
    async with open_desk(table=(HELLO,), store=store) as desk, logged_in(desk) as client:
        desk.server.faults.add(Fault(503, operation="put_commands"))
        with pytest.raises(discord.DiscordServerError):
            await sync_if_changed(client.tree, store)

        assert (await sync_if_changed(client.tree, store)).keys() == {"try"}


async def test_a_failure_is_logged_and_repeated(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_desk(table=(HELLO,), store=store) as desk, logged_in(desk) as client:
        desk.server.faults.add(Fault(503, operation="put_commands"))
        ids: dict[str, int] = {}
        await sync_until_done(client.tree, store, command_ids=ids, first_wait_s=0.01)

        assert ids.keys() == {"try bye"}
        assert "cannot tell Discord our commands" in caplog.text


async def test_a_defect_is_logged_with_its_cause_and_repeated(
    store: SqlStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk(table=(HELLO,), store=store) as desk, logged_in(desk) as client:
        load, failures = store.load_note, [KeyError("ids"), DBAPIError("SELECT", {}, OSError())]

        async def load_at_last(key: str) -> str | None:
            if failures:
                raise failures.pop()
            return await load(key)

        monkeypatch.setattr(store, "load_note", load_at_last)
        ids: dict[str, int] = {}
        await sync_until_done(client.tree, store, command_ids=ids, first_wait_s=0.01)

        assert ids.keys() == {"try bye"}
        told = [one for one in caplog.records if "cannot tell Discord" in one.getMessage()]
        assert len(told) == 2
        assert all(one.exc_info for one in told)


async def test_a_note_that_lacks_what_it_should_have_is_written_anew(store: SqlStore) -> None:
    async with open_desk(table=(HELLO,), store=store) as desk, logged_in(desk) as client:
        ids = await sync_if_changed(client.tree, store)
        key = f"discord/commands/{client.application_id}"
        note = json.loads(await store.load_note(key) or "")
        await store.save_note(key, json.dumps({"hash": note["hash"]}))

        assert await sync_if_changed(client.tree, store) == ids
        assert json.loads(await store.load_note(key) or "") == note
