"""A story as a post: what it shows, whom it calls, and that it always fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Message, Source, Tie, TieKind
from bot.platforms.discord.card import draw_post as draw_on_discord
from bot.platforms.preview.markdown import tell
from bot.platforms.preview.mrkdwn import parse
from bot.platforms.slack.card import draw_post
from bot.platforms.slack.inert import unmark
from bot.prose.addresses import address_or_none
from bot.prose.inert import clean_text
from tests.builders import delivery, message
from tests.platforms.discord import judge as discord
from tests.platforms.hostile import messages
from tests.platforms.slack.judge import CAUSED, MARKS, assert_taken, buttons_of, nodes_of, texts_of

LINKED = "<https://example-wire.example/1|Huawei fails to get AT&amp;T to sell its phones>"
SENT = "<!date^1515486300^{date_short_pretty} {time}|9 Jan 2018 08:25 UTC>"
SUMMARY = "The carrier walked away from the plan, two people said."
TARGET = "<https://wire.example/0|AT&amp;T walks away, sources say>"
GROUP = "S0123ABCD"
ALSO = Source("Pocket Line", "https://pocket.example/1")
EARLIER = Tie(TieKind.CONFIRMED, "s0", "AT&T walks away, sources say", "https://wire.example/0")


def test_a_post_says_headline_summary_and_names_before_where_and_when() -> None:
    drawn = draw_post(delivery(), message())

    assert [block["type"] for block in drawn.blocks] == ["context", "section", "context", "actions"]
    assert texts_of(drawn) == [
        "`PAIR` · deal off",
        f"*{LINKED}*\n{SUMMARY}\n*Huawei* × *AT&amp;T*",
        f"Example Wire · {SENT}",
    ]


def test_a_notification_says_the_headline_first() -> None:
    assert draw_post(delivery(), message()).text == (
        "Huawei fails to get AT&amp;T to sell its phones · PAIR · Huawei, AT&amp;T · Example Wire"
    )


def test_a_story_of_one_side_has_no_mark_and_no_pair_to_mute() -> None:
    drawn = draw_post(delivery(), message(is_pair=False, carriers=()))

    assert texts_of(drawn)[0] == "deal off"
    assert [one["text"]["text"] for one in buttons_of(drawn)] == [
        "Source",
        "Why",
        "Mute story",
        "Not relevant",
    ]


def test_every_button_knows_the_delivery() -> None:
    owed = delivery()
    drawn = draw_post(owed, message())

    assert [(one["action_id"], one["value"]) for one in buttons_of(drawn)] == [
        ("n1:sources:0", owed.id),
        ("n1:why:1", owed.id),
        ("n1:mute-story:2", owed.id),
        ("n1:mute-pair:3", owed.id),
        ("n1:not-relevant:4", owed.id),
    ]


def test_the_block_of_the_buttons_is_named_after_the_delivery_in_edits_too() -> None:
    first = delivery()
    edit = replace(first, message_ref="C1/1515486300.000100", revision=3)

    named = [draw_post(one, message(revision=one.revision)).blocks[-1] for one in (first, edit)]
    assert [block["block_id"] for block in named] == [f"n1:{first.id}"] * 2


@pytest.mark.parametrize("kind", [None, *TieKind])
@pytest.mark.parametrize("is_pair", [True, False])
@pytest.mark.parametrize("headline", ["Huawei opens a shop", "Read https://wire.example now"])
def test_the_buttons_are_those_of_the_card_on_discord(
    kind: TieKind | None, is_pair: bool, headline: str
) -> None:
    tie = replace(EARLIER, kind=kind) if kind else None
    story = message(headline=headline, is_pair=is_pair, also=(ALSO,), tie=tie)

    there = discord.buttons_of(draw_on_discord(delivery(), story))
    here = buttons_of(draw_post(delivery(), story))

    assert [one["text"]["text"] for one in here] == [one["label"] for one in there]
    assert [one.get("url") for one in here] == [one.get("url") for one in there]
    asked = [one["action_id"].split(":")[1] for one in here if "url" not in one]
    assert asked == [one["custom_id"].split(":")[1] for one in there if "url" not in one]


def test_other_outlets_are_linked_and_counted() -> None:
    also = (ALSO, Source("Antenna Weekly", None))
    drawn = draw_post(delivery(), message(also=also))

    assert texts_of(drawn)[-1].endswith(
        "\nalso covered by <https://pocket.example/1|Pocket Line>, Antenna Weekly"
    )
    assert buttons_of(drawn)[0]["text"]["text"] == "Sources (3)"


def test_a_turn_is_told_with_the_story_that_it_turns() -> None:
    drawn = draw_post(delivery(), message(tie=EARLIER))

    assert texts_of(drawn)[0] == "`PAIR` `CONFIRMED` · deal off"
    assert texts_of(drawn)[-1].endswith(
        "\nin reply to <https://wire.example/0|AT&amp;T walks away, sources say>"
    )
    assert " · PAIR · CONFIRMED · " in drawn.text


def test_a_merged_story_is_struck_through_and_points_to_the_one_that_tells_it() -> None:
    tie = replace(EARLIER, kind=TieKind.MERGED)
    drawn = draw_post(replace(delivery(), message_ref="C1/1.2"), message(tie=tie))

    assert texts_of(drawn) == [
        "`PAIR` `MERGED` · deal off",
        f"~Huawei fails to get AT&amp;T to sell its phones~\nnow told in {TARGET}",
    ]
    assert [one["text"]["text"] for one in buttons_of(drawn)] == ["Source", "Why"]


@pytest.mark.parametrize(
    ("ping", "call"),
    [(GROUP, f"<!subteam^{GROUP}>"), ("here", "<!here>"), ("channel", "<!channel>")],
)
def test_a_call_stands_in_the_paragraph_and_in_the_text_behind_the_headline(
    ping: str, call: str
) -> None:
    drawn = draw_post(replace(delivery(), ping=ping), message())

    assert texts_of(drawn)[1].split("\n")[-1] == call
    assert drawn.text.startswith("Huawei fails to get")
    assert drawn.text.endswith(f"Example Wire {call}")


def test_the_edit_of_a_post_that_called_loses_the_call_and_nothing_else() -> None:
    owed = replace(delivery(), ping=GROUP)
    edit = draw_post(replace(owed, message_ref="C1/1.2"), message())

    assert edit == draw_post(delivery(), message())


@pytest.mark.parametrize("ping", ["", "everyone", "1040000000000000002", "S1> <!channel"])
def test_whoever_cannot_be_called_is_not(ping: str) -> None:
    drawn = draw_post(replace(delivery(), ping=ping), message())

    assert drawn == draw_post(delivery(), message())


@pytest.mark.parametrize("link", ["https://wire.example/" + "a" * 5000, "javascript:x", None])
def test_an_address_that_is_too_long_or_none_leaves_the_headline_alone(link: str | None) -> None:
    drawn = draw_post(delivery(), message(link=link))

    assert texts_of(drawn)[1].startswith("*Huawei fails to get AT&amp;T to sell its phones*\n")


def test_a_headline_that_holds_an_address_leaves_the_link_to_the_outlet_and_a_button() -> None:
    drawn = draw_post(delivery(), message(headline="Read https://wire.example now"))

    assert texts_of(drawn)[1].startswith("*Read https://wire.example now*")
    assert texts_of(drawn)[-1].startswith("<https://example-wire.example/1|Example Wire> · ")
    assert buttons_of(drawn)[-1]["action_id"] == "n1:link:5"
    assert buttons_of(drawn)[-1]["url"] == "https://example-wire.example/1"


def test_an_address_too_long_for_small_print_leaves_the_name_alone() -> None:
    long = f"https://wire.example/{'a' * 600}"
    story = message(headline="Read https://x.example", link=long, tie=replace(EARLIER, link=long))

    rest = texts_of(draw_post(delivery(), story))[-1]

    assert rest == f"Example Wire · {SENT}\nin reply to AT&amp;T walks away, sources say"
    assert buttons_of(draw_post(delivery(), story))[-1]["url"] == long


def test_a_story_without_words_is_still_a_post() -> None:
    drawn = draw_post(delivery(), message(headline="\u200b", summary="", outlet="", link=None))

    assert_taken(drawn)
    assert texts_of(drawn)[1].startswith("*(no headline)*")
    assert drawn.text.startswith("(no headline)")


def test_nothing_of_a_post_is_folded_and_nothing_is_made_of_its_plain_words() -> None:
    blocks = draw_post(delivery(), message()).blocks

    assert blocks[1]["expand"] is True
    assert blocks[1]["text"]["verbatim"] is True
    assert blocks[2]["elements"][0]["verbatim"] is True


def test_long_texts_are_cut_the_list_of_outlets_first() -> None:
    also = tuple(Source("Pocket Line", f"https://p.example/{'a' * 600}/{n}") for n in range(9))
    long = message(headline="Huawei " * 300, summary="The plan is off. " * 200, also=also)

    _, body, rest = texts_of(draw_post(delivery(), long))

    headline, summary, _ = body.split("\n")
    assert headline.count("Huawei") > 150
    assert summary.endswith("The plan is off.…")
    assert 0 < rest.count("|Pocket Line>") < 6
    assert rest.endswith(", Pocket Line +3")


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(messages, st.sampled_from(["", GROUP, "here"]), st.sampled_from(["", "C1/1.2"]))
def test_every_story_fits_and_its_text_does_nothing(
    story: Message, ping: str, message_ref: str
) -> None:
    drawn = draw_post(replace(delivery(), ping=ping, message_ref=message_ref), story)

    assert_taken(drawn)
    nodes = nodes_of(texts_of(drawn))
    assert {node.text for node in nodes if node.kind == "code"} <= MARKS
    caused = {node.kind for node in nodes} & CAUSED
    is_calling = bool(ping) and not message_ref and not _is_merged(story)
    calls = {"group"} if ping == GROUP else {"call"}
    assert caused <= {"code"} | (calls if is_calling else set())
    addresses = {story.link, *(one.link for one in story.also)}
    addresses |= {story.tie.link} if story.tie else set()
    targets = {node.target for node in nodes if node.kind == "link"}
    assert targets <= {address_or_none(one) for one in addresses}
    told = {node.kind for node in nodes_of([drawn.text])}
    assert told <= {"text"} | (calls if is_calling else set())


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(messages)
def test_a_short_headline_shows_whole(story: Message) -> None:
    headline = unmark(clean_text(story.headline)).replace("|", "∣")
    if not 0 < len(headline) <= 60 or _is_merged(story):
        return
    (body,) = (
        block["text"]["text"]
        for block in draw_post(delivery(), story).blocks
        if block["type"] == "section"
    )

    first = parse(body)[0]
    assert (first.kind, tell([first]).replace("|", "∣")) == ("strong", headline)


def _is_merged(story: Message) -> bool:
    return story.tie is not None and not story.tie.is_turn


def test_a_story_that_is_told_elsewhere_calls_nobody() -> None:
    tie = replace(EARLIER, kind=TieKind.MERGED)

    assert GROUP not in draw_post(replace(delivery(), ping=GROUP), message(tie=tie)).text
