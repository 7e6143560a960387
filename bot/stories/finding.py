"""Which story a report belongs to.

Online and without look-ahead: each report is judged once, when it arrives. A wrong
merge swallows a story, which is worse than a story told twice, so doubt keeps apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.model import Story
from bot.stories.keeping import kept_by_story
from bot.stories.report import Report
from bot.stories.similarity import Likeness, compare, make_rarity
from bot.stories.sketch import Sketch, make_sketch
from bot.stories.slots import is_told_apart

JOIN_AT = 0.38  # likeness from which a report joins, where companies are named; .36 to .42 do
JOIN_UNNAMED_AT = 0.065  # where none is: such stories differ in nearly every word


@dataclass(frozen=True, slots=True)
class Joined:
    """The story a report belongs to, and one line for people on why."""

    story: Story
    reason: str


def find_story(report: Report, candidates: Sequence[Story]) -> Joined | None:
    """The story among ``candidates`` that ``report`` belongs to, or None if it opens one.

    Candidates are recent stories; those that share no company with it are passed over.
    Equally alike stories: the one reported last, whatever order they are given in.
    """
    companies = frozenset(report.match.companies)
    sharing = (story for story in candidates if not companies.isdisjoint(story.companies))
    return pick_story(report, [(story, sketch_story(story)) for story in sharing])


def pick_story(report: Report, sketched: Sequence[tuple[Story, Sketch]]) -> Joined | None:
    """``find_story`` for those who keep the sketches of their stories."""
    mine = sketch_report(report)
    rarity = make_rarity(mine, [sketch for _, sketch in sketched])
    found = [(compare(mine, sketch, rarity), story) for story, sketch in sketched]
    found.sort(key=lambda pair: (pair[0].score, pair[1].updated_at, pair[1].id), reverse=True)
    needed = JOIN_AT if mine.companies else JOIN_UNNAMED_AT
    for likeness, story in found:
        if likeness.score < needed:
            break
        titles = [told.title for told in story.coverage]
        # Where nobody is named, nearly all words differ, and a name is one word of many.
        if not mine.companies or not is_told_apart(report.entry.title, titles):
            return Joined(story, _explain(report, story, likeness, needed))
    return None


def sketch_report(report: Report) -> Sketch:
    """What comparing needs to know of ``report``."""
    match = report.match
    return make_sketch(
        (report.entry.title,),
        words=report.words,
        makers=match.makers,
        carriers=match.carriers,
        others=match.others,
        event=match.event,
        at=report.published_at,
        lang=report.lang,
        summary=report.entry.summary,
        links=(report.entry.link,),
        outlets=(report.outlet,),
    )


@kept_by_story
def sketch_story(story: Story) -> Sketch:
    """What comparing needs to know of ``story``."""
    return make_sketch(
        [told.title for told in story.coverage],
        words=story.words,
        makers=story.makers,
        carriers=story.carriers,
        others=story.others,
        event=story.event,
        at=max(told.published_at for told in story.coverage),
        lang=story.lang,
        summary=story.summary,
        links=[told.link for told in story.coverage],
        outlets=[told.outlet for told in story.coverage],
    )


def _explain(report: Report, story: Story, likeness: Likeness, needed: float) -> str:
    words = [_as_written(word, report) for word in likeness.shared[:5]]
    both = ", ".join(dict.fromkeys((*likeness.facts, *words)))
    apart = abs(report.published_at - max(told.published_at for told in story.coverage))
    return (
        f"{report.outlet} joined “{story.headline}”: both say {both}"
        f" (likeness {likeness.score:.2f}, needed {needed:.2f}), {_tell(apart)} apart"
    )


def _tell(apart: timedelta) -> str:
    """Minutes of a short time, hours of a longer one."""
    if apart < timedelta(hours=1):
        return f"{apart // timedelta(minutes=1)} min"
    return f"{round(apart / timedelta(hours=1))} h"


def _as_written(word: str, report: Report) -> str:
    """The word of the report that was cut to the stem ``word``."""
    text = f"{report.entry.title} {report.entry.summary}"
    found = re.search(rf"(?<!\w){re.escape(word)}\w*", text, re.IGNORECASE)
    return found.group() if found else word
