"""A story with its reports, as an operator reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.commands.stories import MAX_REPORTS, ShownStory
from bot.model import FiledEntry, Tie, TieKind
from bot.platforms.console import render_lines, render_story
from tests.builders import NOW, message
from tests.platforms.console.test_render import on_terminal, piped

DAY = timedelta(days=1)


def entry(number: int, **changes: Any) -> FiledEntry:
    made: dict[str, Any] = {
        "outlet": f"Outlet {number}", "title": f"Title {number}", "link": None,
        "seen_at": NOW, "published_at": NOW, "filed": f"reason {number}",
    }  # fmt: skip
    return FiledEntry(number, **(made | changes))


def shown(*entries: FiledEntry, **changes: Any) -> ShownStory:
    made: dict[str, Any] = {"message": message(), "has_more": False, "closes_at": NOW + DAY}
    return ShownStory(entries=entries, **(made | changes))


def lines(story: ShownStory) -> list[str]:
    return piped(render_story(story, now=NOW)).splitlines()


def test_each_report_has_its_number_first() -> None:
    link = "https://wire.example/9"

    said = lines(shown(entry(9, link=link), entry(10, filed="")))

    assert said[0] == message().headline
    assert "story #s1 · open until 2018-01-10 08:30 UTC" in said
    start = said.index(" 9  Outlet 9 · 2018-01-09 08:30 UTC")
    assert said[start:] == [
        " 9  Outlet 9 · 2018-01-09 08:30 UTC",
        "    Title 9",
        "    reason 9",
        f"    {link}",
        "",
        "10  Outlet 10 · 2018-01-09 08:30 UTC",
        "    Title 10",
        "",
    ]


def test_a_story_that_is_over_says_since_when() -> None:
    assert "story #s1 · closed since 2018-01-08 08:30 UTC" in lines(shown(closes_at=NOW - DAY))
    assert "story #s1 · closed since 2018-01-09 08:30 UTC" in lines(shown(closes_at=NOW))


def test_what_a_story_hangs_on_and_what_hangs_on_it_is_told() -> None:
    tie = Tie(TieKind.REVERSED, "s0", "Before", None)
    denial = Tie(TieKind.DENIED, "s1", "H", None)
    said = lines(
        shown(
            message=message(tie=tie),
            turned_by=(message(story_id="s2", headline="No", tie=denial),),
            merged=(message(story_id="s3", headline="Same"),),
        )
    )

    assert "turns #s0 “Before”: reversed" in said
    assert "turned by #s2 “No”: denied" in said
    assert "holds #s3 “Same”, which was merged into it" in said


def test_a_merged_story_leads_to_the_one_that_has_its_reports() -> None:
    tie = Tie(TieKind.MERGED, "s9", "At the time", None)
    told_in = message(story_id="s9", headline="Now")

    said = lines(shown(message=message(tie=tie), told_in=told_in))

    assert "story #s1 · merged into #s9 “Now”, which has its reports" in said
    assert not [line for line in said if "turns" in line or "open" in line]


def test_more_reports_than_are_listed_are_told_of() -> None:
    assert lines(shown(entry(1), has_more=True))[-2] == (
        f"and more; these are the first {MAX_REPORTS}"
    )


def test_what_strangers_wrote_obeys_nobody() -> None:
    evil = entry(1, title="a\x1b[31mb\nc", outlet="x\x07y", filed="z\u202ew")
    story = shown(evil, merged=(message(headline="\x1b]0;t\x07M"),))

    for said in (piped(render_story(story, now=NOW)), piped(render_lines(["\x1b[2Jquiet"]))):
        assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_on_a_terminal_long_titles_wrap_beside_the_number() -> None:
    story = shown(entry(7, title="word " * 40))

    told = on_terminal(render_story(story, now=NOW), width=60)

    title = [line for line in told.splitlines() if "word" in line]
    assert len(title) > 3
    assert all(line.startswith("   word") and len(line) <= 60 for line in title)
