from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.deeds import Deed, Wish, find_wish_or_none
from tests.builders import NOW
from tests.commands.calls import CATALOGUE


def read(text: str) -> Wish | None:
    return find_wish_or_none(text, CATALOGUE, now=NOW)


@pytest.mark.parametrize(
    ("text", "deed", "about"),
    [
        ("Stop!", Deed.UNSUBSCRIBE, ""),
        ("<@U1> please stop posting in this channel", Deed.UNSUBSCRIBE, ""),
        ("I don't want this any more", Deed.UNSUBSCRIBE, ""),
        ("怎么取消订阅？", Deed.UNSUBSCRIBE, ""),
        ("bitte abbestellen", Deed.UNSUBSCRIBE, ""),
        ("cancelar la suscripción", Deed.UNSUBSCRIBE, ""),
        ("can you stop posting about Huawei", Deed.MUTE, "Huawei"),
        ("no more Huawei news", Deed.MUTE, "Huawei"),
        ("把小米静音", Deed.MUTE, "Xiaomi"),
        ("xiaomi stummschalten", Deed.MUTE, "Xiaomi"),
        ("silenciar Xiaomi", Deed.MUTE, "Xiaomi"),
        ("取消静音小米", Deed.UNMUTE, "Xiaomi"),
        ("暂停2小时", Deed.PAUSE, "2小时"),
        ("quiero pausar", Deed.PAUSE, ""),
        ("恢复", Deed.RESUME, ""),
        ("订阅华为", Deed.SUBSCRIBE, "Huawei"),
        ("subscribe to bans", Deed.SUBSCRIBE, "bans"),
        ("how can I change the settings?", Deed.SETTINGS, ""),
        ("einstellungen ändern", Deed.SETTINGS, ""),
        ("add Fairphone", Deed.WATCH, "Fairphone"),
        ("Thanks, bot!", Deed.CHAT, ""),
    ],
)
def test_a_wish_is_understood_with_what_it_is_about(text: str, deed: Deed, about: str) -> None:
    found = read(text)

    assert found is not None
    assert (found.deed, found.about) == (deed, about)


@pytest.mark.parametrize(
    "text",
    [
        "Verizon stops selling Huawei phones",
        "did Verizon stop selling Huawei?",
        "stop sale of ZTE phones",
        "pause in Huawei sales",
        "resume of talks",
        "watch launches this week",
        "华为暂停生产",
        "why was Huawei banned",
        "how do carriers stop spam calls",
        "no more Huawei phones at AT&T",
        "can you show me Huawei news",
        "anything on Huawei and AT&T this week?",
        "less is more",
        "latest",
        "help",
        "",
    ],
)
def test_news_with_the_same_verbs_is_no_wish(text: str) -> None:
    assert read(text) is None


@given(st.text(max_size=400))
def test_whatever_is_said_is_read(text: str) -> None:
    read(text)
