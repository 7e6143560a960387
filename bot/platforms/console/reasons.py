"""How the reasons of a verdict look: a text with its names marked, then why, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from bot.commands.why import MAX_ENTRIES, ToldStory, Why
from bot.matching import give_reasons, tell_verdict
from bot.model import FiledEntry, Match, Mention, Rejection, Role
from bot.platforms.console.inert import clean_url
from bot.platforms.console.render import (
    Block,
    Margin,
    list_facts,
    render_recent,
    say_when,
)
from bot.prose.inert import clean_text

_STYLES = {
    Role.MAKER: Style(bold=True, color="cyan"),
    Role.CARRIER: Style(bold=True, color="magenta"),
    Role.OTHER: Style(bold=True, color="green"),
}
_REJECTED = Style(dim=True, strike=True)
_LABEL_WIDTH = 11
_NOTHING_SEEN = "no name of a watched company was seen"


def render_verdict(
    match: Match, name_of: Callable[[str], str], title: str, summary: str = ""
) -> Group:
    """The verdict in one sentence, the text with the names marked, and the reasons by kind.

    On a terminal makers, carriers, other companies and rejected names differ in style; in a
    pipe the text is as published.
    """
    reasons = give_reasons(match, name_of)
    said = [mark_names(text, match, where) for where, text in _fields(title, summary)]
    groups = {
        "named": reasons.named,
        "rejected": reasons.rejected,
        "pair": tuple(line.removeprefix("pair: ") for line in reasons.pair),
        "relevance": reasons.relevance,
        "event": reasons.event,
    }
    blocks = (_group(label, lines) for label, lines in groups.items() if lines)
    return Group(
        _plain(Text(clean_text(tell_verdict(match, name_of)), "bold")),
        *(_plain(text, indent=2) for text in said if text),
        *blocks,
    )


def render_why(why: Why, *, now: datetime) -> Group:
    """The answer to "why": a story with its entries, a list to choose from, or neither."""
    asked = clean_text(why.asked)
    if why.story:
        return _render_story(why.story)
    if why.several:
        hint = Text("Ask again for one of them: newsbot why ID", "dim")
        return Group(render_recent(why.several, asked=f"“{asked}”", now=now), _plain(hint))
    if why.passed_over:
        count = len(why.passed_over)
        head = "Seen and not flagged:" if count == 1 else f"Seen and not flagged, {count} entries:"
        return Group(_plain(Text(head, "bold")), *map(_render_entry, why.passed_over))
    if why.judged:
        return Group(
            _plain(Text("Never seen. As it would be judged now:", "dim")),
            render_verdict(why.judged, why.catalogue.name_of, why.asked),
        )
    return Group(_plain(Text(f"Never seen: nothing on record has {asked}")))


def mark_names(text: str, match: Match, where: str) -> Text:
    """The field ``where`` of a text, the names in it styled and nothing else changed."""
    marked = Text()
    place = 0
    for found, style in _spans(match, where):
        if found.start >= place:
            marked.append(_clean_piece(text[place : found.start]))
            marked.append(_clean_piece(text[found.start : found.end]), style)
            place = found.end
    marked.append(_clean_piece(text[place:]))
    return marked


def _spans(match: Match, where: str) -> Iterator[tuple[Mention | Rejection, Style]]:
    """Names of a field in reading order; where two stand in one place, the one taken first."""
    spans: list[tuple[Mention | Rejection, Style]] = [
        *((m, _STYLES[m.role]) for m in match.mentions if m.where == where),
        *((r, _REJECTED) for r in match.rejections if r.where == where),
    ]
    return iter(sorted(spans, key=lambda span: (span[0].start, span[1] is _REJECTED)))


def _clean_piece(piece: str) -> str:
    """``clean_text`` that keeps a space at either end."""
    cleaned = clean_text(piece)
    if not cleaned:
        return " " if piece[:1].isspace() else ""
    before, after = (" " if edge.isspace() else "" for edge in (piece[:1], piece[-1:]))
    return f"{before}{cleaned}{after}"


def _fields(title: str, summary: str) -> tuple[tuple[str, str], ...]:
    return ("title", title), ("summary", summary)


def _render_story(story: ToldStory) -> Group:
    message = story.message
    head = (
        Text(clean_text(message.headline) or "(no headline)", "bold"),
        list_facts(message),
        Text(f"story #{clean_text(message.story_id)} · {say_when(message.published_at)}", "dim"),
    )
    parts: list[RenderableType] = [_block(head, link=message.link)]
    if asked := story.asked:
        merged = f"story #{asked.story_id} “{asked.headline}” was merged into it"
        parts.insert(0, _plain(Text(clean_text(merged), "dim")))
    if story.history:
        parts.append(_group("over time", story.history))
    parts += map(_render_entry, story.entries)
    if story.has_more:
        parts.append(_plain(Text(f"and more entries; these are the first {MAX_ENTRIES}", "dim")))
    return Group(*parts)


def _render_entry(entry: FiledEntry) -> Group:
    edits = entry.revision - 1
    edited = f" · edited {'once' if edits == 1 else f'{edits} times'}" if edits else ""
    origin = f"{clean_text(entry.outlet)} · {say_when(entry.published_at)}{edited}"
    head = (Text(clean_text(entry.title) or "(no headline)"), Text(origin, "dim"))
    parts: list[RenderableType] = [Text(), _block(head, link=entry.link)]
    if entry.filed:
        parts.append(_group("filed", (entry.filed,)))
    parts.append(_group("reasons", entry.reasons or (_NOTHING_SEEN,)))
    return Group(*parts)


def _group(label: str, lines: Iterable[str]) -> Block:
    first = Text(f"  {label:<{_LABEL_WIDTH}}", "dim")
    margin = Margin(first, Text(" " * first.cell_len))
    return _lines(margin, tuple(Text(clean_text(line)) for line in lines))


def _plain(text: Text, *, indent: int = 0) -> Block:
    blank = Text(" " * indent)
    return _lines(Margin(blank, blank), (text,))


def _block(lines: tuple[Text, ...], *, link: str | None) -> Block:
    return _lines(Margin(Text(), Text()), lines, link=clean_url(link or ""))


def _lines(margin: Margin, lines: tuple[Text, ...], *, link: str = "") -> Block:
    return Block(screen=margin, pipe=margin, lines=lines, link=link, is_apart=False)
