"""One story as a post: its words and its own buttons, which grow with the story.

A post has the same content and the same buttons as the card on Discord. What differs is Slack's:

- no coloured edge (that takes an attachment, which Slack calls legacy and folds), so the marks
  PAIR, CONFIRMED and the like stand as code, which Slack draws in a colour of its own;
- one paragraph holds headline, summary and names, none of it folded, and small grey print below
  tells outlet, time, the other outlets and what is answered: a phone shows first what matters;
- whoever is called stands in that paragraph, and beside the blocks in the text for
  notifications: a call in small print might not ring.

Room is shared by construction, so that nothing is ever refused for its length: the headline
goes first, then the summary; the list of other outlets takes what is left.
"""

from __future__ import annotations

from bot.model import Delivery, Message, Tie
from bot.platforms.slack import blocks as make
from bot.platforms.slack.drawn import Block, Drawn
from bot.platforms.slack.inert import (
    button_address_or_none,
    call_or_none,
    can_be_label,
    inert,
)
from bot.platforms.slack.limits import MAX_FALLBACK, MAX_SECTION
from bot.platforms.slack.words import (
    headline_link,
    list_sources,
    say_marks,
    say_name,
    say_origin,
    say_tie,
)
from bot.prose.fitting import units
from bot.prose.posts import (
    READ_REPORT,
    dotted,
    find_called,
    fit_names,
    is_merged,
    list_buttons,
    tell_gist,
)

MAX_HEADLINE = 1300  # units, its address among them
MAX_SUMMARY = 800
MAX_NAMES = 780
MAX_STRUCK = 700  # units of the headline of a story that is told elsewhere
_ALSO = "also covered by "
_ROOM_FOR_CALL = 60


def draw_post(delivery: Delivery, message: Message) -> Drawn:
    """``message`` as a new post, or as what the post says after an edit.

    A user group, or the channel, is called by the first post alone.
    """
    call = "" if is_merged(message) else say_call(delivery)
    row = make.actions(
        _draw_buttons(delivery.id, message), block_id=make.make_block_id(delivery.id)
    )
    return Drawn((*draw_story(message, call=call), row), say_fallback(tell_gist(message), call))


def say_call(delivery: Delivery) -> str:
    """What calls whom this post of ``delivery`` calls, or ""."""
    return call_or_none(find_called(delivery)) or ""


def say_fallback(gist: str, call: str = "") -> str:
    """The text beside the blocks: ``gist`` in mrkdwn, and behind it whoever is called."""
    said = inert(gist, MAX_FALLBACK - _ROOM_FOR_CALL)
    return f"{said} {call}".strip()


def draw_story(message: Message, *, call: str = "", rest: int = MAX_SECTION) -> tuple[Block, ...]:
    """A story in full, without its buttons.

    Args:
        call: in mrkdwn, whoever is called.
        rest: units of the small print below; at least 2000.
    """
    marks = dotted((say_marks(message), message.event.label))
    tag = (make.context(marks),) if marks else ()
    if message.tie and is_merged(message):
        return (*tag, make.section(_say_merged(message, message.tie)))
    return (*tag, make.section(_say_body(message, call)), make.context(_say_rest(message, rest)))


def _say_body(message: Message, call: str) -> str:
    headline = f"*{headline_link(message, MAX_HEADLINE)}*"
    summary = inert(message.summary, MAX_SUMMARY)
    names = fit_names(message, say_name, MAX_NAMES, mark="*")
    return "\n".join(line for line in (headline, summary, names, call) if line)


def _say_rest(message: Message, room: int) -> str:
    lines = [say_origin(message)]
    if message.tie:
        lines.append(say_tie(message.tie))
    if message.also:
        room -= sum(units(line) + 1 for line in lines) + len(_ALSO)
        lines.append(_ALSO + list_sources(message.also, room=room))
    return "\n".join(lines)


def _say_merged(message: Message, tie: Tie) -> str:
    headline = inert(message.headline, MAX_STRUCK)
    struck = f"~{headline}~\n" if headline else ""
    return f"{struck}{say_tie(tie)}"


def _draw_buttons(delivery_id: str, message: Message) -> list[make.Element]:
    buttons = [
        make.button(label, action, delivery_id, number=number)
        for number, (label, action) in enumerate(list_buttons(message))
    ]
    address = button_address_or_none(message.link)
    if address and not can_be_label(message.headline):
        buttons.append(make.link_button(READ_REPORT, address, number=len(buttons)))
    return buttons
