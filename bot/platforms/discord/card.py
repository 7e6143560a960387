"""One story as a post: a card that grows with its story and carries its own buttons.

A card is made of components (Components V2), not of an embed, because

- an embed needs the permission Embed Links and vanishes for readers who have switched
  previews off; components do neither, and a bot asks for one permission less;
- the buttons stand inside the card, below the words they act on, on phone and desktop;
- text inside has headings, subtext, timestamps and links everywhere (an embed's title takes
  no markdown, its footer no timestamp), and a phone gives it the whole width, without the
  column that an embed loses to its thumbnail and its frame;
- a role named in it is called; a role named in an embed never is.

What it costs: a push notification for a message of components has no words of the message in
it, only who posted where (discord/discord-api-docs, issue 7854, open in 2026). So a called
role stands on top, and the headline is the first thing that the open message shows.

Room is shared by construction, so that nothing is ever refused for its length: the headline
goes first, then the summary; the list of other outlets takes what is left.
"""

from __future__ import annotations

from bot.model import Delivery, Message, Tie, TieKind
from bot.platforms.discord import components as make
from bot.platforms.discord.components import Component, Drawn
from bot.platforms.discord.inert import (
    address_or_none,
    button_address_or_none,
    can_be_label,
    inert,
    link,
)
from bot.platforms.discord.limits import MAX_TEXT, units
from bot.platforms.discord.words import (
    MAX_NAME,
    dotted,
    headline_link,
    list_sources,
    moment,
    names_of,
)
from bot.prose.inert import clean_text

PAIR = 0xE0218A
TURN = 0xF0A020
CALM = 0x4F7CAC
MERGED = 0x80848E
"""Colours of a card's edge; told apart by people who see no red or no green, too."""

MAX_HEADLINE = 1300  # units, its address among them
MAX_SUMMARY = 800
MAX_TIE = 700
MAX_ALSO = 6  # outlets named
_LINKABLE_TIE = 500  # units of an earlier story's address; a longer one is left out

_TURNED = {
    TieKind.CONFIRMED: "CONFIRMED",
    TieKind.DENIED: "DENIED",
    TieKind.REVERSED: "REVERSED",
    TieKind.MERGED: "MERGED",
}


def draw_post(delivery: Delivery, message: Message) -> Drawn:
    """``message`` as a new post, or as what the post says after an edit.

    A role is called by the first post alone: an edit would call nobody, and its name would only
    stand there.
    """
    is_edit = bool(delivery.message_ref)
    role = "" if is_edit or not delivery.ping.isdecimal() else delivery.ping
    top = [make.text(f"<@&{role}>")] if role else []
    card = make.container(_draw_parts(delivery, message), colour=_colour(message))
    return Drawn((*top, card), gist=tell_gist(message), role=role)


def tell_gist(message: Message) -> str:
    """A story in one line of plain text, nothing escaped."""
    names = ", ".join((*message.makers, *message.carriers, *message.others))
    mark = "PAIR" if message.is_pair else ""
    return clean_text(dotted((mark, message.headline, names, message.outlet)))


def _draw_parts(delivery: Delivery, message: Message) -> list[Component]:
    room = MAX_TEXT - len("<@&>") - len(delivery.ping)
    parts = [make.text(said) for said in say_card(message, room=room)]
    parts.append(make.row(_draw_buttons(delivery.id, message)))
    if not can_be_label(message.headline) and (address := button_address_or_none(message.link)):
        parts.append(make.row([make.link_button("Read the report", address)]))
    return parts


def _draw_buttons(delivery_id: str, message: Message) -> list[Component]:
    count = 1 + len(message.also)
    buttons = [
        make.button(f"Sources ({count})" if count > 1 else "Source", "sources", delivery_id),
        make.button("Why", "why", delivery_id),
    ]
    if _is_merged(message):
        return buttons
    buttons.append(make.button("Mute story", "mute-story", delivery_id))
    if message.is_pair:
        buttons.append(make.button("Mute pair 24 h", "mute-pair", delivery_id))
    buttons.append(make.button("Not relevant", "not-relevant", delivery_id))
    return buttons


def say_card(message: Message, *, room: int) -> tuple[str, ...]:
    """The texts of a card without its buttons, in order.

    Args:
        room: units that the list of other outlets leaves free of all of them.
    """
    if message.tie and _is_merged(message):
        return _say_merged(message, message.tie)
    head = f"-# {_tag(message)}\n### {headline_link(message, MAX_HEADLINE)}"
    if message.tie:
        head += f"\n-# in reply to {_say_tie(message.tie)}"
    summary = inert(message.summary, MAX_SUMMARY)
    facts = "\n".join(line for line in (names_of(message, mark="**"), _say_origin(message)) if line)
    left = room - sum(units(part) + 1 for part in (head, summary, facts))
    if message.also:
        prefix = "\n-# also covered by "
        facts += prefix + list_sources(message.also, room=left - len(prefix), most=MAX_ALSO)
    return tuple(part for part in (head, summary, facts) if part)


def _say_merged(message: Message, tie: Tie) -> tuple[str, ...]:
    headline = inert(message.headline, MAX_TIE)
    return (
        f"-# {_tag(message)}\n~~{headline}~~" if headline else f"-# {_tag(message)}",
        f"now told in {_say_tie(tie)}",
    )


def _say_tie(tie: Tie) -> str:
    target = address_or_none(tie.link)
    is_short = target is not None and units(target) <= _LINKABLE_TIE
    label = tie.headline if clean_text(tie.headline) else "an earlier story"
    return link(label, target if is_short else None, MAX_TIE - _LINKABLE_TIE)


def _tag(message: Message) -> str:
    turned = _TURNED[message.tie.kind] if message.tie else ""
    marks = [f"**{mark}**" for mark in ("PAIR" if message.is_pair else "", turned) if mark]
    return dotted((*marks, message.event.label))


def _say_origin(message: Message) -> str:
    """Outlet and time; the outlet is the link where the headline cannot be one."""
    is_needed = not can_be_label(message.headline)
    outlet = link(message.outlet, message.link if is_needed else None, MAX_NAME)
    return f"-# {dotted((outlet, moment(message.published_at)))}"


def _colour(message: Message) -> int:
    if _is_merged(message):
        return MERGED
    if message.tie:
        return TURN
    return PAIR if message.is_pair else CALM


def _is_merged(message: Message) -> bool:
    return message.tie is not None and not message.tie.is_turn
