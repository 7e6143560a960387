"""Why, as a person reads it on a terminal and in a pipe."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rich.console import RenderableType

from bot.catalogue import load_catalogue
from bot.commands.why import ToldStory, Why
from bot.matching import Matcher
from bot.model import FiledEntry
from bot.platforms.console import render_verdict, render_why
from bot.platforms.console.reasons import mark_names
from tests.builders import NOW, message
from tests.conftest import ROOT
from tests.platforms.console.test_render import on_terminal, piped, seen

CATALOGUE = load_catalogue(ROOT / "config")
MATCHER = Matcher(CATALOGUE)
TITLE = "Honor a poet: Huawei leaves AT&T, Sprint"
WITHIN = "in one sentence of the title"
ENTRY = FiledEntry(
    id=1,
    outlet="Example Wire",
    title="Huawei leaves",
    link="https://wire.example/1",
    seen_at=NOW,
    published_at=NOW,
    story_id="s1",
    reasons=("Huawei in the title", "relevant: so it is"),
    filed="opened this story",
)


def verdict(title: str, summary: str = "") -> RenderableType:
    return render_verdict(MATCHER.match(title, summary), MATCHER.name_of, title, summary)


def why(**answer: Any) -> RenderableType:
    return render_why(Why("asked", CATALOGUE, **answer), now=NOW)


def test_in_a_pipe_the_verdict_is_first_and_each_reason_a_line() -> None:
    lines = piped(verdict(TITLE, "They say so.")).splitlines()

    assert lines[0].startswith("Flagged: Huawei, AT&T, Sprint, a pair; event: ")
    assert lines[1:3] == [f"  {TITLE}", "  They say so."]
    assert lines[3:9] == [
        "  named      Huawei in the title, character 15: maker; the name itself",
        "             AT&T in the title, character 29: carrier; the name itself",
        '             Sprint in the title, character 35: carrier; settled by "Huawei"',
        '  rejected   "Honor" in the title, character 1, rejected: another word before "a"',
        f"  pair       Huawei and AT&T, 8 characters apart, {WITHIN}: “{TITLE}”",
        "  relevance  relevant: a maker and a carrier close together",
    ]
    assert lines[9].startswith("  event      ")


def test_on_a_terminal_the_names_are_marked_and_nothing_else() -> None:
    match = MATCHER.match(TITLE)
    marked = mark_names(TITLE, match, "title")

    assert marked.plain == TITLE
    assert [marked.plain[span.start : span.end] for span in marked.spans] == [
        "Honor",
        "Huawei",
        "AT&T",
        "Sprint",
    ]
    assert len({str(span.style) for span in marked.spans}) == 3  # rejected, maker, carrier
    assert "\x1b[1;36mHuawei\x1b[0m" in on_terminal(verdict(TITLE))
    assert f"  {TITLE}" in seen(verdict(TITLE))


def test_a_name_that_is_two_companies_is_marked_once() -> None:
    match = MATCHER.match(TITLE)
    twice = replace(match, mentions=(*match.mentions, *match.mentions))

    assert mark_names(TITLE, twice, "title") == mark_names(TITLE, match, "title")


@pytest.mark.parametrize(
    "title",
    ["\x1b[31mHuawei\x1b[0m left\u202e AT&T\n\nnow", "\x1b]0;title\x07 Huawei", "\ud83d Oppo"],
)
def test_what_a_terminal_would_obey_is_dropped(title: str) -> None:
    out = piped(verdict(title, title))

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\ud83d" not in out


def test_a_story_is_told_with_each_of_its_entries() -> None:
    second = replace(ENTRY, id=2, outlet="Blatt", filed="joined", reasons=(), revision=3)
    told = ToldStory(
        message(story_id="s1"), (ENTRY, second), has_more=True, history=("was edited",)
    )

    assert piped(why(story=told)).splitlines() == [
        "Huawei fails to get AT&T to sell its phones",
        "PAIR  Huawei × AT&T · deal off",
        "story #s1 · 2018-01-09 08:25 UTC",
        "https://example-wire.example/1",
        "  over time  was edited",
        "",
        "Huawei leaves",
        "Example Wire · 2018-01-09 08:30 UTC",
        "https://wire.example/1",
        "  filed      opened this story",
        "  reasons    Huawei in the title",
        "             relevant: so it is",
        "",
        "Huawei leaves",
        "Blatt · 2018-01-09 08:30 UTC · edited 2 times",
        "https://wire.example/1",
        "  filed      joined",
        "  reasons    no name of a watched company was seen",
        "and more entries; these are the first 30",
    ]


def test_several_stories_are_listed_with_their_ids() -> None:
    stories = (message(story_id="s1"), message(story_id="s2", published_at=NOW - timedelta(1)))

    out = piped(why(several=stories))

    assert out.startswith("2 stories, newest first, about “asked”\n")
    assert "#s1" in out
    assert "#s2" in out
    assert out.endswith("newsbot why ID\n")


def test_an_entry_passed_over_says_why() -> None:
    plain = replace(ENTRY, filed="", reasons=("not relevant: it is a car",), link=None)

    assert piped(why(passed_over=(plain,))).splitlines() == [
        "Seen and not flagged:",
        "",
        "Huawei leaves",
        "Example Wire · 2018-01-09 08:30 UTC",
        "  reasons    not relevant: it is a car",
    ]


def test_what_was_never_seen_is_said_to_be_so() -> None:
    judged = piped(why(judged=MATCHER.match("Rain")))

    assert judged.splitlines()[:2] == [
        "Never seen. As it would be judged now:",
        "Not flagged: no watched company is named.",
    ]
    assert piped(why()) == "Never seen: nothing on record has asked\n"


def test_on_a_narrow_terminal_reasons_wrap_beside_their_label() -> None:
    lines = [line for line in seen(verdict(TITLE), width=50) if line.strip()]

    assert all(len(line) <= 50 for line in lines)
    assert sum(line.startswith(" " * 13) for line in lines) > 5
