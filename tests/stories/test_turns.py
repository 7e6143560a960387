"""Where reports go, judged by the real catalogue. Every headline here is made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.catalogue import load_catalogue
from bot.matching import Matcher
from bot.model import Story, Tie, TieKind
from bot.stories import OPENED, Place, Report, StoryIndex, join_story, open_story
from tests.builders import NOW
from tests.stories.reports import HOUR, report

MATCHER = Matcher(load_catalogue(Path(__file__).parents[2] / "config"))

DEAL = "Huawei to sell Mate 10 Pro through AT&T, sources say"
OFF = "AT&T backs out of its plan to sell the Huawei phone"
WEIGHED = "US weighs ban on sales of chips to ZTE"
BAN = "US bans ZTE from buying American chips"


class Wall:
    """Stories as reports come in, an hour apart and each from an outlet of its own."""

    def __init__(self) -> None:
        self.index = StoryIndex()
        self.places: list[Place] = []

    def tell(self, title: str, *, published: int | None = None, summary: str = "") -> Story:
        """The story that a report with ``title`` goes to; ``published`` so many hours in."""
        told = self.report(title, published=published, summary=summary)
        place = self.index.find(told)
        self.places.append(place)
        if place.story:
            story = join_story(place.story, told, reason=place.reason)
        else:
            story = open_story(told, summary="", is_history=False, tie=place.tie)
        self.index.put(story)
        return story

    def report(self, title: str, *, published: int | None = None, summary: str = "") -> Report:
        number = len(self.places)
        at = NOW + number * HOUR
        return report(
            title,
            summary,
            outlet=f"Outlet {number}",
            after=number * HOUR,
            verdict=MATCHER.match(title, summary),
            feed_id=number,
            published_at=at if published is None else NOW + published * HOUR,
        )


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (DEAL, OFF, TieKind.REVERSED),
        (DEAL, "Huawei's deal with AT&T collapses at the last minute", TieKind.REVERSED),
        ("AT&T will sell Huawei phones", "Huawei loses AT&T as a partner", TieKind.REVERSED),
        ("Sprint and T-Mobile in merger talks", "Sprint, T-Mobile end talks", TieKind.REVERSED),
        (OFF, "AT&T back in talks to sell Huawei phones", TieKind.REVERSED),
        (OFF, "AT&T signs deal to sell Huawei phones after all", TieKind.REVERSED),
        (DEAL, "AT&T denies report that it will sell Huawei phones", TieKind.DENIED),
        (DEAL, "AT&T says reports of a Huawei deal are false", TieKind.DENIED),
        (OFF, "Huawei denies that AT&T walked away from phone deal", TieKind.DENIED),
        (WEIGHED, BAN, TieKind.CONFIRMED),
        (WEIGHED, "Commerce Department confirms ban on sales to ZTE", TieKind.CONFIRMED),
        (BAN, "US lifts ban on ZTE", TieKind.REVERSED),
        (BAN, "Ban on ZTE is lifted after fine of $1 billion", TieKind.REVERSED),
        (BAN, "ZTE gets reprieve from US ban", TieKind.REVERSED),
        ("Huawei chief may step down, report says", "Huawei confirms its chief steps down",
         TieKind.CONFIRMED),
        ("T-Mobile may have been hacked, forum post says", "T-Mobile confirms hack of customers",
         TieKind.CONFIRMED),
        (DEAL, "AT&T取消与华为的合作", TieKind.REVERSED),
    ],
)  # fmt: skip
def test_a_turn_opens_a_story_of_its_own_tied_to_the_first(
    wall: Wall, first: str, second: str, kind: TieKind
) -> None:
    before = wall.tell(first)

    turn = wall.tell(second)

    assert turn.id != before.id
    assert turn.tie == Tie(kind, before.id, first, before.link)
    assert wall.places[1].reason == f"{kind.value} “{first}”"
    assert [told.title for told in turn.coverage] == [second]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("OnePlus 12 could launch on January 23", "OnePlus confirms OnePlus 12 launch date"),
        ("Motorola Razr price leaks", "Motorola confirms price of the new Razr"),
        (BAN, "Huawei asks court to overturn US ban"),
        (BAN, "ZTE urges US to lift ban on chips"),
        (BAN, "Shares of ZTE drop after US ban"),
        (BAN, "US suspends chip licences of ZTE after ban"),
        (OFF, "Huawei's failed AT&T deal: what went wrong"),
        (OFF, "Did AT&T deny Huawei a deal?"),
        (DEAL, "AT&T won't confirm or deny talks to sell Huawei phones"),
        (WEIGHED, "US may ban ZTE from buying chips"),
        (WEIGHED, "Sources confirm US weighs ban on ZTE"),
        ("Verizon to sell the OnePlus 9 Pro", "OnePlus 8 won't be sold by Verizon any more"),
        ("T-Mobile raises prices of old plans", "T-Mobile denies reports of an outage in Texas"),
        ("ZTE seeks export licence", "ZTE denied export licence"),
        ("Huawei executive arrested in Canada", "Huawei executive denied bail in Canada"),
    ],
)
def test_what_only_sounds_like_a_turn_is_none(wall: Wall, first: str, second: str) -> None:
    wall.tell(first)

    assert wall.tell(second).tie is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (DEAL, "AT&T will sell the Mate 10 Pro of Huawei"),
        (BAN, "US bans American companies from selling chips to ZTE"),
        (OFF, "AT&T will not sell the phone of Huawei, its plan is off"),
        ("T-Mobile confirms hack of customer data", "T-Mobile admits hack of customer data"),
        ("Xiaomi denies reports of layoffs", "Xiaomi rejects reports of layoffs"),
    ],
)
def test_a_report_that_says_the_same_joins(wall: Wall, first: str, second: str) -> None:
    before = wall.tell(first)

    assert wall.tell(second).id == before.id
    assert wall.places[1].tie is None


@pytest.mark.parametrize(
    ("first", "turn", "again"),
    [
        (DEAL, OFF, "Huawei's deal with AT&T collapses at the last minute"),
        (DEAL, OFF, "Huawei loses AT&T as carrier partner for Mate 10 Pro"),
        (DEAL, "AT&T denies report that it will sell Huawei phones",
         "AT&T rejects reports of a Huawei deal"),
        (WEIGHED, BAN, "US bans sales of chips to ZTE"),
        (WEIGHED, BAN, "Commerce Department confirms ban on sales of chips to ZTE"),
        (BAN, "US lifts ban on ZTE", "Ban on ZTE is lifted by the US"),
        (BAN, "US lifts ban on ZTE", "Commerce Department ends ZTE ban"),
    ],
)  # fmt: skip
def test_a_second_outlets_report_of_the_turn_joins_the_turn(
    wall: Wall, first: str, turn: str, again: str
) -> None:
    before, turned = wall.tell(first), wall.tell(turn)

    joined = wall.tell(again)

    assert (joined.id, joined.tie) == (turned.id, turned.tie)
    assert joined.tie is not None
    assert joined.tie.story_id == before.id
    assert len(joined.coverage) == 2


@pytest.mark.parametrize(
    ("first", "turn", "late"),
    [
        (DEAL, OFF, "AT&T will sell Huawei phones in the US from February"),
        (DEAL, OFF, "Huawei and AT&T agree to sell the Mate 10 Pro"),
        (DEAL, "AT&T denies report that it will sell Huawei phones",
         "AT&T to sell Huawei phones, report says"),
        (WEIGHED, BAN, "US considers ban on sales of chips to ZTE"),
        (BAN, "US lifts ban on ZTE", "US forbids ZTE to buy American chips in new ban"),
    ],
)  # fmt: skip
def test_a_late_report_of_what_was_turned_joins_the_first_story(
    wall: Wall, first: str, turn: str, late: str
) -> None:
    before = wall.tell(first)
    wall.tell(turn)

    joined = wall.tell(late, published=0)

    assert (joined.id, joined.tie) == (before.id, None)
    assert len(joined.coverage) == 2


def test_a_turn_published_before_the_story_turned_nothing(wall: Wall) -> None:
    wall.tell("Village bakes a tart")
    wall.tell("Village bakes a pie")
    wall.tell(OFF)

    assert wall.tell("AT&T signs deal to sell Huawei phones", published=0).tie is None


def test_a_story_turns_once_in_each_way(wall: Wall) -> None:
    first = wall.tell(DEAL)
    denied = wall.tell("AT&T denies report that it will sell Huawei phones")
    off = wall.tell(OFF)

    assert [s.tie.kind for s in (denied, off) if s.tie] == [TieKind.DENIED, TieKind.REVERSED]
    assert {s.tie.story_id for s in (denied, off) if s.tie} == {first.id}


def test_what_was_turned_may_turn_again(wall: Wall) -> None:
    wall.tell(DEAL)
    off = wall.tell(OFF)

    on = wall.tell("AT&T back in talks to sell Huawei phones after all")

    assert on.tie == Tie(TieKind.REVERSED, off.id, OFF, off.link)


def test_an_entry_does_not_turn_the_story_it_is_in(wall: Wall) -> None:
    story = wall.tell(DEAL)
    again = wall.report("AT&T denies report that it will sell Huawei phones")
    (told,) = story.coverage
    entry = replace(again.entry, keys=(told.entry_key,))
    same = replace(again, entry=entry, feed_id=told.feed_id)
    of_another_feed = replace(same, feed_id=told.feed_id + 1)

    assert wall.index.find(same).tie is None
    assert wall.index.find(of_another_feed).tie is not None


def test_the_nearest_of_several_stories_is_turned(wall: Wall) -> None:
    wall.tell("Verizon to sell the Mate 10 Pro of Huawei")
    deal = wall.tell(DEAL)
    wall.tell("Huawei and AT&T test 5G radio in Texas")

    off = wall.tell("AT&T drops plan to sell the Mate 10 Pro of Huawei")

    assert off.tie is not None
    assert off.tie.story_id == deal.id


def test_a_story_that_has_been_quiet_for_days_is_turned_no_more(wall: Wall) -> None:
    wall.tell(DEAL)
    late = report(OFF, verdict=MATCHER.match(OFF, ""), after=timedelta(days=6))

    assert wall.index.find(late) == Place(None, OPENED)
