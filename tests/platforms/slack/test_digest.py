"""Several stories as one post."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Digest, Event, Message, Tie, TieKind
from bot.platforms.slack.blocks import weigh
from bot.platforms.slack.digest import draw_digest
from tests.builders import delivery, message
from tests.platforms.hostile import messages
from tests.platforms.slack.judge import CAUSED, MARKS, assert_taken, buttons_of, nodes_of, texts_of

MAKER = message(headline="Huawei opens a shop", is_pair=False, carriers=(), event=Event.LAUNCH)
CARRIER = message(headline="AT&T raises prices", is_pair=False, makers=(), event=Event.PRICING)
OTHER = message(
    headline="Qualcomm sues", is_pair=False, makers=(), carriers=(), others=("Qualcomm",)
)
SENT = "<!date^1515486300^{date_short_pretty} {time}|9 Jan 2018 08:25 UTC>"
GROUP = "S0123ABCD"


def test_pairs_come_first_then_makers_then_carriers() -> None:
    drawn = draw_digest(delivery(), Digest((OTHER, CARRIER, MAKER, message())))

    assert drawn.blocks[0]["text"]["text"] == "4 stories"
    heads = [text for text in texts_of(drawn) if text.startswith("*") and "<" not in text]
    assert heads == ["*Pairs*", "*Handset makers*", "*Carriers*", "*Others*"]


def test_a_row_links_the_headline_and_says_the_rest_below() -> None:
    drawn = draw_digest(delivery(), Digest((MAKER, MAKER)))

    link = "<https://example-wire.example/1|Huawei opens a shop>"
    row = f"*{link}*\nHuawei · launch · 1 outlet · {SENT}"
    assert texts_of(drawn)[1:] == [row, row]
    assert [block["type"] for block in drawn.blocks[2:4]] == ["section", "section"]


@pytest.mark.parametrize("kind", TieKind)
def test_a_row_says_what_became_of_an_earlier_story(kind: TieKind) -> None:
    denial = message(tie=Tie(kind, "s0", "AT&T takes Huawei, sources say", None))

    pair, maker = texts_of(draw_digest(delivery(), Digest((denial, MAKER))))[1::2]

    assert pair.split("\n")[1].startswith(f"`{kind.name}` · Huawei × AT&amp;T")
    assert kind.name not in maker


def test_its_button_and_its_block_know_the_delivery() -> None:
    owed = delivery()
    drawn = draw_digest(owed, Digest((MAKER, MAKER)))

    (button,) = buttons_of(drawn)
    assert (button["action_id"], button["value"]) == ("n1:about-digest:0", owed.id)
    assert drawn.blocks[-1]["block_id"] == f"n1:{owed.id}"


def test_a_notification_names_the_first_stories() -> None:
    drawn = draw_digest(delivery(), Digest((MAKER, CARRIER, OTHER, MAKER)))

    assert drawn.text == ("4 stories: Huawei opens a shop; AT&amp;T raises prices; Qualcomm sues")


def test_what_does_not_fit_is_counted_and_can_be_asked_for() -> None:
    drawn = draw_digest(delivery(), Digest((message(),) + (MAKER,) * 400))

    *_, more, others = texts_of(drawn)
    shown = sum("Huawei opens a shop" in text for text in texts_of(drawn))
    assert 35 < shown < 45
    assert more == f"+{400 - shown} more"
    assert others == "The others: `/news recent`"
    assert_taken(drawn)


@pytest.mark.parametrize("ping", ["", GROUP])
def test_room_is_used_to_the_end_and_no_further(ping: str) -> None:
    long = message(headline="Huawei opens a shop " * 18, link=None)
    drawn = draw_digest(replace(delivery(), ping=ping), Digest((long,) * 100))

    assert_taken(drawn)
    assert 11_400 < weigh(drawn.blocks) <= 12_000
    assert texts_of(drawn)[-2 if ping else -1] == "The others: `/news recent`"


def test_a_group_is_called_once_for_all_at_the_end() -> None:
    drawn = draw_digest(replace(delivery(), ping=GROUP), Digest((MAKER, CARRIER)))

    assert texts_of(drawn)[-1] == f"<!subteam^{GROUP}>"
    assert drawn.text.endswith(f" <!subteam^{GROUP}>")
    assert [block["type"] for block in drawn.blocks[-2:]] == ["section", "actions"]


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
@given(
    st.lists(messages, min_size=1, max_size=4),
    st.sampled_from([1, 3, 60]),
    st.sampled_from(["", GROUP]),
)
def test_every_digest_fits_and_its_text_does_nothing(
    stories: list[Message], times: int, ping: str
) -> None:
    drawn = draw_digest(replace(delivery(), ping=ping), Digest(tuple(stories * times)))

    assert_taken(drawn)
    nodes = nodes_of(texts_of(drawn))
    assert [node.target for node in nodes if node.kind == "group"] == [ping] * bool(ping)
    caused = {node.kind for node in nodes} & CAUSED
    assert caused <= {"code", "group"}  # the marks, the command that lists the others, the call
    assert {node.text for node in nodes if node.kind == "code"} <= MARKS | {"/news recent"}
