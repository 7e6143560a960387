"""Where a report goes: into a story, into one that turns an earlier story, or into a new one.

A report that says the opposite of what a story said, or makes certain what was only heard
of, does not add to it: those who read the story must hear of that as news. It opens a
story of its own, tied to the first; what other outlets write of the turn joins it there.
So each story turns once in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Event, Story, Tie, TieKind
from bot.stories.facts import contradict
from bot.stories.finding import pick_story, sketch_report
from bot.stories.rarity import is_dull
from bot.stories.report import Report
from bot.stories.similarity import Sketch
from bot.stories.steps import Standing, read_standing

MIN_SHARED = 3  # telling words that a turn and its story have in common, without a pair

_REVERSALS = frozenset(
    {
        (Event.DEAL, Event.DEAL_OFF),
        (Event.LAUNCH, Event.DEAL_OFF),
        (Event.MERGER, Event.DEAL_OFF),
        (Event.DEAL_OFF, Event.DEAL),
    }
)
_VAGUE = frozenset({Event.OTHER, Event.LEAK})  # what a denial often seems to be about
# Of what is only heard: a confirmed launch date or price is a step of every product.
_CONFIRMABLE = frozenset(
    {
        Event.DEAL,
        Event.DEAL_OFF,
        Event.BAN,
        Event.MERGER,
        Event.LAWSUIT,
        Event.SECURITY,
        Event.PEOPLE,
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report goes.

    Attributes:
        story: the one it joins, or None where it opens one.
        tie: how the story that it opens hangs on an earlier one.
        reason: one line for people on why.
    """

    story: Story | None
    reason: str
    tie: Tie | None = None


OPENED = "opened this story: no recent one tells the same"
"""Why the report that no story was found for is where it is."""


def find_place(report: Report, sketched: Sequence[tuple[Story, Sketch]]) -> Place:
    """Where ``report`` goes, of the recent stories that it may belong to."""
    joined = pick_story(report, sketched)
    standing = read_standing(report.entry.title)
    stories = [story for story, _ in sketched]
    if joined is None:
        first = _find_turned(report, standing, sketched)
    elif before := _find_first_or_none(report, standing, joined.story, stories):
        reason = f"{report.outlet} joined “{before.headline}”: it tells what was turned later"
        return Place(before, reason)
    else:
        first = _find_turnable(report, standing, joined.story, stories)
    kind = _turn_or_none(report, standing, first) if first else None
    if first is None or kind is None:
        return Place(joined.story, joined.reason) if joined else Place(None, OPENED)
    if already := _find_turn_of(first, kind, stories):
        reason = f"{report.outlet} joined “{already.headline}”: it turns “{first.headline}” too"
        return Place(already, reason)
    tie = Tie(kind, first.id, first.headline, first.link)
    return Place(None, f"{kind.value} “{first.headline}”", tie)


def _find_turnable(
    report: Report, standing: Standing, joined: Story, stories: Sequence[Story]
) -> Story:
    """What ``report`` turns if it turns anything: the story it is like, or one tied to that.

    A denial is not turned itself, but what it denied; and where a story was turned before,
    the turn may be what is undone now.
    """
    denied_id = joined.tie.story_id if joined.tie and joined.tie.kind is TieKind.DENIED else ""
    tied = (
        story
        for story in stories
        if story.id == denied_id
        or (story.tie and story.tie.is_turn and story.tie.story_id == joined.id)
    )
    return next((story for story in tied if _turn_or_none(report, standing, story)), joined)


def _find_first_or_none(
    report: Report, standing: Standing, turn: Story, stories: Sequence[Story]
) -> Story | None:
    """The story that ``turn`` turned, where ``report`` is a late one of that."""
    if turn.tie is None or not turn.tie.is_turn:
        return None
    first = next((story for story in stories if story.id == turn.tie.story_id), None)
    if first is None:
        return None
    if _is_of_turn(report, standing, first, turn.tie.kind):
        return None
    is_before = report.published_at < turn.published_at
    if turn.tie.kind is TieKind.REVERSED and first.event is not turn.event:
        is_before = is_before or report.match.event is first.event
    else:
        is_before = is_before or standing.is_heard
    return first if is_before else None


def _is_of_turn(report: Report, standing: Standing, first: Story, kind: TieKind) -> bool:
    """Whether ``report`` says what a turn of that ``kind`` says and ``first`` does not."""
    match kind:
        case TieKind.DENIED:
            return standing.is_denied
        case TieKind.CONFIRMED:
            return standing.is_confirmed or standing.is_decided
        case _:
            is_opposite = (first.event, report.match.event) in _REVERSALS
            return is_opposite or standing.is_lifted or standing.is_renewed


def _find_turned(
    report: Report, standing: Standing, sketched: Sequence[tuple[Story, Sketch]]
) -> Story | None:
    """The story that ``report`` turns although it is told in other words: the nearest to it."""
    if not _may_turn(report, standing):
        return None
    mine = sketch_report(report)
    turned = [
        story
        for story, sketch in sketched
        if _turn_or_none(report, standing, story)
        and _is_about_the_same(report, standing, story)
        and not contradict(mine, sketch)
    ]
    return max(
        turned, key=lambda story: (_count_shared(report, story), story.updated_at), default=None
    )


def _may_turn(report: Report, standing: Standing) -> bool:
    """Whether ``report`` could turn any story at all; few can."""
    event = report.match.event
    return (
        standing.is_denied
        or standing.is_lifted
        or event is Event.DEAL_OFF
        or (event is Event.DEAL and standing.is_renewed)
        or (event in _CONFIRMABLE and (standing.is_confirmed or standing.is_decided))
    )


def _find_turn_of(first: Story, kind: TieKind, stories: Sequence[Story]) -> Story | None:
    return next(
        (s for s in stories if s.tie and s.tie.story_id == first.id and s.tie.kind is kind), None
    )


def _turn_or_none(report: Report, standing: Standing, story: Story) -> TieKind | None:
    """How ``report`` turns ``story``, if it does; a second outlet's turn turns nothing.

    What was published before the story did not turn it, however late it was seen.
    """
    if story.tie and story.tie.kind is TieKind.DENIED:
        return None
    told_by = {(told.feed_id, told.entry_key) for told in story.coverage}
    is_in_it = (report.feed_id, report.entry_key) in told_by
    if is_in_it or standing.is_open or report.published_at < story.published_at:
        return None
    told = [read_standing(each.title) for each in story.coverage]
    if standing.is_denied:
        return None if any(each.is_denied for each in told) else TieKind.DENIED
    if _is_reversed(report, standing, story):
        return None if any(each.is_lifted for each in told) else TieKind.REVERSED
    event = report.match.event
    if event is not story.event or event not in _CONFIRMABLE or not told[0].is_heard:
        return None
    is_certain = standing.is_confirmed or (event is Event.BAN and standing.is_decided)
    was_certain = any(each.is_confirmed or each.is_decided for each in told)
    return TieKind.CONFIRMED if is_certain and not was_certain else None


def _is_reversed(report: Report, standing: Standing, story: Story) -> bool:
    """Whether ``report`` says that what the story told is so no longer.

    Who looks back at a deal that fell through speaks of a deal as well, so a deal that is on
    again must be called that.
    """
    if story.event is Event.BAN and standing.is_lifted:
        return True
    event = report.match.event
    if (story.event, event) not in _REVERSALS or not _share_pair_or_all(report, story):
        return False
    return event is Event.DEAL_OFF or standing.is_renewed


def _is_about_the_same(report: Report, standing: Standing, story: Story) -> bool:
    """Whether both name a pair and what happened fits, or one company and say much alike.

    A ban that is lifted is told in few words, so the very same companies are enough.
    """
    event, companies = report.match.event, set(report.match.companies)
    if _share_pair_or_all(report, story):
        is_reversal = (story.event, event) in _REVERSALS
        return is_reversal or event is story.event or not _VAGUE.isdisjoint((event, story.event))
    if standing.is_lifted and story.event is Event.BAN and companies == set(story.companies):
        return True
    is_one_named = not companies.isdisjoint(story.companies)
    return is_one_named and _count_shared(report, story) >= MIN_SHARED


def _share_pair(report: Report, story: Story) -> bool:
    """Whether a maker and a carrier are in both."""
    match = report.match
    return not (
        set(match.makers).isdisjoint(story.makers) or set(match.carriers).isdisjoint(story.carriers)
    )


def _share_pair_or_all(report: Report, story: Story) -> bool:
    """A deal needs two: the pair in both, or the very same companies, more than one."""
    companies = set(report.match.companies)
    return _share_pair(report, story) or (len(companies) > 1 and companies == set(story.companies))


def _count_shared(report: Report, story: Story) -> int:
    """The telling words that both have."""
    shared = set(report.words) & set(story.words)
    return sum(1 for word in shared if not is_dull(word, story.companies))
