"""Answers drawn: every part, and that any number of them fits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.answer import (
    Answer,
    Card,
    ChannelRef,
    Chart,
    Choice,
    Choices,
    Facts,
    File,
    Heading,
    Hint,
    Lines,
    Link,
    Part,
    RoleRef,
    Stories,
    Tone,
    UserRef,
)
from bot.model import Tie, TieKind
from bot.platforms.discord.answers import COLOURS, draw_answer
from bot.platforms.discord.components import Drawn, walk
from tests.builders import message
from tests.platforms.discord.judge import (
    CAUSED,
    assert_taken,
    buttons_of,
    nodes_of,
    texts_of,
)
from tests.platforms.hostile import links, messages, short_bombs, texts

LINKED = "[Huawei fails to get AT&T to sell its phones](https://example-wire.example/1)"
CHART = """\
-# stories a day
```
any  ████████████ 10.2
小米 ███▌         3
pair              0
```"""
ABOUT = "-# Huawei, AT&T · deal off · 1 outlet · <t:1515486300:R> · \\#s1"
NINE = datetime(2018, 1, 9, 9, 0, tzinfo=UTC)


def draw(*parts: Part, title: str = "Done") -> Drawn:
    return draw_answer(Answer(title, parts), command_ids={"alerts settings": 77})


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Lines(("One.", "Two *stars*.")), "One.\nTwo \\*stars\\*."),
        (
            Lines((("Posts go to ", ChannelRef("12"), " and call ", RoleRef("34"), "."),)),
            "Posts go to <#12> and call <@&34>.",
        ),
        (Lines((("Since ", NINE, ""),)), "Since <t:1515488400:f>"),
        (
            Lines((("see ", Link("the [page", "https://a.example/(x)")),)),
            r"see [the \(page](https://a.example/%28x%29)",
        ),
        (Lines((("1", ". no list"),)), "1\\. no list"),
        (Facts((("Scope", "any"), ("Next", NINE))), "**Scope**  any\n**Next**  <t:1515488400:f>"),
        (Facts((("Where", ("in ", ChannelRef("12"))),)), "**Where**  in <#12>"),
        (Facts((("Where", (ChannelRef("<@1>"),)),)), "**Where**  \\<\\@1\\>"),
        (Lines(((UserRef("56"), " and ", UserRef("<@1>")),)), "<@56> and \\<\\@1\\>"),
        (Heading("By scope"), "**By scope**"),
        (Hint("/alerts settings", "changes it"), "</alerts settings:77> changes it"),
        (Hint("/alerts settings at:9", "moves it"), "</alerts settings:77> `at:9` moves it"),
        (Hint("/news why a`b", "says why"), "`/news why a'b` says why"),
        (
            Chart((("any", 10.2), ("小米", 3), ("pair", 0)), "stories a day"),
            CHART,
        ),
        (
            Stories((message(is_pair=False),), more=4),
            f"**{LINKED}**\n{ABOUT}\n-# +4 more",
        ),
    ],
)
def test_each_part_is_drawn(part: Part, said: str) -> None:
    drawn = draw(part)

    assert texts_of(drawn) == ["### Done", said]
    assert_taken(drawn)


@pytest.mark.parametrize(
    ("kind", "reply"),
    [(TieKind.DENIED, "in reply to \\#s0"), (TieKind.MERGED, "now told in \\#s0")],
)
def test_a_listed_story_says_which_earlier_one_it_answers(kind: TieKind, reply: str) -> None:
    denial = message(is_pair=False, tie=Tie(kind, "s0", "AT&T takes Huawei", None))

    (row,) = texts_of(draw(Stories((denial,))))[1:]

    assert row == f"**{LINKED}**\n{ABOUT.replace('-# ', f'-# **{kind.name}** · ')} · {reply}"


def test_a_heading_stands_above_what_follows_and_makes_a_list_of_lines() -> None:
    assert texts_of(draw(Heading("Why"), Lines(("one", "two"))))[1] == "**Why**\n- one\n- two"


def test_a_title_alone_is_plain_and_a_long_one_too() -> None:
    assert texts_of(draw(title="Say *which*.")) == ["Say \\*which\\*."]
    assert not texts_of(draw(Lines(("x",)), title="a " * 80))[0].startswith("#")


def test_a_card_has_its_headline_and_needs_no_title() -> None:
    story = message()

    assert texts_of(draw(Card(story), title=story.headline))[0].startswith("-# **PAIR**")


def test_buttons_carry_action_and_subject() -> None:
    (safe, risky) = buttons_of(
        draw(Choices((Choice("undo", "d1", "Undo"), Choice("drop", "d1", "Drop", is_risky=True))))
    )

    assert (safe["custom_id"], safe["style"]) == ("n1:undo:d1", 2)
    assert (risky["label"], risky["style"]) == ("Drop", 4)


def test_a_file_is_shown_and_handed_back_under_a_safe_name() -> None:
    drawn = draw(File("our feeds (2).opml", b"<opml/>", "text/x-opml"))

    (shown,) = (one for one in walk(drawn.components) if one["type"] == 13)
    assert shown["file"]["url"] == "attachment://our-feeds-2-.opml"
    assert [(file.name, file.content) for file in drawn.files] == [
        ("our-feeds-2-.opml", b"<opml/>")
    ]


@pytest.mark.parametrize("tone", Tone)
def test_the_edge_shows_the_tone(tone: Tone) -> None:
    assert draw_answer(Answer("x", tone=tone)).components[0]["accent_color"] == COLOURS[tone]


def test_the_longest_list_is_shortened_and_says_by_how_much() -> None:
    lines = Lines(tuple(f"line {n} of many words that take room" for n in range(300)))
    drawn = draw(Facts((("a", "b"), ("c", "d"))), lines, Hint("/news help", "lists commands"))

    _, facts, shortened, hint = texts_of(drawn)
    shown = shortened.count("line")
    assert facts == "**a**  b\n**c**  d"
    assert 60 < shown < 300
    assert shortened.endswith(f"-# +{300 - shown} more")
    assert hint == "`/news help` lists commands"
    assert_taken(drawn)


def test_an_answer_calls_nobody() -> None:
    assert draw(Lines(((RoleRef("34"), UserRef("56")),))).allowed_mentions == {"parse": []}


spans = st.one_of(
    short_bombs,
    st.just(NINE),
    st.builds(ChannelRef, st.sampled_from(["12", "<@1>"])),
    st.builds(RoleRef, st.sampled_from(["34", "@everyone"])),
    st.builds(UserRef, st.sampled_from(["56", "@here"])),
    st.builds(Link, short_bombs, links.map(str)),
)
lines = st.one_of(texts, st.lists(spans, max_size=5).map(tuple))
counts = st.floats(0, 1e9, allow_nan=False)
parts = st.one_of(
    st.builds(Lines, st.lists(lines, max_size=4).map(tuple)),
    st.builds(Facts, st.lists(st.tuples(short_bombs, lines), max_size=4).map(tuple)),
    st.builds(Stories, st.lists(messages, max_size=1).map(tuple), st.integers(0, 9)),
    st.builds(Card, messages),
    st.builds(Chart, st.lists(st.tuples(short_bombs, counts), max_size=4).map(tuple), short_bombs),
    st.builds(Heading, texts),
    st.builds(Hint, short_bombs, texts),
    st.builds(File, texts, st.just(b"x"), st.just("text/plain")),
)


def grow(part: Part, times: int) -> Part:
    """The same with its list so many times as long."""
    match part:
        case Lines():
            return Lines(part.lines * times)
        case Facts():
            return Facts(part.rows * times)
        case Stories():
            return Stories(part.messages * times, part.more)
        case Chart():
            return Chart(part.rows * times, part.unit)
        case _:
            return part


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
@given(
    texts,
    st.lists(parts, max_size=6),
    st.sampled_from([1, 30]),
    st.sampled_from([1, 9]),
    st.integers(0, 6),
)
def test_every_answer_fits_and_its_text_does_nothing(
    title: str, some: list[Part], length: int, times: int, rows: int
) -> None:
    grown = [grow(part, length) for part in some] * times
    buttons = [Choices((Choice("a", str(row), "Do it"),)) for row in range(rows)]
    drawn = draw_answer(Answer(title, (*grown, *buttons)))

    assert_taken(drawn)
    caused = {node.kind for node in nodes_of(texts_of(drawn))} & CAUSED
    assert caused <= {"code", "fence", "item", "channel", "role", "user"}  # of which all are ours
    for node in nodes_of(texts_of(drawn)):
        if node.kind in {"channel", "role", "user"}:
            assert node.target in {"12", "34", "56"}
