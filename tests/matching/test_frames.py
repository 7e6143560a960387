from __future__ import annotations

import pytest

from bot.matching.frames import (
    BESIDE,
    LATER,
    MAX_FORMS,
    FrameInvalid,
    forget_frames,
    parse_frame,
)
from bot.matching.inflection import find_forms


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("walk", {"walk", "walks", "walked", "walking"}),
        ("drop", {"drop", "drops", "dropped", "dropping"}),
        ("shelve", {"shelve", "shelves", "shelved", "shelving"}),
        ("nix", {"nix", "nixes", "nixed", "nixing"}),
        ("deny", {"deny", "denies", "denied", "denying"}),
        ("delay", {"delay", "delays", "delayed", "delaying"}),
        ("veto", {"veto", "vetoes", "vetoed", "vetoing"}),
        ("sell", {"sell", "sells", "sold", "selling"}),
        ("cut", {"cut", "cuts", "cutting"}),
        ("take", {"take", "takes", "took", "taken", "taking"}),
    ],
)
def test_every_form_of_a_verb_is_found(verb: str, forms: set[str]) -> None:
    assert forms == set(find_forms(verb))


def test_both_spellings_of_a_doubled_l_are_found() -> None:
    assert {"cancelled", "canceled", "cancelling", "canceling"} <= set(find_forms("cancel"))


def words_of(frame: str) -> list[set[str]]:
    return [set(part.words) for part in parse_frame(frame).parts]


def test_words_side_by_side_are_one_part_in_all_their_ways() -> None:
    assert words_of("walk~ (away|off) from deal|talks") == [
        {
            f"{walk} {away} from {deal}"
            for walk in ("walk", "walks", "walked", "walking")
            for away in ("away", "off")
            for deal in ("deal", "talks")
        }
    ]


def test_a_slot_is_a_part_of_its_own_and_may_be_a_choice() -> None:
    assert words_of("sold by <carrier> in (<money>|cash)") == [
        {"sold by"},
        {"<carrier>"},
        {"in"},
        {"<money>", "cash"},
    ]


def test_words_written_without_a_space_stay_together() -> None:
    assert words_of("(停止|中止)销售") == [{"停止销售", "中止销售"}]


def test_an_open_ending_ends_its_part_and_leaves_room_for_the_ending() -> None:
    frame = parse_frame("wycofał* się z … umow*")

    assert [set(part.words) for part in frame.parts] == [{"wycofał*"}, {"się z"}, {"umow*"}]
    assert frame.parts[1].reach > BESIDE
    assert frame.parts[2].reach == LATER


def test_an_ellipsis_reaches_far_and_a_space_does_not() -> None:
    assert [part.reach for part in parse_frame("no … <maker> phone").parts] == [
        BESIDE,
        LATER,
        BESIDE,
    ]
    assert parse_frame("no ... phone") == parse_frame("no … phone")


def test_anchors_are_read_and_are_no_words() -> None:
    frame = parse_frame("^best … deals$")

    assert (frame.at_start, frame.at_end, frame.is_plain) == (True, True, False)
    assert words_of("^best … deals$") == [{"best"}, {"deals"}]
    assert parse_frame("deal").is_plain
    assert not parse_frame("deal$").is_plain


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("deal …", "has an empty part"),
        ("^", "has an empty part"),
        ("*", "has an empty part"),
        ("(walk|)", "has an empty part"),
        ("sells <shop>", r"has the slot <shop>; there is <carrier>, <company>"),
        ("sells (<maker> phone)", "has the slot <maker> phone"),
        ("(walk|run", r'has a stray bracket at "\(walk'),
        ("walk) away", "has a stray bracket"),
        (" ".join(["(a|b|c|d|e|f)"] * 5), f"can be written in 7776 ways; {MAX_FORMS} is the most"),
    ],
)
def test_a_frame_written_wrongly_says_what_is_wrong(frame: str, message: str) -> None:
    with pytest.raises(FrameInvalid, match=message):
        parse_frame(frame)


def test_frames_that_were_forgotten_are_read_again_alike() -> None:
    before = parse_frame("walk~ away from (plan|plans)")

    forget_frames()

    assert parse_frame.cache_info().currsize == 0
    assert parse_frame("walk~ away from (plan|plans)") == before
