"""What people type in Slack, as Slack hands it over, read."""

from __future__ import annotations

import pytest

from bot.commands.command import OptionKind
from bot.commands.typed import TypedCommand, read_typed
from bot.commands.typedvalues import Known
from bot.errors import InputInvalid
from bot.platforms.slack.references import (
    NO_EVERYONE,
    References,
    find_references,
    tidy,
    unescape,
)
from bot.platforms.slack.refusals import UNKNOWN_CHANNEL
from tests.builders import NOW
from tests.platforms.slack.front import open_front
from tests.servers.slack import Fault

NAMES = References({"news": "C0NEWS123"}, {"desk": "S0DESK123"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AT&amp;T &lt;b&gt;", "AT&T <b>"),
        ("AT&amp;amp;T", "AT&amp;T"),  # once
        ("&amp;lt;", "&lt;"),
        ("R&D", "R&D"),
    ],
)
def test_three_escapes_are_undone_once(text: str, expected: str) -> None:
    assert unescape(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add <https://a.example/rss>", "add https://a.example/rss"),
        ("add <https://a.example/?x=1&amp;y=2>", "add https://a.example/?x=1&y=2"),
        ("add <http://Booking.com|Booking.com>", "add Booking.com"),
        ("add <http://booking.com/|booking.com>", "add booking.com"),
        ("add <https://a.example/rss|the feed>", "add https://a.example/rss"),
        ("<mailto:desk@a.example|desk@a.example>", "desk@a.example"),
        ("in <#C0NEWS123|news>", "in <#C0NEWS123>"),
        ("in <#C0NEWS123|>", "in <#C0NEWS123>"),
        ("<!subteam^S0DESK123|@desk>", "<!subteam^S0DESK123>"),
        ("<@U0ADA|ada lovelace> said AT&amp;T", "<@U0ADA> said AT&T"),
        ("5 &lt; 6", "5 < 6"),
        ("a <b", "a <b"),
        ("`/alerts pause 2h`", "/alerts pause 2h"),
        ("```/alerts list```", "/alerts list"),
        ("/alerts list`", "/alerts list"),
        ("/alerts pause `2h`", "/alerts pause 2h"),
        ("*/alerts list*", "/alerts list"),
        ("*Huawei* and AT&amp;T", "*Huawei* and AT&T"),
        ("/alerts settings quiet 22꞉00-07:00", "/alerts settings quiet 22:00-07:00"),
        ("/watch add nameˍof ∗it∗", "/watch add name_of *it*"),
    ],
)
def test_a_line_is_as_it_was_typed(text: str, expected: str) -> None:
    assert tidy(text) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("<#C0NEWS123>", "C0NEWS123"),
        ("<#C0NEWS123|news>", "C0NEWS123"),
        ("C0NEWS123", "C0NEWS123"),
        ("G0STAFF12", "G0STAFF12"),
        ("#news", "C0NEWS123"),
        ("#News", "C0NEWS123"),
        ("news", None),  # a bare word may mean anything else
        ("#news pair", None),
        ("C0NEWS123/1767225600.000100", "C0NEWS123/1767225600.000100"),
        ("https://fans.slack.com/archives/C0NEWS123", "C0NEWS123"),
        (
            "https://fans.slack.com/archives/C0NEWS123/p1767225600000100",
            "C0NEWS123/1767225600.000100",
        ),
        (
            "https://f.slack.com/archives/C0NEWS123/p1767225700000200?thread_ts=1767225600.000100",
            "C0NEWS123/1767225600.000100",
        ),
        ("https://fans.slack.com.evil.example/archives/C0NEWS123", None),
        ("http://fans.slack.com/archives/C0NEWS123", None),
        ("https://a.example/archives/C0NEWS123", None),
        ("C0NEWS123/next", None),
        ("pair", None),
        ("CARRIERS", None),
        ("<#CJLXFAMXY>", "CJLXFAMXY"),
        ("<@U0ADA123>", None),
        ("<!subteam^S0DESK123>", None),
    ],
)
def test_a_channel_is_read(said: str, expected: str | None) -> None:
    assert NAMES.read_ref(OptionKind.CHANNEL, said) == expected


def test_a_name_of_no_channel_is_told_of_as_a_private_one_is() -> None:
    with pytest.raises(InputInvalid) as raised:
        NAMES.read_ref(OptionKind.CHANNEL, "#staff")

    assert str(raised.value) == UNKNOWN_CHANNEL


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("<!subteam^S0DESK123>", "S0DESK123"),
        ("<!subteam^S0DESK123|@desk>", "S0DESK123"),
        ("S0DESK123", "S0DESK123"),
        ("@desk", "S0DESK123"),
        ("@Desk", "S0DESK123"),
        ("desk", None),
        ("@desk for pairs", None),
        ("<!here>", "here"),
        ("<!channel|@channel>", "channel"),
        ("@here", "here"),
        ("channel", "channel"),
        ("none", None),
        ("SAMSUNG", None),
        ("<#C0NEWS123>", None),
    ],
)
def test_a_group_is_read(said: str, expected: str | None) -> None:
    assert NAMES.read_ref(OptionKind.ROLE, said) == expected


@pytest.mark.parametrize("said", ["<!everyone>", "@everyone", "everyone"])
def test_everyone_is_refused_with_what_to_write(said: str) -> None:
    with pytest.raises(InputInvalid) as raised:
        NAMES.read_ref(OptionKind.ROLE, said)

    assert str(raised.value) == NO_EVERYONE


@pytest.mark.parametrize("said", ["@nobody", "<@U0ADA123>"])
def test_no_single_person_is_called(said: str) -> None:
    with pytest.raises(InputInvalid, match="single person"):
        NAMES.read_ref(OptionKind.ROLE, said)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "/alerts subscribe <#C0NEWS123|news> pair <!subteam^S0DESK123|@desk> daily 9:00",
            {
                "channel": "C0NEWS123",
                "scope": "pair",
                "mention": "S0DESK123",
                "mode": "daily",
                "at": "9:00",
            },
        ),
        ("/alerts subscribe pair @here", {"scope": "pair", "mention": "here"}),
        ("/alerts subscribe mention:channel", {"mention": "channel"}),
        ("/alerts subscribe here", {}),
        (
            "/alerts settings mode:daily at꞉09:00 quiet_hours:22꞉00-07:00",
            {"mode": "daily", "at": "09:00", "quiet_hours": "22:00-07:00"},
        ),
        ("/alerts mute #oat3un3tqo", {"subject": "#oat3un3tqo"}),
        ("/alerts unmute #oat3un3tqo #news", {"subject": "#oat3un3tqo", "channel": "C0NEWS123"}),
        ("/alerts pause 2h #news", {"for": "2h", "channel": "C0NEWS123"}),
        ("/alerts mute AT&amp;T #news", {"subject": "AT&T", "channel": "C0NEWS123"}),
        ("/watch add <http://Booking.com|Booking.com>", {"name": "Booking.com"}),
        ("/feeds add <https://a.example/rss>", {"address": "https://a.example/rss"}),
    ],
)
def test_a_whole_command_is_read_as_slack_hands_it_over(
    line: str, expected: dict[str, str]
) -> None:
    """There are channels named #pair and #here, which nobody means without a "#"."""
    channels = {**NAMES.channels, "pair": "C0PAIR123", "here": "C0HERE123"}
    known = Known(NOW, read_ref=References(channels, NAMES.groups).read_ref)

    typed = read_typed(tidy(line), known)
    assert isinstance(typed, TypedCommand)
    assert typed.values == expected


async def test_names_are_looked_up_where_a_command_takes_them() -> None:
    async with open_front() as front:
        desk = front.server.add_group("desk", team=front.server.team)
        line = "/alerts subscribe #general mention:@desk"

        found = await find_references(front.people, front.workspace, line)
        assert found.read_ref(OptionKind.CHANNEL, "#general") == front.server.channel.id
        assert found.read_ref(OptionKind.ROLE, "@desk") == desk.id


@pytest.mark.parametrize("line", ["`/alerts list #general`", "/提醒订阅 #general"])
async def test_names_are_looked_up_however_the_command_is_written(line: str) -> None:
    async with open_front() as front:
        found = await find_references(front.people, front.workspace, line)

        assert found.read_ref(OptionKind.CHANNEL, "#general") == front.server.channel.id


@pytest.mark.parametrize(
    "line",
    [
        "/alerts subscribe <#C0NEWS123|news> <!subteam^S0DESK123|@desk> pair",
        "/news story #4f2a91",
        "what about Huawei @ MWC?",
    ],
)
async def test_where_no_name_is_left_slack_is_not_asked(line: str) -> None:
    async with open_front() as front:
        await find_references(front.people, front.workspace, line)

        assert [asked.method for asked in front.server.asked] == ["auth.test"]


async def test_where_slack_cannot_be_asked_a_name_is_not_known() -> None:
    async with open_front() as front:
        front.server.faults.add(Fault(503, method="conversations.list"))

        found = await find_references(front.people, front.workspace, "/alerts list #general")
        with pytest.raises(InputInvalid):
            found.read_ref(OptionKind.CHANNEL, "#general")
