"""How a story looks: a card on a terminal, plain lines in a pipe, the same facts in both.

On a terminal lines wrap beside a coloured bar and the headline is a link (OSC 8). In a
pipe nothing is coloured, drawn or wrapped, so that ``grep`` finds what it is asked for.
The address always stands in full on a line of its own; so print with ``show``, which
lets it run past the edge instead of cutting it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.style import Style
from rich.text import Text

from bot.model import Digest, Message, Tie
from bot.platforms.console.inert import clean_url, encodable
from bot.prose.inert import clean_text

MAX_WIDTH = 100  # cells; longer lines are hard to read
MAX_OUTLETS = 3  # named in a line; the rest is a number
_MIN_WIDTH = 20  # cells of text, however narrow the terminal says it is

_PAIR_TAG = Style(bold=True, reverse=True, color="magenta")
_SPELT_OUT = str.maketrans({"×": "x", "·": "-", "▌": "|", "“": '"', "”": '"'})


@dataclass(frozen=True, slots=True)
class Margin:
    """What stands before a block's first line, and before each further one."""

    first: Text
    rest: Text


@dataclass(frozen=True, slots=True)
class Block:
    """A story's lines under a margin.

    Attributes:
        screen, pipe: the margins on a terminal and elsewhere.
        lines: wrapped on a terminal, whole elsewhere.
        link: its address, never wrapped, or "".
        is_apart: an empty line follows.
    """

    screen: Margin
    pipe: Margin
    lines: tuple[Text, ...]
    link: str
    is_apart: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        margin = self.screen if options.is_terminal else self.pipe
        lines = self._wrapped(console, options) if options.is_terminal else list(self.lines)
        if self.link:
            lines.append(Text(self.link, Style(color="blue", link=self.link)))
        for number, line in enumerate(lines):
            whole = Text.assemble(margin.rest if number else margin.first, line)
            whole.no_wrap, whole.overflow = True, "ignore"
            if options.ascii_only:
                whole.plain = encodable(whole.plain.translate(_SPELT_OUT), options.encoding)
            yield whole
        if self.is_apart:
            yield Text()

    def _wrapped(self, console: Console, options: ConsoleOptions) -> list[Text]:
        room = min(options.max_width, MAX_WIDTH)
        parts: list[Text] = []
        for line in self.lines:
            margin = self.screen.rest if parts else self.screen.first
            parts += line.wrap(console, max(room - margin.cell_len, _MIN_WIDTH))
        for part in parts:
            part.rstrip()
        return parts


def show(console: Console, *renderables: RenderableType) -> None:
    """Print so that an address wider than the terminal is neither cut nor broken."""
    console.print(*renderables, crop=False)


def render_post(message: Message) -> Block:
    """A story's first post; below its headline, what it says of the story that it turns."""
    lines = [_headline(message)]
    if turn := _turn_or_none(message):
        lines.append(_replies_to(turn, f"“{clean_text(turn.headline)}”"))
    lines += [Text(clean_text(message.summary)), list_facts(message), _origin(message)]
    if message.also:
        lines.append(Text(f"also covered by {_names(one.outlet for one in message.also)}", "dim"))
    colour = "magenta" if message.is_pair else "cyan"
    return Block(
        screen=_bar(colour, "reply  " if turn else ""),
        pipe=_margin("REPLY" if turn else "NEW"),
        lines=tuple(line for line in lines if line),
        link=clean_url(message.link or ""),
        is_apart=True,
    )


def render_update(message: Message) -> Block:
    """What changed since the post: who is named now, who covers it, the newest report."""
    if message.tie and not message.tie.is_turn:
        return _render_merged(message, message.tie)
    coverage = _origin(message)
    link = message.link
    if message.also:
        latest_first = [one.outlet for one in reversed(message.also)] + [message.outlet]
        coverage = Text(f"now at {_outlets(message)}, latest first: {_names(latest_first)}")
        link = message.also[-1].link or link
    return Block(
        screen=_bar("green", "updated  "),
        pipe=_margin("UPDATED"),
        lines=(_headline(message), list_facts(message), coverage),
        link=clean_url(link or ""),
        is_apart=True,
    )


def _render_merged(message: Message, tie: Tie) -> Block:
    """What a post says once another story tells its news."""
    return Block(
        screen=_bar("green", "merged  "),
        pipe=_margin("MERGED"),
        lines=(_headline(message), Text(f"now told in “{clean_text(tie.headline)}”")),
        link=clean_url(tie.link or ""),
        is_apart=True,
    )


def render_digest(digest: Digest) -> Group:
    """Several stories in one post, in its order; with dates, as it will be read later too."""
    head = Text.assemble((f"{len(digest.messages)} stories", "bold"), ", times in UTC")
    first = Block(
        screen=_bar("cyan"), pipe=_margin("DIGEST"), lines=(head,), link="", is_apart=False
    )
    return Group(first, *(_row(message, None) for message in digest.messages), Text())


def render_recent(messages: Iterable[Message], *, asked: str, now: datetime) -> Group:
    """A compact list, newest first: age on a terminal, date and time elsewhere.

    Args:
        asked: whose stories these are, in words, for the line above them.
    """
    found = sorted(messages, key=lambda message: message.published_at, reverse=True)
    count = {0: "No stories", 1: "1 story"}.get(len(found), f"{len(found)} stories, newest first,")
    head = Text(f"{count} about {clean_text(asked)}", "dim")
    return Group(head, *(_row(message, now) for message in found))


def render_rows(messages: Iterable[Message], *, now: datetime) -> Iterator[Block]:
    """Stories as a compact list, in the order given."""
    return (_row(message, now) for message in messages)


def render_card(message: Message) -> Block:
    """One story in full, as an answer shows it: a post without the tag of a new one."""
    block = render_post(message)
    return replace(block, pipe=Margin(Text(), Text()), is_apart=False)


def _row(message: Message, now: datetime | None) -> Block:
    """A story in two lines; before it on a terminal its age at ``now``, or its date."""
    mark = "PAIR" if message.is_pair else "    "
    published_at = message.published_at.astimezone(UTC)
    when = f"{published_at:%m-%d %H:%M}" if now is None else _age(published_at, now)
    age = Text(f"{when:>10}  ", "dim")
    pair = (mark, _PAIR_TAG if message.is_pair else "")
    about = [Text(_outlets(message)), Text(_number(message.story_id), "dim")]
    if turn := _turn_or_none(message):
        about.append(_replies_to(turn, _number(turn.story_id)))
    return Block(
        screen=Margin(Text.assemble(age, pair, "  "), Text(" " * (age.cell_len + 6))),
        pipe=Margin(Text(f"{say_when(message.published_at)}  {mark}  "), Text("    ")),
        lines=(_headline(message), _dotted(*_companies_and_event(message), *about)),
        link=clean_url(message.link or ""),
        is_apart=False,
    )


def _bar(colour: str, tag: str = "") -> Margin:
    bar = Text("▌ ", colour)
    return Margin(Text.assemble(bar, (tag, colour)), bar)


def _margin(tag: str) -> Margin:
    """A tag in a column as wide as "UPDATED"."""
    return Margin(Text(f"{tag:<9}"), Text(" " * 9))


def _headline(message: Message) -> Text:
    link = clean_url(message.link) if message.link else None
    return Text(clean_text(message.headline) or "(no headline)", Style(bold=True, link=link))


def list_facts(message: Message) -> Text:
    """Who and what happened; a pair is marked."""
    facts = _dotted(*_companies_and_event(message))
    return Text.assemble(("PAIR", _PAIR_TAG), "  ", facts) if message.is_pair else facts


def _companies_and_event(message: Message) -> tuple[Text, Text]:
    """Makers × carriers of a pair, else a plain list; and what happened."""
    names = (*message.makers, *message.carriers, *message.others)
    if message.is_pair:
        pair = " × ".join((", ".join(message.makers), ", ".join(message.carriers)))
        names = (pair, *message.others)
    return Text(clean_text(", ".join(names))), Text(message.event.label)


def _dotted(*parts: Text) -> Text:
    return Text(" · ").join(part for part in parts if part)


def _turn_or_none(message: Message) -> Tie | None:
    return message.tie if message.tie and message.tie.is_turn else None


def _replies_to(turn: Tie, story: str) -> Text:
    """That it is a reply, and whether what ``story`` says is confirmed, denied or reversed."""
    return Text(f"{turn.kind.value}, in reply to {story}", "italic")


def _number(story_id: str) -> str:
    return f"#{clean_text(story_id)}"


def _origin(message: Message) -> Text:
    return Text(f"{clean_text(message.outlet)} · {say_when(message.published_at)}", "dim")


def _names(outlets: Iterable[str]) -> str:
    first = [clean_text(outlet) for outlet in outlets]
    rest = len(first) - MAX_OUTLETS
    return ", ".join(first[:MAX_OUTLETS]) + (f" +{rest}" if rest > 0 else "")


def _outlets(message: Message) -> str:
    count = 1 + len(message.also)
    return "1 outlet" if count == 1 else f"{count} outlets"


def say_when(time: datetime) -> str:
    """Date and time in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _age(published_at: datetime, now: datetime) -> str:
    """How long ago, in at most ten characters; the date after a week."""
    minutes = int((now - published_at).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    if minutes < 7 * 24 * 60:
        return f"{minutes // (24 * 60)} d ago"
    return f"{published_at.astimezone(UTC):%Y-%m-%d}"
