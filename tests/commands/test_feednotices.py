"""Of which feeds somebody is told, who that is, and what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.commands.answer import Tone
from bot.commands.feednotices import (
    MAX_LISTED,
    OPERATOR,
    TOGETHER,
    Notice,
    Recipient,
    find_batches,
    offline_since,
    plan_notices,
    recipient_of,
    seems_offline,
    tell_notice,
)
from bot.errors import Trouble
from bot.model import Feed, Platform, Told
from bot.model.condition import OFFLINE_HOSTS, Turn
from tests.builders import NOW, feed
from tests.commands.calls import say

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ANA = Recipient(Platform.DISCORD, "g1", "u1")
MEI = Recipient(Platform.SLACK, "T1", "U2")


def broken(number: int, host: str = "wire.example", **changes: Any) -> Feed:
    """A feed of Ana's that answers 404 for a day."""
    made = feed(
        f"https://{host}/{number}?key=secret",
        id=number,
        title=f"Wire {number}",
        failures=9,
        trouble=Trouble.MISSING,
        error=f"https://{host}/{number}: answered 404 Not Found; asked again later",
        failing_since=NOW - DAY,
        polled_at=NOW,
        added_by="discord/g1",
        added_person="u1",
    )
    return replace(made, **changes)


def well(number: int, **changes: Any) -> Feed:
    answered: dict[str, Any] = {
        "failures": 0,
        "trouble": Trouble.NONE,
        "error": "",
        "failing_since": None,
    }
    return broken(number, **({**answered, "answered_at": NOW} | changes))


def told(one: Feed) -> Feed:
    return replace(one, told=Told.BROKEN, told_at=NOW - HOUR)


def text_of(*feeds: Feed, turn: Turn = Turn.BROKE, **changes: Any) -> str:
    return say(tell_notice(Notice(recipient_of(feeds[0]), turn, feeds), **changes))


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({}, ANA),
        ({"added_person": ""}, Recipient(Platform.DISCORD, "g1")),
        ({"added_by": "slack/T1", "added_person": "U2"}, MEI),
        ({"added_by": "", "added_person": ""}, OPERATOR),
    ],
)
def test_who_chose_a_feed_is_told_of_it(changes: dict[str, str], who: Recipient) -> None:
    assert plan_notices([broken(1, **changes)], now=NOW) == (
        Notice(who, Turn.BROKE, (broken(1, **changes),)),
    )


def test_each_person_gets_one_message_of_each_kind() -> None:
    feeds = [
        broken(1),
        broken(2),
        broken(3, added_by="slack/T1", added_person="U2"),
        told(well(4)),
        well(5),
    ]

    assert plan_notices(feeds, now=NOW) == (
        Notice(ANA, Turn.BACK, (feeds[3],)),
        Notice(ANA, Turn.BROKE, (feeds[0], feeds[1])),
        Notice(MEI, Turn.BROKE, (feeds[2],)),
    )


def test_with_a_broken_feed_come_those_of_its_host_and_of_its_hour() -> None:
    first = broken(1)
    same_host = broken(2, failing_since=NOW - HOUR)
    same_hour = broken(3, "other.example", failing_since=NOW - DAY + TOGETHER, failures=3)
    later = broken(4, "other.example", failing_since=NOW - HOUR)
    slip = broken(5, failing_since=NOW - HOUR, failures=2)
    known = told(broken(6))

    (notice,) = plan_notices([first, same_host, same_hour, later, slip, known], now=NOW)

    assert notice.feeds == (first, same_host, same_hour)
    assert plan_notices([same_host, slip], now=NOW) == ()


def test_what_goes_on_otherwise_is_neither_told_with_it_nor_in_one_message() -> None:
    gone = broken(1, trouble=Trouble.GONE, failing_since=NOW - 2 * HOUR, failures=3)
    blip = broken(2, trouble=Trouble.SLOW, failing_since=NOW - 2 * HOUR, failures=3)
    away = replace(blip, failing_since=NOW - DAY)
    missing = broken(3)

    assert [notice.feeds for notice in plan_notices([gone, blip, missing], now=NOW)] == [
        (gone,),
        (missing,),
    ]
    assert [notice.feeds for notice in plan_notices([gone, away, missing], now=NOW)] == [
        (gone,),
        (away,),
        (missing,),
    ]


def test_fifty_feeds_that_break_at_once_are_one_message_that_names_some() -> None:
    feeds = [broken(number) for number in range(1, 51)]

    (notice,) = plan_notices(feeds, now=NOW)
    lines = say(tell_notice(notice)).split("\n")

    assert lines[0] == "50 feeds of wire.example cannot be read any more"
    assert sum(line.startswith("#") for line in lines) == MAX_LISTED
    assert f"and {50 - MAX_LISTED} more" in lines
    assert lines[-1] == "> /feeds health on your server shows how all of them are doing"


def test_our_own_network_seems_down_where_hosts_begin_to_fail_and_nobody_answers() -> None:
    hosts = [f"host{number}.example" for number in range(OFFLINE_HOSTS)]
    feeds = [broken(number, host) for number, host in enumerate(hosts)]

    assert seems_offline(feeds, last_answer=NOW - DAY - HOUR)
    assert seems_offline(feeds, last_answer=None)
    assert not seems_offline(feeds, last_answer=NOW - HOUR)  # long dead, while others answer
    assert not seems_offline(feeds[1:], last_answer=None)
    assert not seems_offline([broken(n) for n in range(9)], last_answer=None)
    assert offline_since(feeds, last_answer=None) == NOW - DAY
    assert offline_since(feeds, last_answer=NOW - 2 * DAY) == NOW - 2 * DAY


def test_those_that_are_back_belong_to_those_told_together_that_fail_still() -> None:
    back, failing = told(well(1)), told(broken(2))
    later = replace(failing, told_at=NOW)

    assert find_batches([back, failing]) == {(ANA, NOW - HOUR)}
    assert find_batches([back, later, broken(5), replace(failing, added_person="u2")]) == set()
    assert find_batches([back, told(well(3))]) == set()


def test_a_notice_of_a_broken_feed_says_what_since_when_and_what_can_be_done() -> None:
    answer = tell_notice(Notice(ANA, Turn.BROKE, (broken(12),)))

    assert answer.tone is Tone.CAUTION
    assert say(answer).split("\n") == [
        "Wire 12 cannot be read any more",
        "Feed: #12 https://wire.example/12?key=secret",
        "What is wrong: there is nothing at its address any more",
        "Since: 2018-01-08 08:30",
        "What to do: /feeds add with the address of the outlet's page finds where the feed is now.",
        "I go on asking, ever less often but once a day at least, and tell you when it is back.",
        "> /feeds health #12 on your server shows more",
        "> /feeds remove #12 on your server stops reading it",
    ]


def test_a_feed_that_is_gone_is_asked_once_a_week() -> None:
    assert "once a week at least" in text_of(broken(1, trouble=Trouble.GONE))
    assert "once a day at least" in text_of(broken(1, trouble=Trouble.GONE), broken(2))


@pytest.mark.parametrize(
    ("added_by", "hint"),
    [
        ("slack/T1", "> /feeds remove #1 stops reading it"),
        ("", "> /feeds remove #1 in newsbot ask stops reading it"),
    ],
)
def test_where_commands_are_typed_is_told_to_whom_it_matters(added_by: str, hint: str) -> None:
    assert text_of(broken(1, added_by=added_by)).endswith(hint)


def test_the_operator_hears_of_settings() -> None:
    ours = broken(1, added_by="", added_person="", trouble=Trouble.TOO_LARGE)

    assert "fetch.max_bytes" in text_of(ours)
    assert "fetch.max_bytes" not in text_of(broken(1, trouble=Trouble.TOO_LARGE))


def test_where_nobody_answers_at_all_the_notice_says_that_it_may_be_us() -> None:
    assert "the network that I run in" in text_of(broken(1), is_offline=True)
    assert "the network that I run in" in text_of(broken(1), broken(2), is_offline=True)
    assert "the network that I run in" not in text_of(broken(1))


def test_a_feed_that_is_back_is_told_with_when_it_was_told_to_be_broken() -> None:
    assert text_of(told(well(12, flaw="an & alone")), turn=Turn.BACK).split("\n") == [
        "Wire 12 can be read again",
        "Feed: #12 https://wire.example/12?key=secret",
        "Told to be broken: 2018-01-09 07:30",
        "Malformed, but read: an & alone",
        "> /feeds health #12 on your server shows how it is doing",
    ]
    several = text_of(told(well(1)), told(well(2)), turn=Turn.BACK).split("\n")
    assert several[:3] == ["2 feeds of wire.example can be read again", "#1 Wire 1", "#2 Wire 2"]


def test_a_silent_feed_is_told_with_its_rhythm() -> None:
    quiet = well(12, gap_s=14_400.0, changed_at=NOW - 5 * DAY)

    (notice,) = plan_notices([quiet], now=NOW)
    lines = say(tell_notice(notice)).split("\n")

    assert notice.turn is Turn.FELL_SILENT
    assert lines[0] == "Silent feed: Wire 12 is far quieter than usual"
    assert lines[2:4] == [
        "Used to bring: about 6 entries a day",
        "Nothing new since: 2018-01-04 08:30",
    ]
    several = text_of(quiet, replace(quiet, id=2), turn=Turn.FELL_SILENT)
    assert "it used to bring about 6 entries a day, and nothing since 2018-01-04 08:30" in several


def test_a_feed_without_a_title_is_called_by_its_number() -> None:
    nameless = replace(broken(3), spec=replace(broken(3).spec, title=""))

    assert text_of(nameless).startswith("Feed #3 cannot be read any more")
