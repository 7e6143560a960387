"""Messages drawn as a web page that loads nothing: each in Discord's dark and light colours.

Every letter of a message passes the template engine's escaping; the page runs no script and
names no address but those of links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from bot.platforms.preview.markdown import Node, parse
from bot.platforms.preview.times import say_moment

DESKTOP, PHONE = 688, 390
"""Widths of a message, its margins included, in pixels."""

_TAGS = {
    "strong": Markup("<strong>{}</strong>"),
    "emphasis": Markup("<em>{}</em>"),
    "underline": Markup("<u>{}</u>"),
    "strike": Markup("<s>{}</s>"),
    "small": Markup('<span class="small">{}</span>'),
    "item": Markup('<span class="item">• {}</span>'),
    "quote": Markup("<blockquote>{}</blockquote>"),
    "spoiler": Markup('<span class="call">{}</span>'),
}
_LINK = Markup('<a href="{}" rel="noreferrer noopener">{}</a>')
_HEADING = Markup('<span class="h h{}">{}</span>')
_CALL = Markup('<span class="call">{}</span>')
_PLAIN = {
    "text": Markup("{}"),
    "break": Markup("{}"),
    "code": Markup("<code>{}</code>"),
    "fence": Markup('<span class="fence">{}</span>'),
    "timestamp": Markup('<span class="time">{}</span>'),
}

LINK_STYLE, RISKY_STYLE = 5, 4


@dataclass(frozen=True, slots=True)
class Sample:
    """A message to be drawn.

    Attributes:
        name: lower-case letters and "-"; the message is found by it in the page.
        title, about: what is shown and why, for whoever looks.
        components: as the API takes them.
        content: the words above them in an ordinary message, or "".
        now: when it is looked at; times are told as seen from there.
        reply_to: what it replies to, in a line, or "".
        names: of channels and roles, by their ids.
    """

    name: str
    title: str
    about: str
    components: Sequence[Mapping[str, Any]]
    now: datetime
    reply_to: str = ""
    names: Mapping[str, str] | None = None
    content: str = ""


def make_page(samples: Iterable[Sample], *, title: str, is_phone: bool = False) -> str:
    """The page as HTML."""
    drawn = [
        {
            "name": sample.name,
            "title": sample.title,
            "about": sample.about,
            "reply_to": sample.reply_to,
            "seen": f"{sample.now.astimezone(UTC):%d/%m/%Y, %H:%M}",
            "drawn": _Drawing(sample).draw_all(),
        }
        for sample in samples
    ]
    return _load_template().render(title=title, samples=drawn, width=PHONE if is_phone else DESKTOP)


@cache
def _load_template() -> Template:
    environment = Environment(
        loader=PackageLoader("bot.platforms.preview", "."),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("page.html")


class _Drawing:
    """One message becoming HTML."""

    def __init__(self, sample: Sample) -> None:
        self._content, self._components = sample.content, sample.components
        self._now = sample.now
        self._names = sample.names or {}

    def draw_all(self) -> Markup:
        """The words of an ordinary message, if it is one, and the components."""
        words = [self._draw_words(self._content)] if self._content else []
        return _join((*words, *map(self.draw, self._components)))

    def draw(self, component: Mapping[str, Any]) -> Markup:
        """A component with all that it holds.

        Raises:
            ValueError: it is of a type that our messages have none of.
        """
        inside = (self.draw(one) for one in component.get("components", ()))
        match component["type"]:
            case 17:
                card = Markup('<div class="card" style="--accent: #{:06x}">{}</div>')
                return card.format(int(component["accent_color"]), _join(inside))
            case 1:
                return Markup('<div class="row">{}</div>').format(_join(inside))
            case 10:
                return self._draw_words(component["content"])
            case 2:
                look = {LINK_STYLE: "leaving", RISKY_STYLE: "risky"}.get(component["style"], "")
                button = Markup('<span class="button {}">{}</span>')
                return button.format(look, component["label"])
            case 14:
                return Markup("<hr>")
            case 13:
                name = component["file"]["url"].removeprefix("attachment://")
                return Markup('<div class="file">📄 {}</div>').format(name)
            case other:
                raise ValueError(f"a component of type {other} cannot be previewed")

    def _draw_words(self, content: str) -> Markup:
        return Markup('<div class="words">{}</div>').format(self._tell(parse(content)))

    def _tell(self, nodes: Iterable[Node]) -> Markup:
        return _join(map(self._tell_node, nodes))

    def _tell_node(self, node: Node) -> Markup:
        kind, inside = node.kind, self._tell(node.children)
        if kind == "heading":
            return _HEADING.format(len(node.target), inside)
        if kind == "link":
            is_web = node.target.startswith(("https://", "http://"))
            return _LINK.format(node.target, inside) if is_web else inside
        if kind in _TAGS:
            return _TAGS[kind].format(inside)
        return _PLAIN.get(kind, _CALL).format(self._say(node))

    def _say(self, node: Node) -> str:
        """What a client shows for a piece that nothing stands in."""
        match node.kind:
            case "break":
                return "\n"
            case "timestamp":
                return say_moment(int(node.text), node.target or "f", self._now)
            case "command":
                return f"/{node.text}"
            case "role" | "user" | "channel":
                sign = "#" if node.kind == "channel" else "@"
                return sign + self._names.get(node.target, node.target)
            case _:
                return node.text


def _join(pieces: Iterable[Markup]) -> Markup:
    return Markup("").join(pieces)
