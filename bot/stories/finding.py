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
from bot.stories.report import Report
from bot.stories.similarity import NOT_ALIKE, Likeness, Rarity, Sketch, compare, make_sketch

JOIN_AT = 0.21  # likeness from which a report joins, where companies are named
JOIN_UNNAMED_AT = 0.08  # where none is: such stories differ in nearly every word


@dataclass(frozen=True, slots=True)
class Joined:
    """The story a report belongs to, and one line for people on why."""

    story: Story
    reason: str


def find_story(report: Report, candidates: Sequence[Story]) -> Joined | None:
    """The story among ``candidates`` that ``report`` belongs to, or None if it opens one.

    Candidates are recent stories; those that share no company with it are passed over.
    Equally alike stories: the one given first.
    """
    companies = frozenset(report.match.companies)
    sharing = (story for story in candidates if not companies.isdisjoint(story.companies))
    return pick_story(report, [(story, sketch_story(story)) for story in sharing])


def pick_story(report: Report, sketched: Sequence[tuple[Story, Sketch]]) -> Joined | None:
    """``find_story`` for those who keep the sketches of their stories."""
    mine = sketch_report(report)
    rarity = Rarity(mine, [sketch for _, sketch in sketched])
    best: Story | None = None
    likeness = NOT_ALIKE
    for story, sketch in sketched:
        found = compare(mine, sketch, rarity)
        if found.score > likeness.score:
            best, likeness = story, found
    needed = JOIN_AT if mine.companies else JOIN_UNNAMED_AT
    if best is None or likeness.score < needed:
        return None
    return Joined(best, _explain(report, best, likeness, needed))


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
    )


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
    )


def _explain(report: Report, story: Story, likeness: Likeness, needed: float) -> str:
    shared = ", ".join(_as_written(word, report) for word in likeness.shared[:5])
    apart = abs(report.published_at - max(told.published_at for told in story.coverage))
    hours = round(apart / timedelta(hours=1))
    return (
        f"{report.outlet} joined “{story.headline}”: both say {shared}"
        f" (likeness {likeness.score:.2f}, needed {needed:.2f}), {hours} h apart"
    )


def _as_written(word: str, report: Report) -> str:
    """The word of the report that was cut to the stem ``word``."""
    text = f"{report.entry.title} {report.entry.summary}"
    found = re.search(rf"(?<!\w){re.escape(word)}\w*", text, re.IGNORECASE)
    return found.group() if found else word
