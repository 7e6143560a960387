"""One story as a post: a card that grows with its story and carries its own buttons.

A card is made of components (Components V2), not of an embed, because

- an embed needs the permission Embed Links and vanishes for readers who have switched
  previews off; components do neither, and a bot asks for one permission less;
- the buttons stand inside the card, below the words they act on, on phone and desktop;
- text inside has headings, subtext, timestamps and links everywhere (an embed's title takes
  no markdown, its footer no timestamp), and a phone gives it the whole width, without the
  column that an embed loses to its thumbnail and its frame.

What it costs: a push notification for a message of components has no words of the message in
it, only who posted where (discord/discord-api-docs, issue 7854, open in 2026). Where a post
calls a role, the notification is the point of it. So such a post is an ordinary message: the
same words and buttons without the card, the headline first, since a locked phone shows one or
two lines. The call stands behind the marks, below the headline: it calls from anywhere, and an
edit, which calls nobody, leaves it out without a line being missed.

Which of the two a post is depends on ``Delivery.ping`` alone, as that stays while the post
changes, and an edit cannot make one into the other.

Room is shared by construction, so that nothing is ever refused for its length: the headline
goes first, then the summary; the list of other outlets takes what is left.
"""

from __future__ import annotations

from dataclasses import replace

from bot.model import Delivery, Message, Tie
from bot.platforms.discord import components as make
from bot.platforms.discord.components import Component, Drawn
from bot.platforms.discord.inert import (
    button_address_or_none,
    can_be_label,
    inert,
    link,
)
from bot.platforms.discord.limits import MAX_CONTENT, MAX_TEXT
from bot.platforms.discord.words import headline_link, list_sources, marks_of, moment, say_name
from bot.prose.addresses import address_or_none
from bot.prose.fitting import cut, units
from bot.prose.inert import clean_text
from bot.prose.posts import (
    MAX_NAME,
    NO_TIE,
    READ_REPORT,
    dotted,
    find_called,
    fit_names,
    is_merged,
    list_buttons,
    name_tie,
    names_of,
    tell_gist,
)

PAIR = 0xE0218A
TURN = 0xF0A020
CALM = 0x4F7CAC
MERGED = 0x80848E
"""Colours of a card's edge; told apart by people who see no red or no green, too."""

MAX_HEADLINE = 1300  # units, its address among them
MAX_SUMMARY = 800
MAX_TIE = 700
MAX_CALLED = 1200  # units of the headline of a post that calls, its address among them
MAX_CALLED_ALONE = 600  # of one that is no link; the outlet's name is the link then
MAX_CALLED_NAMES = 300
_LINKABLE_TIE = 500  # units of an earlier story's address; a longer one is left out
_SHORT_TIE = 100  # units of its headline where there is no room for a link
_LEAST = 40  # units; with less room there is no summary, or no list of outlets


def draw_post(delivery: Delivery, message: Message) -> Drawn:
    """``message`` as a new post, or as what the post says after an edit.

    A role is called by the first post alone: an edit would call nobody, and its name would only
    stand there.
    """
    rows, gist = _draw_rows(delivery.id, message), tell_gist(message)
    if find_role(delivery):
        called = find_called(delivery)
        said = say_called(message, role=called)
        return Drawn(rows, gist=gist, role=called, content=said)
    texts = map(make.text, say_card(message, room=MAX_TEXT))
    card = make.container((*texts, *rows), colour=_colour(message))
    return Drawn((card,), gist=gist)


def find_role(delivery: Delivery) -> str:
    """The id of the role that the first post of ``delivery`` calls, or "".

    Where there is one, the post and all its edits are ordinary messages, else cards.
    """
    return delivery.ping if delivery.ping.isdecimal() else ""


def _draw_rows(delivery_id: str, message: Message) -> tuple[Component, ...]:
    buttons = make.row(_draw_buttons(delivery_id, message))
    address = button_address_or_none(message.link)
    if can_be_label(message.headline) or not address:
        return (buttons,)
    return (buttons, make.row([make.link_button(READ_REPORT, address)]))


def _draw_buttons(delivery_id: str, message: Message) -> list[Component]:
    return [make.button(label, action, delivery_id) for label, action in list_buttons(message)]


def say_card(message: Message, *, room: int) -> tuple[str, ...]:
    """The texts of a card without its buttons, in order.

    Args:
        room: units that the list of other outlets leaves free of all of them.
    """
    if message.tie and is_merged(message):
        return _say_merged(message, message.tie)
    head = f"-# {_tag(message)}\n### {headline_link(message, MAX_HEADLINE)}"
    if message.tie:
        head += f"\n-# {_say_target(message.tie)}"
    summary = inert(message.summary, MAX_SUMMARY)
    names = names_of(message, say_name, mark="**")
    facts = "\n".join(_in_order(names, _say_origin(message)))
    left = room - sum(units(part) + 1 for part in (head, summary, facts))
    if message.also:
        prefix = "\n-# also covered by "
        facts += prefix + list_sources(message.also, room=left - len(prefix))
    return _in_order(head, summary, facts)


def say_called(message: Message, *, role: str = "") -> str:
    """The words of an ordinary message, of at most 2000 units: those of a card, headline first.

    Args:
        role: the id of the role that is called, or "".
    """
    tag = f"-# {dotted((_tag(message), f'<@&{role}>' if role else ''))}"
    if message.tie and is_merged(message):
        return "\n".join(_in_order(_strike(message), tag, _say_target(message.tie)))
    most = MAX_CALLED if can_be_label(message.headline) else MAX_CALLED_ALONE
    head, origin = f"### {headline_link(message, most)}", _say_origin(message)
    left = MAX_CONTENT - _needed(head, tag, origin)
    names = fit_names(message, say_name, min(MAX_CALLED_NAMES, left - 1), mark="**")
    left -= _needed(names)
    reply = _fit_reply(message.tie, left - 1) if message.tie else ""
    left -= _needed(reply)
    summary = inert(message.summary, min(MAX_SUMMARY, left - 1)) if left > _LEAST else ""
    left -= _needed(summary)
    also = ""
    if message.also and left > _LEAST:
        prefix = "-# also covered by "
        room = left - len(prefix) - 1
        also = prefix + list_sources(message.also, room=room)
    return "\n".join(_in_order(head, tag, reply, summary, names, origin, also))


def _in_order(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in parts if part)


def _needed(*parts: str) -> int:
    """Units of those of ``parts`` that say something, each with a line break."""
    return sum(units(part) + 1 for part in parts if part)


def _fit_reply(tie: Tie, room: int) -> str:
    """What is answered, as a link, by name, or not at all."""
    named = replace(tie, link=None, headline=cut(clean_text(tie.headline), _SHORT_TIE))
    fitting = (f"-# {_say_target(one)}" for one in (tie, named))
    return next((said for said in fitting if units(said) <= room), "")


def _say_merged(message: Message, tie: Tie) -> tuple[str, ...]:
    head = "\n".join(_in_order(f"-# {_tag(message)}", _strike(message)))
    return head, _say_target(tie)


def _strike(message: Message) -> str:
    headline = inert(message.headline, MAX_TIE)
    return f"~~{headline}~~" if headline else ""


def _say_target(tie: Tie) -> str:
    return f"{name_tie(tie)} {_say_tie(tie)}"


def _say_tie(tie: Tie) -> str:
    target = address_or_none(tie.link)
    is_short = target is not None and units(target) <= _LINKABLE_TIE
    label = tie.headline if clean_text(tie.headline) else NO_TIE
    return link(label, target if is_short else None, MAX_TIE - _LINKABLE_TIE)


def _tag(message: Message) -> str:
    return dotted((*marks_of(message), message.event.label))


def _say_origin(message: Message) -> str:
    """Outlet and time; the outlet is the link where the headline cannot be one."""
    is_needed = not can_be_label(message.headline)
    outlet = link(message.outlet, message.link if is_needed else None, MAX_NAME)
    return f"-# {dotted((outlet, moment(message.published_at)))}"


def _colour(message: Message) -> int:
    if is_merged(message):
        return MERGED
    if message.tie:
        return TURN
    return PAIR if message.is_pair else CALM
