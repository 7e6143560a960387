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
from bot.model import Source, Tie, TieKind
from bot.platforms.slack.answers import SIGNS, draw_answer, draw_parts, make_choice_block
from bot.platforms.slack.drawn import Drawn
from tests.builders import message
from tests.platforms.hostile import links, messages, short_bombs, texts
from tests.platforms.slack.judge import (
    CAUSED,
    assert_blocks_taken,
    assert_taken,
    buttons_of,
    nodes_of,
    texts_of,
)

LINKED = "<https://example-wire.example/1|Huawei fails to get AT&amp;T to sell its phones>"
CHART = """\
_stories a day_
```
any  ████████████ 10.2
小米 ███▌         3
pair              0
```"""
NINE = datetime(2018, 1, 9, 9, 0, tzinfo=UTC)
AT_NINE = "<!date^1515488400^{date_short_pretty} {time}|9 Jan 2018 09:00 UTC>"
ABOUT = (
    "Huawei, AT&amp;T · deal off · 1 outlet · "
    "<!date^1515486300^{date_short_pretty} {time}|9 Jan 2018 08:25 UTC> · #s1"
)
PEOPLE = {"U2": "Ana *López*", "S2": "desk"}


def draw(*parts: Part, title: str = "Done") -> Drawn:
    return draw_answer(Answer(title, parts))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Lines(("One.", "Two *stars*.")), ["One.\nTwo ∗stars∗."]),
        (
            Lines((("Posts go to ", ChannelRef("C1"), " and call ", RoleRef("S2"), "."),)),
            ["Posts go to <#C1> and call <!subteam^S2>."],
        ),
        (Lines((("In ", ChannelRef("1515.01", "C1")),)), ["In the thread in <#C1>"]),
        (Lines((("Calls ", RoleRef("here")),)), ["Calls @here"]),
        (
            Lines((("By ", UserRef("U2"), " ", UserRef("<!here>")),)),
            ["By <@U2> &lt;!here&gt;"],
        ),
        (Lines((("Since ", NINE, ""),)), [f"Since {AT_NINE}"]),
        (
            Lines((("see ", Link("the |page>", "https://a.example/(x)?a&b")),)),
            ["see <https://a.example/%28x%29?a&amp;b|the ∣page&gt;>"],
        ),
        (Lines((("a :smi", "le: b"),)), ["a ꞉smile: b"]),
        (Facts((("Scope", "any"), ("Next", NINE))), [f"*Scope*  any\n*Next*  {AT_NINE}"]),
        (Facts((("Where", ("in ", ChannelRef("C1"))),)), ["*Where*  in <#C1>"]),
        (Heading("By scope"), ["*By scope*"]),
        (Hint("/alerts settings", "changes it"), ["`/alerts settings` changes it"]),
        (Hint("/news why a`b & c", "says why"), ["`/news why aˋb &amp; c` says why"]),
        (Chart((("any", 10.2), ("小米", 3), ("pair", 0)), "stories a day"), [CHART]),
        (Stories((message(is_pair=False),), more=4), [f"*{LINKED}*\n{ABOUT}", "+4 more"]),
        (File("our feeds (2).opml", b"<opml/>", "text/x-opml"), ["📄 our-feeds-2-.opml"]),
    ],
)
def test_each_part_is_drawn(part: Part, said: list[str]) -> None:
    drawn = draw(part)

    assert texts_of(drawn) == ["*Done*", *said]
    assert_taken(drawn)


def test_in_public_people_and_groups_are_named_and_not_called() -> None:
    line = (
        "By ",
        UserRef("U2"),
        " and ",
        UserRef("U3"),
        " for ",
        RoleRef("S2"),
        ", ",
        RoleRef("S3"),
    )
    answer = Answer("Done", (Lines((line,)),), is_private=False)

    said = texts_of(draw_answer(answer, names=PEOPLE))[1]

    assert said == "By Ana ∗López∗ and somebody for @desk, a user group"
    assert texts_of(draw_answer(answer, is_public=False))[1].startswith("By <@U2> and <@U3>")


@pytest.mark.parametrize(
    ("kind", "reply"),
    [(TieKind.DENIED, "in reply to #s0"), (TieKind.MERGED, "now told in #s0")],
)
def test_a_listed_story_says_which_earlier_one_it_answers(kind: TieKind, reply: str) -> None:
    denial = message(is_pair=False, tie=Tie(kind, "s0", "AT&T takes Huawei", None))

    row = texts_of(draw(Stories((denial,))))[1]

    assert row == f"*{LINKED}*\n`{kind.name}` · {ABOUT} · {reply}"


def test_a_heading_stands_above_what_follows_and_makes_a_list_of_lines() -> None:
    assert texts_of(draw(Heading("Why"), Lines(("one", "two"))))[1] == "*Why*\n• one\n• two"


def test_a_title_alone_is_plain_and_a_long_one_too() -> None:
    assert texts_of(draw(title="Say *which*.")) == ["Say ∗which∗."]
    assert not texts_of(draw(Lines(("x",)), title="a " * 80))[0].startswith("*")


def test_a_card_has_its_headline_and_needs_no_title() -> None:
    story = message()
    drawn = draw(Card(story), title=story.headline)

    assert texts_of(drawn)[0] == "`PAIR` · deal off"
    assert drawn.text == "Huawei fails to get AT&amp;T to sell its phones"


def test_buttons_carry_action_and_subject() -> None:
    (safe, form) = buttons_of(
        draw(Choices((Choice("undo", "d1", "Undo"), Choice("form", "watch.add", "Add *one*"))))
    )

    assert (safe["action_id"], safe["value"], safe["text"]["text"]) == ("n1:undo:0", "d1", "Undo")
    assert (form["action_id"], form["value"]) == ("n1:form:1", "watch.add")
    assert form["text"]["text"] == "Add ∗one∗"
    assert "confirm" not in safe


def test_a_button_that_takes_something_away_is_red_and_asks_before() -> None:
    block = make_choice_block((Choice("drop", "d1", "Unsubscribe", is_risky=True),))

    (risky,) = block["elements"]
    assert risky["style"] == "danger"
    assert risky["confirm"]["title"]["text"] == "Unsubscribe?"
    assert risky["confirm"]["confirm"]["text"] == "Unsubscribe"
    assert_blocks_taken([block])


def test_a_button_asks_with_the_words_that_it_is_given() -> None:
    warning = "Unsubscribe #news? Its settings are forgotten."
    block = make_choice_block((Choice("drop", "d1", "Drop", is_risky=True, warning=warning),))

    (risky,) = block["elements"]
    assert risky["confirm"]["text"]["text"] == warning
    assert_blocks_taken([block])


def test_a_file_is_handed_back_under_a_safe_name() -> None:
    drawn = draw(File("our feeds (2).opml", b"<opml/>", "text/x-opml"))

    assert [(file.name, file.content) for file in drawn.files] == [
        ("our-feeds-2-.opml", b"<opml/>")
    ]


@pytest.mark.parametrize("tone", Tone)
def test_the_title_shows_the_tone(tone: Tone) -> None:
    drawn = draw_answer(Answer("It is so", tone=tone))

    assert texts_of(drawn) == [f"{SIGNS[tone]}It is so"]
    assert drawn.text == f"{SIGNS[tone]}It is so".strip()


def test_the_longest_list_is_shortened_and_says_by_how_much() -> None:
    said = "words that take room in a message until there is none left for any other"
    lines = Lines(tuple(f"line {n} of many {said}" for n in range(400)))
    drawn = draw(Facts((("a", "b"), ("c", "d"))), lines, Hint("/news help", "lists commands"))

    _, facts, *shortened, hint = texts_of(drawn)
    shown = sum(said.count("line") for said in shortened)
    assert facts == "*a*  b\n*c*  d"
    assert 100 < shown < 200
    assert len(shortened) > 1
    assert shortened[-1].endswith(f"\n_+{400 - shown} more_")
    assert hint == "`/news help` lists commands"
    assert_taken(drawn)


def test_the_longest_card_and_all_its_buttons_have_room() -> None:
    also = tuple(Source("&" * 40, f"https://p.example/{'a' * 200}") for _ in range(9))
    tie = Tie(TieKind.DENIED, "s0", "&" * 900, f"https://wire.example/{'a' * 470}")
    crowd = ("Company of many words",) * 9
    story = message(
        headline="Huawei " * 400,
        link=f"https://wire.example/{'a' * 470}",
        summary="word " * 400,
        makers=crowd,
        carriers=crowd,
        others=crowd,
        outlet="&" * 40,
        also=also,
        tie=tie,
    )
    row = Choices((Choice("unsubscribe-gone", "s" * 60, "L" * 40, is_risky=True),) * 5)

    drawn = draw(Card(story), row, row, row, row)

    assert_taken(drawn)
    assert len(buttons_of(drawn)) == 20
    (rest,) = (text for text in texts_of(drawn) if "in reply to" in text)
    assert len(rest) <= 2000


def test_lists_of_stories_are_shortened_to_fifty_blocks() -> None:
    some = Stories((message(is_pair=False, link=None),) * 30, more=3)
    drawn = draw(Heading("a"), some, Heading("b"), some, Choices((Choice("x", "y", "Do it"),)))

    assert len(drawn.blocks) == 50
    assert [text for text in texts_of(drawn) if "more" in text] == ["+11 more", "+11 more"]
    assert drawn.blocks[-1]["type"] == "actions"


def test_what_is_drawn_for_a_view_may_be_longer() -> None:
    blocks = draw_parts((Stories((message(),) * 40),), most_blocks=100, room=30_000)

    assert len(blocks) == 40
    assert_blocks_taken(blocks, surface="home")


spans = st.one_of(
    short_bombs,
    st.just(NINE),
    st.builds(ChannelRef, st.sampled_from(["C1", "<@1>"]), st.sampled_from(["", "C1", "<!here>"])),
    st.builds(RoleRef, st.sampled_from(["S2", "here", "@everyone"])),
    st.builds(UserRef, st.sampled_from(["U2", "<!channel>"])),
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
    st.builds(Hint, texts, texts),
    st.builds(File, texts, st.just(b"x"), st.just("text/plain")),
)
choices = st.builds(
    Choice,
    st.just("mute-story"),
    st.text("abc.:123", min_size=1, max_size=60),
    st.one_of(texts, short_bombs).map(lambda label: label[:40]),
    st.booleans(),
)
rows_of_choices = st.builds(Choices, st.lists(choices, max_size=7).map(tuple))


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
    st.lists(st.one_of(parts, rows_of_choices), max_size=6),
    st.sampled_from([1, 30]),
    st.sampled_from([1, 9]),
    st.booleans(),
)
def test_every_answer_fits_and_its_text_does_nothing(
    title: str, some: list[Part], length: int, times: int, is_public: bool
) -> None:
    grown = [grow(part, length) for part in some] * times
    drawn = draw_answer(Answer(title, tuple(grown), is_private=not is_public), names=PEOPLE)

    assert_taken(drawn)
    nodes = nodes_of(texts_of(drawn))
    caused = {node.kind for node in nodes} & CAUSED
    ours = {"code", "fence", "channel", "emphasis"}  # commands, charts, places, what is left out
    assert caused <= ours | (set() if is_public else {"user", "group"})
    named = {node.target for node in nodes if node.kind in {"channel", "user", "group"}}
    assert named <= {"C1", "U2", "S2"}
    for node in nodes:
        if node.kind == "emphasis":
            assert len(node.children) == 1
