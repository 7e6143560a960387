"""A story as a post: what it shows, whom it calls, and that it always fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Delivery, Message, Source, Tie, TieKind
from bot.platforms.discord.card import (
    CALM,
    MERGED,
    TURN,
    draw_post,
    say_called,
    say_card,
)
from bot.platforms.preview.markdown import parse, tell
from bot.prose.addresses import address_or_none
from bot.prose.inert import clean_text
from tests.builders import delivery, message
from tests.platforms.discord.judge import (
    CAUSED,
    assert_taken,
    buttons_of,
    nodes_of,
    texts_of,
)
from tests.platforms.hostile import messages

LINKED = "[Huawei fails to get AT&T to sell its phones](https://example-wire.example/1)"
ROLE = "1040000000000000002"
ALSO = Source("Pocket Line", "https://pocket.example/1")
EARLIER = Tie(TieKind.CONFIRMED, "s0", "AT&T walks away, sources say", "https://wire.example/0")


def test_a_card_says_who_what_where_and_when() -> None:
    assert texts_of(draw_post(delivery(), message())) == [
        f"-# **PAIR** · deal off\n### {LINKED}",
        "The carrier walked away from the plan, two people said.",
        "**Huawei** × **AT&T**\n-# Example Wire · <t:1515486300:R>",
    ]


def test_a_card_of_one_side_is_calm_and_has_no_pair_to_mute() -> None:
    drawn = draw_post(delivery(), message(is_pair=False, carriers=()))

    assert drawn.components[0]["accent_color"] == CALM
    assert "PAIR" not in "".join(texts_of(drawn))
    assert [one["label"] for one in buttons_of(drawn)] == [
        "Source",
        "Why",
        "Mute story",
        "Not relevant",
    ]


def test_every_button_knows_the_delivery() -> None:
    owed = delivery()

    assert [one["custom_id"] for one in buttons_of(draw_post(owed, message()))] == [
        f"n1:{action}:{owed.id}"
        for action in ("sources", "why", "mute-story", "mute-pair", "not-relevant")
    ]


def test_other_outlets_are_linked_and_counted() -> None:
    also = (Source("Pocket Line", "https://pocket.example/1"), Source("Antenna Weekly", None))
    drawn = draw_post(delivery(), message(also=also))

    assert texts_of(drawn)[-1].endswith(
        "\n-# also covered by [Pocket Line](https://pocket.example/1), Antenna Weekly"
    )
    assert buttons_of(drawn)[0]["label"] == "Sources (3)"


def test_of_many_outlets_the_first_are_named() -> None:
    also = tuple(Source(f"Outlet {n}", f"https://{n}.example/") for n in range(400))

    said = texts_of(draw_post(delivery(), message(also=also)))[-1]

    assert "[Outlet 5](https://5.example/) +394" in said
    assert "Outlet 6" not in said


def test_a_turn_is_told_with_the_story_that_it_turns() -> None:
    drawn = draw_post(delivery(), message(tie=EARLIER))

    assert drawn.components[0]["accent_color"] == TURN
    assert texts_of(drawn)[0].startswith("-# **PAIR** · **CONFIRMED** · deal off\n### [Huawei")
    assert texts_of(drawn)[0].endswith(
        "\n-# in reply to [AT&T walks away, sources say](https://wire.example/0)"
    )


def test_a_merged_story_points_to_the_one_that_tells_it() -> None:
    tie = replace(EARLIER, kind=TieKind.MERGED)
    drawn = draw_post(replace(delivery(), message_ref="1/2"), message(tie=tie))

    assert drawn.components[0]["accent_color"] == MERGED
    assert texts_of(drawn) == [
        "-# **PAIR** · **MERGED** · deal off\n~~Huawei fails to get AT&T to sell its phones~~",
        "now told in [AT&T walks away, sources say](https://wire.example/0)",
    ]
    assert [one["label"] for one in buttons_of(drawn)] == ["Source", "Why"]


def test_a_post_that_calls_begins_with_its_headline_since_a_phone_shows_two_lines() -> None:
    drawn = draw_post(replace(delivery(), ping=ROLE), message(also=(ALSO,), tie=EARLIER))

    assert drawn.content.split("\n") == [
        f"### {LINKED}",
        f"-# **PAIR** · **CONFIRMED** · deal off · <@&{ROLE}>",
        "-# in reply to [AT&T walks away, sources say](https://wire.example/0)",
        "The carrier walked away from the plan, two people said.",
        "**Huawei** × **AT&T**",
        "-# Example Wire · <t:1515486300:R>",
        "-# also covered by [Pocket Line](https://pocket.example/1)",
    ]
    assert drawn.allowed_mentions == {"parse": [], "roles": [ROLE]}
    assert drawn.role == ROLE


def test_a_post_that_calls_has_the_buttons_of_a_card_and_no_previews_of_links() -> None:
    told = message(headline="Read https://wire.example now")
    called = draw_post(replace(delivery(), ping=ROLE), told)

    assert buttons_of(called) == buttons_of(draw_post(delivery(), told))
    assert [row["type"] for row in called.components] == [1, 1]
    assert called.as_body()["flags"] == 1 << 2
    assert called.as_body()["content"] == called.content


def test_the_edit_of_a_post_that_called_loses_the_call_and_no_line() -> None:
    owed = replace(delivery(), ping=ROLE)
    first, edit = (draw_post(one, message()) for one in (owed, replace(owed, message_ref="1/2")))

    assert edit.content == first.content.replace(f" · <@&{ROLE}>", "")
    assert edit.components == first.components


def test_a_merged_story_that_called_points_to_the_one_that_tells_it() -> None:
    tie = replace(EARLIER, kind=TieKind.MERGED)
    drawn = draw_post(replace(delivery(), ping=ROLE, message_ref="1/2"), message(tie=tie))

    assert drawn.content.split("\n") == [
        "~~Huawei fails to get AT&T to sell its phones~~",
        "-# **PAIR** · **MERGED** · deal off",
        "now told in [AT&T walks away, sources say](https://wire.example/0)",
    ]


def test_a_post_that_calls_names_fewer_where_its_headline_is_long() -> None:
    crowd = tuple(f"Company {n} of the long list of names" for n in range(9))
    long = message(
        headline="Huawei " * 300,
        summary="The plan is off. " * 200,
        link=f"https://wire.example/{'a' * 200}",
        makers=crowd,
        carriers=crowd,
        others=crowd,
        tie=replace(EARLIER, link=f"https://wire.example/{'a' * 400}"),
        also=(ALSO,) * 9,
    )

    head, tag, *rest = said = say_called(long, role=ROLE).split("\n")

    assert sum(map(len, said)) > 1800
    assert head.endswith(f"](https://wire.example/{'a' * 200})")
    assert tag.endswith(f"<@&{ROLE}>")
    assert rest[0] == "-# in reply to AT&T walks away, sources say"
    assert rest[1].startswith("The plan is off. The plan is off.")
    assert said[-2].startswith("**Company 0 of the long list of names")
    assert said[-1] == "-# Example Wire · <t:1515486300:R>"


@pytest.mark.parametrize(
    "owed",
    [
        replace(delivery(), ping=ROLE, message_ref="1/2"),
        replace(delivery(), ping=""),
        replace(delivery(), ping="everyone"),
    ],
)
def test_an_edit_or_a_role_that_is_none_calls_nobody(owed: Delivery) -> None:
    drawn = draw_post(owed, message())

    assert drawn.allowed_mentions == {"parse": []}
    assert not [node for node in nodes_of(texts_of(drawn)) if node.kind == "role"]


@pytest.mark.parametrize("link", ["https://wire.example/" + "a" * 5000, "javascript:x", None])
def test_an_address_that_is_too_long_or_none_leaves_the_headline_alone(link: str | None) -> None:
    drawn = draw_post(delivery(), message(link=link))

    assert texts_of(drawn)[0].endswith("\n### Huawei fails to get AT&T to sell its phones")


def test_a_headline_that_holds_an_address_leaves_the_link_to_the_outlet_and_a_button() -> None:
    drawn = draw_post(delivery(), message(headline="Read https://wire.example now"))

    assert texts_of(drawn)[0].endswith(r"### Read https\:\/\/wire.example now")
    assert "[Example Wire](https://example-wire.example/1)" in texts_of(drawn)[-1]
    assert buttons_of(drawn)[-1]["url"] == "https://example-wire.example/1"


def test_a_story_without_words_is_still_a_card() -> None:
    drawn = draw_post(delivery(), message(headline="\u200b", summary="", outlet="", link=None))

    assert_taken(drawn)
    assert texts_of(drawn)[0].endswith("### \\(no headline\\)")


def test_long_texts_are_cut_the_list_of_outlets_first() -> None:
    also = tuple(Source("Pocket Line", f"https://p.example/{'a' * 300}/{n}") for n in range(9))
    long = message(headline="Huawei " * 200, summary="The plan is off. " * 200, also=also)

    head, summary, facts = say_card(long, room=4000)

    assert head.count("Huawei") > 150
    assert summary.endswith("The plan is off.…")
    assert 0 < facts.count("](https://p.example/") < 6
    assert facts.endswith(", Pocket Line +3")


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(messages, st.sampled_from(["", ROLE]), st.sampled_from(["", "1/2"]))
def test_every_story_fits_and_its_text_does_nothing(
    story: Message, ping: str, message_ref: str
) -> None:
    drawn = draw_post(replace(delivery(), ping=ping, message_ref=message_ref), story)

    assert_taken(drawn)
    nodes = nodes_of(texts_of(drawn))
    called = [node.target for node in nodes if node.kind == "role"]
    assert called == ([ROLE] if ping and not message_ref else [])
    assert not {node.kind for node in nodes} & (CAUSED - {"role"})
    assert bool(drawn.content) == bool(ping)  # whatever the story is, and in edits too
    assert len([node for node in nodes if node.kind == "heading"]) <= 1
    addresses = {story.link, *(one.link for one in story.also)}
    addresses |= {story.tie.link} if story.tie else set()
    targets = {node.target for node in nodes if node.kind == "link"}
    assert targets <= {address_or_none(one) for one in addresses}


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(messages, st.sampled_from([say_called, partial(say_card, room=4000)]))
def test_a_short_headline_shows_whole(
    story: Message, say: Callable[[Message], str | tuple[str, ...]]
) -> None:
    headline = clean_text(story.headline)
    if not 0 < len(headline) <= 60 or (story.tie and not story.tie.is_turn):
        return
    said = say(story)
    first = said if isinstance(said, str) else said[0]
    (heading,) = (node for node in parse(first) if node.kind == "heading")

    round_brackets = str.maketrans("[]", "()")
    assert tell([heading]).translate(round_brackets) == headline.translate(round_brackets)
