"""Commands as people type them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.command import OptionKind, Upload
from bot.commands.table import TABLE
from bot.commands.typed import (
    MAX_TYPED,
    TypedCommand,
    TypedPlain,
    find_typed_or_none,
    read_typed,
)
from bot.commands.typedoptions import MAX_WORDS
from bot.errors import InputInvalid
from tests.commands.typing import KNOWN, read

SUBSCRIBE = "/alerts subscribe"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            f"{SUBSCRIBE} pair daily 09:00 Europe/Berlin quiet 22-7 mention @desk for pairs",
            (
                f"{SUBSCRIBE} scope:pair mode:daily at:09:00 time_zone:Europe/Berlin "
                "quiet_hours:22-7 mention:desk mention_for:pairs"
            ),
        ),
        ("/watch add Fairphone maker", "/watch add name:Fairphone role:maker"),
        (
            "/news recent huawei with verizon since monday",
            "/news recent company:huawei with:verizon since:monday",
        ),
        ("/alerts pause 2h", "/alerts pause for:2h"),
        ("/alerts mute Huawei for 3d", "/alerts mute subject:Huawei for:3d"),
        ("/feeds add https://outlet.example", "/feeds add address:https://outlet.example"),
        ("/alerts list changes", "/alerts list changes:yes"),
        (
            "/alerts subscribe pairs, deals and bans, Huawei, AT&T daily at 9 in Berlin, no thread",
            (
                f'{SUBSCRIBE} scope:pair events:"deals and bans" companies:"Huawei, AT&T" '
                "mode:daily at:9 time_zone:Berlin thread:no"
            ),
        ),
        (
            "/alerts subscribe in #news every hour at 15 at least 3 outlets",
            f"{SUBSCRIBE} channel:news min_outlets:3 mode:hourly at:15",
        ),
        ("/alerts settings hourly 46", "/alerts settings mode:hourly at:46"),
        (
            "/alerts settings hourly :05, Berlin",
            "/alerts settings mode:hourly at::05 time_zone:Berlin",
        ),
        (
            "/alerts settings hourly 3 outlets",
            "/alerts settings min_outlets:3 mode:hourly",
        ),
        (
            "/alerts settings hourly at:45 Berlin",
            "/alerts settings mode:hourly at:45 time_zone:Berlin",
        ),
        (
            "/alerts settings hourly at 45 in Berlin",
            "/alerts settings mode:hourly at:45 time_zone:Berlin",
        ),
        (
            "/alerts settings at:25:00 Europe/Berlin",
            "/alerts settings at:25:00 time_zone:Europe/Berlin",
        ),
        (
            "/alerts settings @desk pairs",
            "/alerts settings mention:desk mention_for:pairs",
        ),
        (
            "/alerts settings pair daily mention:@desk pairs, deals 9:00",
            (
                "/alerts settings scope:pair mode:daily at:9:00 mention:desk "
                'mention_for:"pairs, deals"'
            ),
        ),
        (
            "/alerts settings call @desk for deals, bans daily pair",
            '/alerts settings scope:pair mode:daily mention:desk mention_for:"deals, bans"',
        ),
        (
            "/alerts settings @desk daily pairs",
            "/alerts settings scope:pair mode:daily mention:desk",
        ),
        ("/alerts settings pairs @desk", "/alerts settings scope:pair mention:desk"),
        ("/alerts settings @desk carriers", "/alerts settings scope:carriers mention:desk"),
        ("/alerts pause until 9:00 in #news", '/alerts pause for:"until 9:00" channel:news'),
        (
            "/alerts subscribe daily 9am in Berlin",
            f"{SUBSCRIBE} mode:daily at:9am time_zone:Berlin",
        ),
        ("/alerts subscribe for deals", f"{SUBSCRIBE} events:deals"),
        ("/alerts subscribe Huawei, ZTE", f'{SUBSCRIBE} companies:"Huawei, ZTE"'),
        ("/alerts subscribe all stories please", f"{SUBSCRIBE} scope:any"),
        ("/alerts settings no quiet hours", "/alerts settings quiet_hours:none"),
        ("/alerts settings no mention", "/alerts settings mention_for:none"),
        ("/alerts settings mention:none", "/alerts settings mention_for:none"),
        ("/alerts settings mention none", "/alerts settings mention_for:none"),
        ("/alerts settings min_outlets:none", "/alerts settings min_outlets:1"),
        ("/alerts settings threads", "/alerts settings thread:yes"),
        ("/alerts settings without threads", "/alerts settings thread:no"),
        (
            "/alerts settings quiet from 22 to 7 o'clock",
            '/alerts settings quiet_hours:"from 22 to 7 o\'clock"',
        ),
        ("/alerts preview carriers bans", "/alerts preview scope:carriers events:bans"),
        ("/alerts pause", "/alerts pause"),
        ("/alerts pause for 2 hours in #news", '/alerts pause for:"2 hours" channel:news'),
        ("/alerts mute The Verge 2d", '/alerts mute subject:"The Verge" for:2d'),
        ("/alerts mute in <#C7|news> ZTE", "/alerts mute subject:ZTE channel:C7"),
        ("/alerts mute ZTE for good", "/alerts mute subject:ZTE"),
        ("/alerts mute ZTE off", "/alerts mute subject:ZTE for:off"),
        ("/alerts unmute all", "/alerts unmute subject:all"),
        ("/news recent huawei and at&t", "/news recent company:huawei with:at&t"),
        (
            "/news recent huawei, zte with verizon last week limit 5",
            '/news recent company:"huawei, zte" with:verizon since:"last week" limit:5',
        ),
        ("/news recent bans", "/news recent event:bans"),
        ("/news recent about Fairphone", "/news recent company:Fairphone"),
        ("/news recent 3", "/news recent limit:3"),
        ("/news recent last 3 days", '/news recent since:"last 3 days"'),
        ("/news search mate 10 since 30d", '/news search words:"mate 10" since:30d'),
        ("/news search battery since launch", '/news search words:"battery since launch"'),
        (
            '/news why Huawei: the "new" phone',
            '/news why about:“Huawei: the "new" phone”',
        ),
        (
            "/watch add Orange carrier needs telecom, 5G unless orange juice",
            '/watch add name:Orange role:carrier needs:"telecom, 5G" unless:"orange juice"',
        ),
        ("/watch edit Orange aliases none", "/watch edit name:Orange aliases:none"),
        ("/watch add name:Needs", "/watch add name:Needs"),
        (
            "/feeds add https://outlet.example/a?b=c called The Outlet",
            '/feeds add address:https://outlet.example/a?b=c title:"The Outlet"',
        ),
        (
            "/feeds add https://outlet.example The Outlet",
            '/feeds add address:https://outlet.example title:"The Outlet"',
        ),
        ("/feeds remove #12", "/feeds remove feed:#12"),
        ("/feeds list page 2", "/feeds list page:2"),
        ("/feeds health The Verge", '/feeds health feed:"The Verge"'),
    ],
)
def test_plain_language_is_placed_by_what_it_is(text: str, meant: str) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    "options",
    [
        "scope:pair at:9:00 time_zone:Berlin",
        "scope=pair at=9:00 time_zone=Berlin",
        "scope: pair at: 9:00 time_zone: Berlin",
        "scope : pair at = 9:00 time-zone : Berlin",
        "Scope:Pair AT:9:00 Time Zone:Berlin",
        "scope:“pair” at:'9:00' time_zone:«Berlin»",
        "--scope=pair --at=9:00 --time_zone=Berlin",
        "--scope pair --at 9:00 —tz Berlin",
        "范围：组合 时间：9:00 时区：Berlin",
        "scope:pair, at:9:00, time_zone:Berlin,",
        "at:9:00   time_zone:Berlin\nscope:pairs",
    ],
)
def test_keys_are_taken_in_every_way_they_are_written(options: str) -> None:
    said = read(f"{SUBSCRIBE} {options}")

    assert said.replace("Pair", "pair") == f"{SUBSCRIBE} scope:pair at:9:00 time_zone:Berlin"


def test_a_value_has_spaces_until_the_next_key() -> None:
    said = read("/watch add name:Back Market aliases:BackMarket, Backmarket SAS role:other")

    assert said == ('/watch add name:"Back Market" role:other aliases:"BackMarket, Backmarket SAS"')


def test_a_key_takes_what_can_be_its_value_and_leaves_the_rest() -> None:
    said = read(f"{SUBSCRIBE} companies:Huawei, AT&T daily at:9:00 events:deals, bans pair")

    assert said == (
        f'{SUBSCRIBE} scope:pair events:"deals, bans" companies:"Huawei, AT&T" mode:daily at:9:00'
    )


def test_a_value_that_cannot_be_read_ends_before_what_names_another() -> None:
    assert read(f"{SUBSCRIBE} companies:Huwaei Corp in #news") == (
        f'{SUBSCRIBE} channel:news companies:"Huwaei Corp"'
    )


def test_a_value_that_cannot_be_read_is_passed_on_whole_to_who_can_say_why() -> None:
    assert read(f"{SUBSCRIBE} companies:Huwaei Corp mode:daily") == (
        f'{SUBSCRIBE} companies:"Huwaei Corp" mode:daily'
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/提醒 订阅 组合 每天 9:00", f"{SUBSCRIBE} scope:pair mode:daily at:9:00"),
        ("/新闻 最近 华为 连同 verizon", "/news recent company:华为 with:verizon"),
        ("/新闻最近 华为", "/news recent company:华为"),
        ("/新闻 搜索折叠屏", "/news search words:折叠屏"),
        ("/关注 添加 Fairphone 手机厂商", "/watch add name:Fairphone role:maker"),
        ("/alerts 暂停 时长:2h", "/alerts pause for:2h"),
        ("提醒 列表 更改", "/alerts list changes:yes"),
    ],
)
def test_the_words_of_the_other_language_are_understood(text: str, meant: str) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/news", "help recent search story why status help"),
        ("/alerts", "help subscribe unsubscribe list settings pause resume mute unmute preview"),
        (
            "/alerts help",
            "help subscribe unsubscribe list settings pause resume mute unmute preview",
        ),
        ("/alerts help pause", "help pause"),
        ("/watch ?", "help add remove list edit test"),
        ("/news help", "/news help"),
        ("alerts", "help subscribe unsubscribe list settings pause resume mute unmute preview"),
        ("/news huawei verizon", "? huawei verizon"),
        ("/news recnt huawei", "? recnt huawei (/news recent huawei)"),
        ("watch add Fairphone", "/watch add name:Fairphone"),
        (": /alerts pause 2h", "/alerts pause for:2h"),
        ("watch the new phone", "? watch the new phone"),
        ("news of Huawei", "? news of Huawei"),
        ("feeds from Verizon?", "? feeds from Verizon?"),
        ("anything on Huawei?", "? anything on Huawei?"),
        ("", "? "),
        ("/", "? "),
    ],
)
def test_what_has_no_verb_is_help_or_a_question(text: str, meant: str) -> None:
    assert read(text) == meant


def test_help_is_of_everything() -> None:
    assert read("/help") == f"help {' '.join(row.verb for row in TABLE)}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/alert list", "I know no /alert. Did you mean /alerts? "),
        (
            "/alerts subscrbe pair",
            "/alerts knows no “subscrbe”. Did you mean /alerts su",
        ),
        ("alerts subscrbe pair", "Did you mean /alerts subscribe pair?"),
        ("/feeds delete #12", "Did you mean /feeds remove #12?"),
        ("/watch Fairphone", "It knows add, remove, list, edit, test; /watch help tells more."),
        ("/watch Fairphone", "Example: /watch add Fairphone maker"),
        (f"{SUBSCRIBE} scoop:pair", "has no option “scoop”. Did you mean scope:?"),
        (f"{SUBSCRIBE} foo:bar", "has no option “foo”. Its options are channel, scope,"),
        ("/news recent scope:pair", "/news recent has no option “scope”."),
        (
            f"{SUBSCRIBE} scope:pear",
            "Did you mean pair? Choose one of any, makers, c",
        ),
        (f"{SUBSCRIBE} dayly", "I don't understand “dayly”. Did you mean daily?"),
        (f"{SUBSCRIBE} huwaei", "Did you mean companies:huawei?"),
        (f"{SUBSCRIBE} pair wiht Huawei", "I don't understand “wiht”."),
        (f"{SUBSCRIBE} pair banana", "Example: /alerts subscribe pair daily 09:00"),
        (f"{SUBSCRIBE} scope:pair scope:any", "scope is said twice."),
        (f"{SUBSCRIBE} quiet", "quiet has nothing behind it. No posts then, as in 22:00-07:00"),
        (f"{SUBSCRIBE} scope:", "scope: has nothing behind it."),
        (
            f"{SUBSCRIBE} mention desk",
            'mention: I can\'t read "desk" as a group; write it',
        ),
        (
            f"{SUBSCRIBE} channel:news",
            'channel: I can\'t read "news" as a channel; write',
        ),
        (f"{SUBSCRIBE} min_outlets:11", "min_outlets: write a whole number from 1 to 10."),
        (f"{SUBSCRIBE} min_outlets:many", "min_outlets: write a whole number from 1 to 10."),
        (f"{SUBSCRIBE} thread:maybe", 'thread: I can\'t read "maybe". Write yes or no.'),
        (f"{SUBSCRIBE} daily 15", "I don't understand “15”."),
        (f"{SUBSCRIBE} live 15", "I don't understand “15”."),
        (
            f"{SUBSCRIBE} daily 9:00 Berln",
            "I don't understand “Berln”. Did you mean Europe/Berlin?",
        ),
        (f"{SUBSCRIBE} daily 9:00 New Yrok", "Did you mean America/New_York?"),
        (f"{SUBSCRIBE} daily 25:00", "25:00 is no time of day; write 9:00 or 9am."),
        (f"{SUBSCRIBE} daily 9:75, Berlin", "9:75 is no time of day; write 9:00 or 9am."),
        (f"{SUBSCRIBE} daily 13pm", "13pm is no time of day; write 9:00 or 9am."),
        ("/news recent huawei wiht verizon", "I don't understand “wiht”. Did you mean with?"),
        ("/alerts resume banana", "I don't understand “banana”."),
        ("/news status now", "/news status takes nothing more; I don't understand “now”."),
        ("/news story", "/news story needs one thing more, story: Its id, as in #abcdefghi2"),
        ("/watch add", "Example: /watch add Fairphone maker"),
        ("/feeds import", "file: OPML of a feed reader, or an address a line. Attach it to"),
        ("/news why " + "x" * MAX_TYPED, "too long to read"),
        ("/alerts subscribe" + " a" * (MAX_WORDS + 1), "write at most 80 words"),
        (f"/news why {'x' * 1501}", "about: that is too long"),
        ("/feeds import x.opml", "or type the command alone for a form that takes it."),
        (f"{SUBSCRIBE} any pair", "! scope is said twice."),
        (f"{SUBSCRIBE} pair or carriers", "! scope is said twice."),
        ("/alerts unsubscribe #news #other", "! channel is said twice."),
        (f"{SUBSCRIBE} none", "Say what shall be none, as in quiet_hours:none."),
        ("/news recent huawei or verizon", "will do, put commas between them."),
    ],
)
def test_what_is_not_understood_is_named_with_what_to_type(text: str, said: str) -> None:
    answer = read(text)

    assert answer.startswith("! ")
    assert said in answer


@pytest.mark.parametrize(
    ("text", "calls", "or_posts"),
    [
        ("@desk pair", "mention_for:pair", "scope:pair"),
        ("@desk, pairs", "mention_for:pairs", "scope:pair"),
        ("pair @desk pair", "mention_for:pair", "scope:pair"),
        ("@desk only all daily", "mention_for:all", "scope:any"),
        ("mention @desk deals, bans", 'mention_for:"deals, bans"', 'events:"deals, bans"'),
        ("mention:@desk deals and pairs", 'mention_for:"deals and pairs"', "scope: or events:"),
        ("@desk 组合", "mention_for:组合", "scope:pair"),
    ],
)
def test_what_may_be_whom_to_call_or_what_to_post_is_asked(
    text: str, calls: str, or_posts: str
) -> None:
    answer = read(f"/alerts settings {text}")

    assert answer.startswith("! “")
    assert f"Write {calls} to have the group called for those stories alone" in answer
    assert f", or {or_posts} to have no other stories posted." in answer


@pytest.mark.parametrize(
    "text",
    [
        "/alerts unsubscribe news",
        "/alerts pause 2h news",
        "/alerts resume all",
        "/alerts resume us",
        f"{SUBSCRIBE} news carriers",
        f"{SUBSCRIBE} pair stories",
        "/alerts settings daily in posts",
    ],
)
def test_a_word_that_may_name_a_channel_is_never_dropped(text: str) -> None:
    answer = read(text)

    assert answer.startswith("! I don't understand “")
    assert "A channel is written with #, as in #news." in answer


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/alerts unsubscribe this channel please", "/alerts unsubscribe"),
        ("/alerts pause it for 2h", "/alerts pause for:2h"),
        ("/news recent all stories about huawei please", "/news recent company:huawei"),
    ],
)
def test_words_that_say_nothing_are_passed_over(text: str, meant: str) -> None:
    assert read(text) == meant


def test_a_number_that_is_no_channel_is_what_a_command_is_about() -> None:
    def read_known(kind: OptionKind, text: str) -> str | None:
        if kind is not OptionKind.CHANNEL or not text.startswith("#"):
            return None
        if text != "#news":
            raise InputInvalid("no such channel")
        return text

    known = replace(KNOWN, read_ref=read_known)

    for verb in ("mute", "unmute"):
        said = read(f"/alerts {verb} #oat3un3tqo #news", known=known)
        assert said == f"/alerts {verb} subject:#oat3un3tqo channel:#news"
    assert read("/alerts mute Huawei #staff", known=known) == "! no such channel"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("subscribe pair daily", "/alerts subscribe pair daily"),
        ("Mute Huawei for 3d", "/alerts mute Huawei for 3d"),
        ("pause", "/alerts pause"),
        ("/news subscribe pair", "/alerts subscribe pair"),
        ("import ban lifted", ""),
        ("pause in trade talks", ""),
        ("test of the Mate 10", ""),
        ("remove Huawei", ""),
    ],
)
def test_a_verb_without_its_noun_is_a_question_that_says_what_was_meant(
    text: str, meant: str
) -> None:
    typed = read_typed(text, KNOWN)

    assert typed == TypedPlain(text.removeprefix("/news "), meant)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/提醒订阅 组合", "alerts subscribe"),
        ("／alerts subscribe pair", "alerts subscribe"),
        (":alerts subscribe", "alerts subscribe"),
        ("/alerts subscribe banana", "alerts subscribe"),
        ("/alerts", None),
        ("/alerts start", None),
        ("subscribe", None),
        ("", None),
    ],
)
def test_a_command_is_known_by_its_words_as_it_is_read(text: str, expected: str | None) -> None:
    row = find_typed_or_none(text)

    assert (row and f"{row.noun} {row.verb}") == expected


def test_nothing_nearly_right_is_taken_for_something_else() -> None:
    for text in ("scope pear", "moed:daily", "parir", "mention_fro:pairs", "queit 22-7"):
        assert read(f"{SUBSCRIBE} {text}").startswith("! "), text


def test_nothing_behind_the_verb_leaves_room_for_a_form() -> None:
    row = next(one for one in TABLE if (one.noun, one.verb) == ("watch", "add"))
    table = [replace(row, has_form=True)]

    bare = read_typed("/watch add", KNOWN, table=table, has_forms=True)

    assert bare == TypedCommand(table[0], {}, is_bare=True)
    assert read("/watch add", table=table).startswith("! ")
    assert read("/watch add role:maker", table=table, has_forms=True).startswith("! ")


def test_a_file_that_came_with_the_text_is_among_the_values() -> None:
    file = Upload("feeds.opml", b"<opml/>")

    typed = read_typed("/feeds import", KNOWN, given={"file": file})

    assert isinstance(typed, TypedCommand)
    assert (typed.values, typed.is_bare) == ({"file": file}, False)


def test_without_channels_and_groups_none_can_be_named() -> None:
    alone = replace(KNOWN, read_ref=None)

    assert 'I can\'t read "#news" as a channel' in read(f"{SUBSCRIBE} channel:#news", known=alone)
    for here in ("here", "in this channel", "channel:here"):
        assert read(f"{SUBSCRIBE} pair {here}", known=alone) == f"{SUBSCRIBE} scope:pair"
