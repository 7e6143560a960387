"""What a post says is said once for all platforms."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Event, Source, Tie, TieKind
from bot.prose.posts import (
    count_outlets,
    count_stories,
    dotted,
    find_called,
    fit_names,
    group_stories,
    is_merged,
    list_buttons,
    list_sources,
    marks_of,
    name_tie,
    names_of,
    tell_gist,
)
from tests.builders import delivery, message

EARLIER = Tie(TieKind.DENIED, "s0", "AT&T takes Huawei", None)
MERGED = replace(EARLIER, kind=TieKind.MERGED)


def shout(name: str) -> str:
    return name.upper()


def test_a_gist_begins_with_the_headline_and_is_plain_text() -> None:
    assert tell_gist(message(tie=EARLIER)) == (
        "Huawei fails to get AT&T to sell its phones · PAIR · DENIED · Huawei, AT&T · Example Wire"
    )
    assert tell_gist(message(headline="\u202e")).startswith("(no headline) · PAIR")


def test_marks_are_the_pair_and_what_became_of_it() -> None:
    assert marks_of(message(tie=EARLIER)) == ("PAIR", "DENIED")
    assert marks_of(message(tie=EARLIER), has_pair=False) == ("DENIED",)
    assert marks_of(message(is_pair=False)) == ()


def test_names_of_a_pair_stand_side_by_side_and_are_drawn_one_by_one() -> None:
    story = message(others=("Qualcomm",))

    assert names_of(story, shout, mark="*") == "*HUAWEI* × *AT&T*, QUALCOMM"
    assert names_of(replace(story, is_pair=False), shout) == "HUAWEI, AT&T, QUALCOMM"
    assert names_of(replace(story, makers=("",)), str) == "AT&T, Qualcomm"


def test_of_many_names_as_many_are_said_as_fit() -> None:
    crowd = message(makers=("Huawei",) * 9, carriers=("AT&T",) * 2)

    assert names_of(crowd, str).startswith("Huawei, " * 5 + "Huawei +3 × ")
    assert fit_names(crowd, str, 29) == "Huawei +8 × AT&T +1"
    assert fit_names(crowd, str, 9) == ""


def show(source: Source) -> tuple[str, str]:
    return f"<{source.link}|{source.outlet}>", source.outlet


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (100, "<l1|One>, <l2|Two>, <l3|Three>"),
        (34, "<l1|One>, <l2|Two>, Three"),
        (26, "<l1|One>, <l2|Two> +1"),
        (11, "One +2"),
        (4, "3 more"),
    ],
)
def test_sources_are_linked_while_there_is_room_then_named_then_counted(
    room: int, said: str
) -> None:
    some = (Source("One", "l1"), Source("Two", "l2"), Source("Three", "l3"))

    assert list_sources(some, show, room=room) == said


def test_of_many_sources_six_are_named() -> None:
    some = (Source("One", "l"),) * 9

    assert list_sources(some, lambda source: (source.outlet,), room=900) == (
        "One, One, One, One, One, One +3"
    )


def test_buttons_are_those_that_still_do_something() -> None:
    pair = [label for label, _ in list_buttons(message())]
    single = [label for label, _ in list_buttons(message(is_pair=False))]
    merged = list_buttons(message(tie=MERGED, also=(Source("One", None),)))

    assert pair == ["Source", "Why", "Mute story", "Mute pair 24 h", "Not relevant"]
    assert single == ["Source", "Why", "Mute story", "Not relevant"]
    assert merged == (("Sources (2)", "sources"), ("Why", "why"))


def test_a_digest_is_grouped_pairs_first_and_keeps_its_order() -> None:
    maker = message(is_pair=False, carriers=(), event=Event.LAUNCH)
    carrier = message(is_pair=False, makers=())
    other = message(is_pair=False, makers=(), carriers=())
    both = message(is_pair=False)

    groups = group_stories((other, carrier, maker, message(), both))

    assert list(groups) == ["Pairs", "Handset makers", "Carriers", "Others"]
    assert groups["Handset makers"] == (maker, both)


def test_only_the_first_post_calls() -> None:
    owed = replace(delivery(), ping="S1")

    assert find_called(owed) == "S1"
    assert find_called(replace(owed, message_ref="C1/1")) == ""


def test_little_words() -> None:
    assert dotted(("a", "", "b")) == "a · b"
    assert count_outlets(message()) == "1 outlet"
    assert count_outlets(message(also=(Source("One", None),))) == "2 outlets"
    assert count_stories((message(),)) == "1 story"
    assert (name_tie(EARLIER), name_tie(MERGED)) == ("in reply to", "now told in")
    assert [is_merged(message(tie=tie)) for tie in (None, EARLIER, MERGED)] == [False, False, True]
