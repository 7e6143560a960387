"""How one story looks with its reports: what it is, how it hangs together, who told it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Group
from rich.text import Text

from bot.commands.stories import MAX_REPORTS, ShownStory
from bot.model import FiledEntry, Message
from bot.platforms.console.inert import clean_url
from bot.platforms.console.render import Block, Margin, list_facts, say_when
from bot.prose.inert import clean_text


def render_story(shown: ShownStory, *, now: datetime) -> Group:
    """The story, then each report with the number that `newsbot story split` takes."""
    message = shown.message
    head = (
        Text(clean_text(message.headline) or "(no headline)", "bold"),
        list_facts(message),
        *(Text(clean_text(line), "dim") for line in _tell_state(shown, now)),
    )
    blocks = [_block(head, link=message.link)]
    width = max((len(str(entry.id)) for entry in shown.entries), default=0)
    blocks += (_render_report(entry, width) for entry in shown.entries)
    if shown.has_more:
        blocks.append(_block((Text(f"and more; these are the first {MAX_REPORTS}", "dim"),)))
    return Group(*blocks)


def render_lines(lines: Iterable[str]) -> Group:
    """Whole sentences about stories, a block each."""
    return Group(*(_block((Text(clean_text(line)),), is_apart=False) for line in lines))


def _tell_state(shown: ShownStory, now: datetime) -> Iterator[str]:
    """Where the story stands, and what hangs on it, a line each."""
    message = shown.message
    if shown.told_in:
        target = shown.told_in
        yield f"story #{message.story_id} · merged into {_name(target)}, which has its reports"
    else:
        is_closed = shown.closes_at <= now
        state = "closed since" if is_closed else "open until"
        yield f"story #{message.story_id} · {state} {say_when(shown.closes_at)}"
    if message.tie and message.tie.is_turn:
        yield f"turns #{message.tie.story_id} “{message.tie.headline}”: {message.tie.kind.value}"
    for turn in shown.turned_by:
        kind = f": {turn.tie.kind.value}" if turn.tie else ""
        yield f"turned by {_name(turn)}{kind}"
    for merged in shown.merged:
        yield f"holds {_name(merged)}, which was merged into it"


def _name(message: Message) -> str:
    return f"#{message.story_id} “{message.headline}”"


def _render_report(entry: FiledEntry, width: int) -> Block:
    number = Text(f"{entry.id:>{width}}  ", "bold")
    lines = [
        Text(f"{clean_text(entry.outlet)} · {say_when(entry.published_at)}"),
        Text(clean_text(entry.title) or "(no headline)"),
        Text(clean_text(entry.filed), "dim"),
    ]
    rest = Text(" " * number.cell_len)
    return _block(tuple(line for line in lines if line), link=entry.link, first=number, rest=rest)


def _block(
    lines: tuple[Text, ...],
    *,
    link: str | None = None,
    first: Text | None = None,
    rest: Text | None = None,
    is_apart: bool = True,
) -> Block:
    margin = Margin(first or Text(), rest or Text())
    return Block(
        screen=margin, pipe=margin, lines=lines, link=clean_url(link or ""), is_apart=is_apart
    )
