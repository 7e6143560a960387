"""Several stories as one post."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Digest, Event, Message, Tie, TieKind
from bot.platforms.discord.digest import draw_digest
from tests.builders import delivery, message
from tests.platforms.discord.judge import (
    CAUSED,
    assert_taken,
    buttons_of,
    nodes_of,
    texts_of,
)
from tests.platforms.hostile import messages

MAKER = message(headline="Huawei opens a shop", is_pair=False, carriers=(), event=Event.LAUNCH)
CARRIER = message(headline="AT&T raises prices", is_pair=False, makers=(), event=Event.PRICING)
OTHER = message(
    headline="Qualcomm sues", is_pair=False, makers=(), carriers=(), others=("Qualcomm",)
)


def test_pairs_come_first_then_makers_then_carriers() -> None:
    drawn = draw_digest(delivery(), Digest((OTHER, CARRIER, MAKER, message())))

    assert [text.split("\n")[0] for text in texts_of(drawn)] == [
        "## 4 stories",
        "### Pairs",
        "### Handset makers",
        "### Carriers",
        "### Others",
    ]


def test_a_row_links_the_headline_and_says_the_rest_in_small() -> None:
    drawn = draw_digest(delivery(), Digest((MAKER, MAKER)))

    assert texts_of(drawn)[1].split("\n")[1:3] == [
        "**[Huawei opens a shop](https://example-wire.example/1)**",
        "-# Huawei · launch · 1 outlet · <t:1515486300:R>",
    ]


@pytest.mark.parametrize("kind", TieKind)
def test_a_row_says_what_became_of_an_earlier_story(kind: TieKind) -> None:
    denial = message(tie=Tie(kind, "s0", "AT&T takes Huawei, sources say", None))

    drawn = draw_digest(delivery(), Digest((denial, MAKER)))

    pairs, makers = texts_of(drawn)[1:3]
    assert pairs.split("\n")[2].startswith(f"-# **{kind.name}** · Huawei × AT&T")
    assert kind.name not in makers


def test_its_button_knows_the_delivery() -> None:
    owed = delivery()

    (button,) = buttons_of(draw_digest(owed, Digest((MAKER, MAKER))))
    assert button["custom_id"] == f"n1:about-digest:{owed.id}"


def test_what_does_not_fit_is_counted_and_can_be_asked_for() -> None:
    stories = Digest((message(),) + (MAKER,) * 200)

    drawn = draw_digest(delivery(), stories, command_ids={"news recent": 77})
    by_hand = draw_digest(delivery(), stories)

    *_, makers, rest = texts_of(drawn)
    shown = makers.count("Huawei opens a shop")
    assert 10 < shown < 200
    assert makers.endswith(f"-# +{200 - shown} more")
    assert rest == "-# The others: </news recent:77>"
    assert texts_of(by_hand)[-1] == "-# The others: `/news recent`"
    assert_taken(drawn)


def test_a_role_is_called_once_for_all_at_the_end_of_an_ordinary_message() -> None:
    drawn = draw_digest(replace(delivery(), ping="77"), Digest((MAKER, CARRIER)))

    lines = drawn.content.split("\n")
    assert lines[:3] == [
        "## 2 stories",
        "### Handset makers",
        "**[Huawei opens a shop](https://example-wire.example/1)**",
    ]
    assert lines[-1] == "-# <@&77>"
    assert drawn.allowed_mentions == {"parse": [], "roles": ["77"]}
    assert buttons_of(drawn) == buttons_of(draw_digest(delivery(), Digest((MAKER, CARRIER))))


def test_a_digest_that_calls_counts_what_does_not_fit_beside_the_call() -> None:
    drawn = draw_digest(replace(delivery(), ping="77"), Digest((message(),) + (MAKER,) * 200))

    assert_taken(drawn)
    assert len(drawn.content) > 1800
    assert drawn.content.endswith("\n-# The others: `/news recent` · <@&77>")


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
@given(
    st.lists(messages, min_size=1, max_size=4),
    st.sampled_from([1, 3, 60]),
    st.sampled_from(["", "77"]),
)
def test_every_digest_fits_and_its_text_does_nothing(
    stories: list[Message], times: int, ping: str
) -> None:
    drawn = draw_digest(replace(delivery(), ping=ping), Digest(tuple(stories * times)))

    assert_taken(drawn)
    assert bool(drawn.content) == bool(ping)
    nodes = nodes_of(texts_of(drawn))
    assert [node.target for node in nodes if node.kind == "role"] == [ping] * bool(ping)
    caused = {node.kind for node in nodes} & CAUSED
    assert caused <= {"code", "role"}  # the command that lists the others, and the call
