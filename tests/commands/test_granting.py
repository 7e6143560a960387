from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.answer import Stories
from bot.commands.plain import answer_plain
from bot.store import SqlStore, open_store
from tests.commands.calls import make_call, say
from tests.commands.newsroom import fill


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        await fill(opened)
        yield opened


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("unsubscribe", "/alerts unsubscribe"),
        ("how do I stop this?", "/alerts unsubscribe"),
        ("退订", "/alerts unsubscribe"),
        ("mute Xiaomi", "/alerts mute Xiaomi"),
        ("静音小米", "/alerts mute Xiaomi"),
        ("mute xiaomi for 7d", "/alerts mute Xiaomi for 7d"),
        ("暂停", "/alerts pause 2h"),
        ("pause for 3h", "/alerts pause 3h"),
        ("resume", "/alerts resume"),
        ("unmute Xiaomi", "/alerts unmute Xiaomi"),
        ("subscribe to AT&T", "/alerts subscribe companies:AT&T"),
        ("subscribe", "/alerts subscribe"),
        ("change the settings", "/alerts settings"),
        ("watch Fairphone", "/watch add Fairphone"),
        ("watch Huawei", "/alerts subscribe companies:Huawei"),
        ("stop watching Fairphone", "/watch remove Fairphone"),
    ],
)
async def test_plain_words_that_want_something_done_get_the_command_and_no_stories(
    store: SqlStore, text: str, command: str
) -> None:
    answer = await answer_plain(make_call(store), text)

    assert f"> {command} " in say(answer)
    assert answer.is_for_asker
    assert not any(isinstance(part, Stories) for part in answer.parts)


@pytest.mark.parametrize("text", ["thanks", "hello", "why?", "谢谢", "danke", "gracias"])
async def test_small_talk_gets_one_friendly_line(store: SqlStore, text: str) -> None:
    said = say(await answer_plain(make_call(store), text)).splitlines()

    assert len(said) == 3
    assert said[1].startswith("Ask me what happened")


async def test_a_wish_put_to_the_bot_alone_says_where_it_is_typed(store: SqlStore) -> None:
    said = say(await answer_plain(make_call(store, is_direct=True), "pause"))

    assert "It is typed in a channel of the server, not here." in said
