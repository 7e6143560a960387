"""Tells Discord our commands, when they have changed and not at each start.

Discord counts each telling and takes minutes to show a change, so the hash of what it was
told last is kept in the store.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping, MutableMapping
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.errors import SendError
from bot.ports import Store

FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 3600.0
"""Seconds between attempts that fail: they double from one to the other."""

FIRST_LOOK_S = 2.0
"""Seconds until it is looked again whether the commands were told by others; they double too."""

_EXPECTED = (
    app_commands.AppCommandError,
    discord.HTTPException,
    aiohttp.ClientError,
    OSError,
    SendError,
)
"""What networks and Discord do; anything else is logged with its traceback."""

log = logging.getLogger(__name__)


async def sync_until_done(
    tree: app_commands.CommandTree[Any],
    store: Store,
    *,
    command_ids: MutableMapping[str, int],
    first_wait_s: float = FIRST_WAIT_S,
) -> None:
    """Sync, however often that fails, our defects included; each failure is logged.

    Args:
        command_ids: gets the ids that Discord gave, by name ("news recent").
    """
    wait_s = first_wait_s
    while True:
        try:
            ids = await sync_if_changed(tree, store)
        except Exception as error:
            log.warning(
                "cannot tell Discord our commands: %s: %s; again in %.0f s",
                type(error).__name__,
                error,
                wait_s,
                exc_info=not isinstance(error, _EXPECTED),
            )
        else:
            command_ids.clear()
            command_ids.update(_name_all(tree, ids))
            return
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


async def learn_until_known(
    tree: app_commands.CommandTree[Any],
    store: Store,
    *,
    command_ids: MutableMapping[str, int],
    first_wait_s: float = FIRST_LOOK_S,
) -> None:
    """Wait until another process, or shard, has told Discord the same commands as ours.

    Args:
        command_ids: as for ``sync_until_done``; without them commands are named in posts, but
            cannot be clicked.
    """
    wait_s = first_wait_s
    while True:
        try:
            ids = await load_ids_or_none(tree, store)
        except Exception as error:
            log.debug("the ids of our commands cannot be read", exc_info=error)
            ids = None
        if ids is not None:
            command_ids.clear()
            command_ids.update(_name_all(tree, ids))
            return
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


async def load_ids_or_none(
    tree: app_commands.CommandTree[Any], store: Store
) -> Mapping[str, int] | None:
    """The ids of the nouns of ``tree`` at Discord, None unless it was told the same commands."""
    key = f"discord/commands/{tree.client.application_id}"
    note = json.loads(await store.load_note(key) or "{}")
    if "ids" not in note or note.get("hash") != hash_payload(await make_payload(tree)):
        return None
    return dict(note["ids"])


async def sync_if_changed(tree: app_commands.CommandTree[Any], store: Store) -> Mapping[str, int]:
    """Make the application's commands be those of ``tree``; their ids by noun.

    Nothing is asked of Discord where it was told the same commands last time.

    Raises:
        app_commands.AppCommandError, discord.HTTPException: Discord did not take them.
        aiohttp.ClientError, OSError: it did not answer.
    """
    if (known := await load_ids_or_none(tree, store)) is not None:
        return known
    digest = hash_payload(await make_payload(tree))
    key = f"discord/commands/{tree.client.application_id}"
    ids = {one.name: one.id for one in await tree.sync()}
    await store.save_note(key, json.dumps({"hash": digest, "ids": ids}))
    log.info("told Discord our commands; it may take some minutes to show them")
    return ids


async def make_payload(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """What Discord is told: every command with its words in each language."""
    assert tree.translator is not None
    return [
        await command.get_translated_payload(tree, tree.translator)
        for command in tree.get_commands()
    ]


def hash_payload(payload: list[dict[str, Any]]) -> str:
    """The same for the same commands, in whatever order their keys are."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _name_all(tree: app_commands.CommandTree[Any], ids: Mapping[str, int]) -> dict[str, int]:
    """Every command by both its words, with the id of its noun: Discord gives verbs none."""
    return {
        command.qualified_name: ids[group.name]
        for group in tree.get_commands()
        if isinstance(group, app_commands.Group) and group.name in ids
        for command in group.commands
    }
