"""What an operator's word makes of stories: two become one, or one becomes two.

Pure. A story keeps its id, and with it its posts, for as long as the report that opened it
is in it. So a merged story waits under its id, and comes back under it when its report is
split off again; and nothing that is filed later can undo what was said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.model import Coverage, Event, Story, Tie, TieKind
from bot.stories.cluster import is_of, join_story, open_story, union, with_words
from bot.stories.report import Report


@dataclass(frozen=True, slots=True)
class Told:
    """A report with its place in the record.

    Attributes:
        filed: one line on why it is in its story, or "".
        summary: what a post says if it speaks for its story.
    """

    entry_id: int
    report: Report
    filed: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class RepairOrder:
    """Who said when that stories shall be repaired; ``by`` is a name for people."""

    by: str
    at: datetime

    def note(self, what: str) -> str:
        """One line for people: who, when and what."""
        return f"{self.by}, {self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {what}"


@dataclass(frozen=True, slots=True)
class Repair:
    """What becomes of stories.

    Attributes:
        kept: the story that was named first, as it goes on.
        other: the story that was merged into it, or is split off.
        tied: stories that hung on one of them and hang on the other now.
        filed: one line on why the reports that moved are where they are.
        moved: ids of their entries, where the repair chose them.
        is_swapped: the report that opened the story was to leave; so it stays, and the rest
            went.
    """

    kept: Story
    other: Story
    tied: tuple[Story, ...]
    filed: str
    moved: tuple[int, ...] = ()
    is_swapped: bool = False

    @property
    def stories(self) -> tuple[Story, ...]:
        """All that must be written."""
        return (self.kept, self.other, *self.tied)


def merge_stories(
    kept: Story, merged: Story, *, tied: Iterable[Story], order: RepairOrder
) -> Repair:
    """``kept`` with all that ``merged`` tells, and ``merged`` as a pointer to it.

    What speaks for ``kept`` goes on doing so; other reports follow in order of time, each
    outlet once.

    Args:
        tied: the stories that turn ``merged``, or were merged into it before.
    """
    filed = order.note(f"merged #{merged.id} “{merged.headline}” into this story")
    both = replace(
        kept,
        coverage=_in_order(kept.coverage, merged.coverage),
        makers=union(kept.makers, merged.makers),
        carriers=union(kept.carriers, merged.carriers),
        others=union(kept.others, merged.others),
        watched=union(kept.watched, merged.watched),
        event=merged.event if kept.event is Event.OTHER else kept.event,
        is_pair=kept.is_pair or merged.is_pair,
        is_pair_to_all=kept.is_pair_to_all or merged.is_pair_to_all,
        is_relevant=kept.is_relevant or merged.is_relevant,
        is_history=kept.is_history and merged.is_history,
        updated_at=max(kept.updated_at, merged.updated_at),
        lang=kept.lang or merged.lang,
        revision=kept.revision + 1,
        reasons=(*kept.reasons, filed),
    )
    pointer = replace(
        _pointing(merged, kept),
        reasons=(*merged.reasons, order.note(f"merged into #{kept.id} “{kept.headline}”")),
    )
    return Repair(
        kept=with_words(both, merged.words),
        other=pointer,
        tied=tuple(_tie_to(kept, story) for story in tied),
        filed=filed,
    )


def split_story(
    story: Story,
    told: Sequence[Told],
    leaving: Collection[int],
    *,
    tied: Sequence[Story],
    order: RepairOrder,
) -> Repair:
    """``story`` without the reports that leave, and the story that those make.

    The report that opened ``story`` stays with its id; if it is among those that leave, the
    rest leaves in their place. Those that leave are the story again that was merged, if they
    have the report that opened it; else a new one.

    Args:
        told: every report of ``story``, in the order they were filed.
        leaving: ids of their entries.
        tied: the stories that turn ``story``, or were merged into it.

    Raises:
        ValueError: none would leave, or none would stay.
    """
    opener = _find_opener(story, told) or told[0]
    is_swapped = opener.entry_id in leaving
    going = [one for one in told if (one.entry_id in leaving) is not is_swapped]
    staying = [one for one in told if one not in going]
    if not (going and staying):
        raise ValueError("a story needs a report on either side of the cut")
    before, first = _find_merged(going, tied)
    kept = _rebuild(staying, first=opener, before=story, source=story)
    other = _rebuild(going, first=first, before=before, source=story)
    filed = order.note(f"split off #{story.id} “{story.headline}”")
    count = "1 report" if len(going) == 1 else f"{len(going)} reports"
    note = order.note(f"split off {count} as #{other.id} “{other.headline}”")
    return Repair(
        kept=replace(kept, reasons=(*story.reasons, note), tie=story.tie),
        other=replace(other, reasons=(*(before or other).reasons, filed)),
        tied=tuple(
            _tie_to(other, each)
            for each in tied
            if each.id != other.id and _goes_along(each, going, staying)
        ),
        filed=filed,
        moved=tuple(one.entry_id for one in going),
        is_swapped=is_swapped,
    )


def _in_order(kept: Sequence[Coverage], merged: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """The report that speaks, then the others in order of time, each outlet once."""
    first, *others = kept
    by_outlet = {first.outlet: first}
    for told in sorted((*others, *merged), key=lambda told: told.seen_at):
        by_outlet.setdefault(told.outlet, told)
    return tuple(by_outlet.values())


def _pointing(story: Story, target: Story) -> Story:
    """``story`` as one that ``target`` tells now; its posts must say so."""
    tie = Tie(TieKind.MERGED, target.id, target.headline, target.link)
    return replace(story, tie=tie, revision=story.revision + 1)


def _tie_to(target: Story, story: Story) -> Story:
    """``story`` tied to ``target``; of a turn people see no change."""
    if story.is_merged or story.tie is None:
        return _pointing(story, target)
    return replace(story, tie=replace(story.tie, story_id=target.id))


def _find_opener(story: Story, told: Sequence[Told]) -> Told | None:
    """The report that opened ``story`` and speaks for it."""
    return next((one for one in told if is_of(one.report, story.coverage[0])), None)


def _find_merged(going: Sequence[Told], tied: Iterable[Story]) -> tuple[Story | None, Told]:
    """The merged story that comes back with ``going``, if any does; and who speaks for it.

    Of several it is the one that had most to tell: others had been merged into that.
    """
    found = [
        (story, opener)
        for story in tied
        if story.is_merged and (opener := _find_opener(story, going))
    ]
    return max(
        found,
        key=lambda pair: (len(pair[0].coverage), -pair[1].entry_id),
        default=(None, going[0]),
    )


def _rebuild(told: Sequence[Told], *, first: Told, before: Story | None, source: Story) -> Story:
    """The story that ``told`` make, ``first`` speaking for it.

    Args:
        before: the same story as it stood, if there was one.
        source: the story they all were in. It was news to somebody, so what is left of it
            is too, whatever the catalogue says by now.
    """
    is_history = (before or source).is_history
    spoken = before is not None and before.headline == first.report.entry.title
    summary = before.summary if before and spoken else first.summary
    story = open_story(first.report, summary=summary, is_history=is_history)
    for one in told:
        story = join_story(story, one.report, reason=one.filed, is_history=is_history)
    story = replace(
        story,
        updated_at=max(one.report.seen_at for one in told),
        revision=before.revision + 1 if before else 1,
        reasons=first.report.match.reasons,
    )
    if not (story.is_relevant or story.watched):
        story = replace(story, is_relevant=source.is_relevant, watched=source.watched)
    if before is None:
        return story
    return replace(story, id=before.id, opened_at=before.opened_at, version=before.version)


def _goes_along(story: Story, going: Sequence[Told], staying: Sequence[Told]) -> bool:
    """Whether a tied story goes with those that leave: what it is tied to is among them."""
    if story.is_merged:
        return _find_opener(story, going) is not None
    return _is_turned(story, going) and not _is_turned(story, staying)


def _is_turned(turn: Story, told: Iterable[Told]) -> bool:
    """Whether ``turn`` was tied to one of these reports, by link or headline."""
    tie = turn.tie
    return tie is not None and any(
        (one.report.entry.link == tie.link if tie.link else False)
        or one.report.entry.title == tie.headline
        for one in told
    )
