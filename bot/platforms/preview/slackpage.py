"""Messages, modals and Home tabs of Slack drawn as a web page that loads nothing.

Each in Slack's light and dark colours. Every letter passes the template engine's escaping; the
page runs no script and names no address but those of links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from bot.platforms.preview.markdown import Node
from bot.platforms.preview.mrkdwn import decode, parse
from bot.platforms.preview.page import DESKTOP, PHONE
from bot.platforms.preview.times import say_slack_date

Json = Mapping[str, Any]

_TAGS = {
    "strong": Markup("<strong>{}</strong>"),
    "emphasis": Markup("<em>{}</em>"),
    "strike": Markup("<s>{}</s>"),
    "quote": Markup("<blockquote>{}</blockquote>"),
}
_LINK = Markup('<a href="{}" rel="noreferrer noopener">{}</a>')
_SAID = {
    "text": Markup("{}"),
    "break": Markup("{}"),
    "date": Markup("{}"),
    "code": Markup("<code>{}</code>"),
    "fence": Markup('<span class="fence">{}</span>'),
    "user": Markup('<span class="named">{}</span>'),
    "channel": Markup('<span class="named">{}</span>'),
}
_CALL = Markup('<span class="call">{}</span>')
_BUTTON = Markup('<span class="button {}">{}</span>')
_BOX = Markup('<div class="box {}">{}</div>')
_CHIP = Markup('<span class="chip">{}</span>')
_TICK = Markup('<div class="tick {}"><i>{}</i>{}</div>')
_INPUT = Markup('<div class="input"><b>{}{}</b>{}{}</div>')
_HINT = Markup('<div class="hint">{}</div>')
_OPTIONAL = Markup(" <span>(optional)</span>")

PLACEHOLDERS = {
    "plain_text_input": "",
    "number_input": "",
    "static_select": "Select an option",
    "external_select": "Search…",
    "multi_static_select": "Select options",
    "multi_external_select": "Search…",
    "conversations_select": "Select a conversation",
    "channels_select": "Select a channel",
    "users_select": "Select a member",
}
"""What Slack shows in an empty field that names nothing itself; keys are the fields we draw."""

_TYPED = frozenset({"plain_text_input", "number_input"})


@dataclass(frozen=True, slots=True)
class SlackSample:
    """A message or a view to be drawn.

    Attributes:
        name: lower-case letters and "-"; it is found by that in the page.
        title, about: what is shown and why, for whoever looks.
        blocks: as the API takes them.
        now: when it is looked at.
        view: of a modal or a Home tab all of it, instead of ``blocks``.
        thread: the first message of the thread that it replies to, in plain text, while
            the channel sees it too; or "".
        is_private: only one person sees it.
        names: of channels, people and groups, by their ids.
    """

    name: str
    title: str
    about: str
    blocks: Sequence[Json]
    now: datetime
    view: Json | None = None
    thread: str = ""
    is_private: bool = False
    names: Mapping[str, str] | None = None

    @property
    def surface(self) -> str:
        """Where it stands: "message", "home" or "modal"."""
        return str(self.view["type"]) if self.view else "message"

    @property
    def all_blocks(self) -> Sequence[Json]:
        """The blocks of the message or of the view."""
        return self.view["blocks"] if self.view else self.blocks


def make_slack_page(samples: Iterable[SlackSample], *, title: str, is_phone: bool = False) -> str:
    """The page as HTML."""
    drawn = [
        {
            "name": sample.name,
            "title": sample.title,
            "about": sample.about,
            "surface": sample.surface,
            "thread": sample.thread,
            "is_private": sample.is_private,
            "seen": _say_time(sample.now),
            "drawn": _Drawing(sample).draw_all(),
            **{
                key: ((sample.view or {}).get(part) or {}).get("text", "")
                for key, part in (("head", "title"), ("close", "close"), ("submit", "submit"))
            },
        }
        for sample in samples
    ]
    return _load_template().render(title=title, samples=drawn, width=PHONE if is_phone else DESKTOP)


def _say_time(when: datetime) -> str:
    return say_slack_date(int(when.timestamp()), "{time}", when.astimezone(UTC))


@cache
def _load_template() -> Template:
    environment = Environment(
        loader=PackageLoader("bot.platforms.preview", "."),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("slack.html")


class _Drawing:
    """One message or view becoming HTML."""

    def __init__(self, sample: SlackSample) -> None:
        self._blocks = sample.all_blocks
        self._now = sample.now
        self._names = sample.names or {}

    def draw_all(self) -> Markup:
        """All blocks, one below the other."""
        return _join(map(self.draw, self._blocks))

    def draw(self, block: Json) -> Markup:
        """A block with all that it holds.

        Raises:
            ValueError: it is of a type that ours have none of.
        """
        match block["type"]:
            case "section":
                return self._draw_section(block)
            case "context":
                said = Markup("  ").join(self._draw_text(one) for one in block["elements"])
                return Markup('<div class="context">{}</div>').format(said)
            case "header":
                return Markup('<div class="header">{}</div>').format(block["text"]["text"])
            case "actions":
                inside = _join(map(self.draw_element, block["elements"]))
                return Markup('<div class="row">{}</div>').format(inside)
            case "divider":
                return Markup("<hr>")
            case "input":
                optional = _OPTIONAL if block.get("optional") else ""
                hint = _HINT.format(block["hint"]["text"]) if block.get("hint") else ""
                inside = self.draw_element(block["element"])
                return _INPUT.format(block["label"]["text"], optional, inside, hint)
            case other:
                raise ValueError(f"a block of type {other} cannot be previewed")

    def _draw_section(self, block: Json) -> Markup:
        words = Markup('<div class="words">{}</div>').format(self._draw_text(block["text"]))
        if accessory := block.get("accessory"):
            inside = self.draw_element(accessory)
            return Markup('<div class="beside">{}{}</div>').format(words, inside)
        return words

    def draw_element(self, element: Json) -> Markup:
        """A button or a field.

        Raises:
            ValueError: it is of a type that ours have none of.
        """
        match kind := element["type"]:
            case "button":
                return _BUTTON.format(element.get("style", ""), element["text"]["text"])
            case "checkboxes":
                chosen = element.get("initial_options", ())
                ticks = (_draw_tick(one, is_on=one in chosen) for one in element["options"])
                return _join(ticks)
            case "file_input":
                return _BUTTON.format("", "Upload a file")
            case _ if kind in PLACEHOLDERS:
                return self._draw_field(element)
            case other:
                raise ValueError(f"an element of type {other} cannot be previewed")

    def _draw_field(self, element: Json) -> Markup:
        kind = element["type"]
        look = "" if kind in _TYPED else "choice"
        if chosen := list_chosen(element, self._names):
            is_many = kind.startswith("multi_")
            return _BOX.format(
                look, _join(_CHIP.format(one) for one in chosen) if is_many else chosen[0]
            )
        said = (element.get("placeholder") or {}).get("text") or PLACEHOLDERS[kind]
        return _BOX.format(f"{look} empty", said)

    def _draw_text(self, text: Json) -> Markup:
        if text["type"] == "plain_text":
            return Markup("{}").format(text["text"])
        return self._tell(parse(text["text"]))

    def _tell(self, nodes: Iterable[Node]) -> Markup:
        return _join(map(self._tell_node, nodes))

    def _tell_node(self, node: Node) -> Markup:
        if node.kind == "link":
            is_web = node.target.startswith(("https://", "http://"))
            inside = self._tell(node.children)
            return _LINK.format(node.target, inside) if is_web else inside
        if node.kind in _TAGS:
            return _TAGS[node.kind].format(self._tell(node.children))
        return _SAID.get(node.kind, _CALL).format(say_node(node, self._now, self._names))


def say_node(node: Node, now: datetime, names: Mapping[str, str]) -> str:
    """What a client shows for a piece that nothing stands in."""
    match node.kind:
        case "break":
            return "\n"
        case "date":
            seconds, _, form = node.target.partition("^")
            return say_slack_date(int(seconds), form, now)
        case "user" | "channel" | "group":
            sign = "#" if node.kind == "channel" else "@"
            return sign + names.get(node.target, node.text or node.target)
        case "emoji":
            return f":{node.text}:"
        case "unknown":
            return f"<{decode(node.text)}>"
        case _:
            return node.text


def list_chosen(element: Json, names: Mapping[str, str]) -> list[str]:
    """What a field is filled in with, in words."""
    if element.get("initial_value"):
        return [str(element["initial_value"])]
    if conversation := element.get("initial_conversation"):
        return [f"#{names.get(conversation, conversation)}"]
    options = element.get("initial_options") or [element.get("initial_option")]
    return [str(one["text"]["text"]) for one in options if one]


def _draw_tick(option: Json, *, is_on: bool) -> Markup:
    return _TICK.format("on" if is_on else "", "✓" if is_on else "", option["text"]["text"])


def _join(pieces: Iterable[Markup]) -> Markup:
    return Markup("").join(pieces)
