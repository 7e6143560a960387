from __future__ import annotations

import pytest

from bot.telemetry.masking import Masker

BOT_TOKEN = "AbCdEfGhIjKlMnOpQrStUvWx.YzAbCd.invented_signature-of-27-and-more"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("token xoxb-12-34-abc refused", "token xoxb-*** refused"),
        ("xapp-1-A0-5-deadbeef", "xapp-***"),
        ("xoxe.xoxp-1-abc", "xoxe.xoxp-***"),
        ("https://hooks.slack.com/services/T0/B0/abc", "https://hooks.slack.com/***"),
        (f"logging in with {BOT_TOKEN}", "logging in with ***"),
        ("POST /api/v10/webhooks/123/abc-DEF_4?wait=1", "POST /api/v10/webhooks/123/***?wait=1"),
        ("POST /interactions/9/aW50ZXJ/callback", "POST /interactions/9/***/callback"),
        ("postgresql://news:p:w@db.example/x", "postgresql://***@db.example/x"),
        ("GET http://u@h.example/rss", "GET http://***@h.example/rss"),
        ("Authorization: Bot abcdefghijklmnop1", "Authorization: Bot ***"),
        ("authorization: bearer abcdefghijklmnop1", "authorization: bearer ***"),
        ("https://h.example/rss?key=abc&n=2", "https://h.example/rss?key=***&n=2"),
        ("https://h.example/rss?api_key=abc", "https://h.example/rss?api_key=***"),
        ("host=db password=hunter2 user=x", "host=db password=*** user=x"),
        ("{'token': 'abc', 'id': 1}", "{'token': '***', 'id': 1}"),
        ('{"client_secret": "abc"}', '{"client_secret": "***"}'),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, masked: str) -> None:
    assert Masker().mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "NEWSBOT_DISCORD_TOKEN: discord.token should be one word",
        "https://wire.example/@somebody/2018/01/09/huawei-fails?page=2",
        "mail desk@wire.example about https://wire.example/rss",
        "the bot misunderstandings of a basic misunderstanding",
        "key=guid:huawei-fails, code=404",
        "小米 bot 与运营商合作推出新款手机并在美国市场销售的消息2018",
        "AT&T; token economics; webhooks in general",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert Masker().mask(text) == text


def test_registered_secrets_are_masked_plain_and_encoded() -> None:
    masker = Masker(["p@ss/word", "p@ss/word-and-more"])

    assert masker.mask("p@ss/word, p%40ss%2Fword, p@ss/word-and-more.") == "***, ***, ***."


def test_a_registered_secret_too_short_to_be_one_hides_no_words() -> None:
    assert Masker(["bot", ""]).mask("the bot runs") == "the bot runs"
