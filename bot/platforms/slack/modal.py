"""Forms as modals: drawn, remembered, read, and what is shown after they were handed in. Pure.

A modal remembers what it is about in its ``private_metadata``, so that it outlives a restart of
the bot and any process may take it.

Source: Slack documentation, "Modals" and "Views" (100 blocks, titles of 24 characters,
private_metadata of 3000), "Block Kit", input block.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.commands.answer import Answer, Card, Tone
from bot.commands.command import Command, OptionKind
from bot.commands.forms import Form
from bot.commands.table import find_command_or_none
from bot.model import Destination, Platform
from bot.platforms.slack.answers import draw_parts
from bot.platforms.slack.blocks import context, plain_text, section
from bot.platforms.slack.drawn import Block
from bot.platforms.slack.fields import (
    Given,
    draw_field,
    read_field_id_or_none,
    read_fields,
    say_own,
)
from bot.platforms.slack.inert import bold, inert, plain
from bot.platforms.slack.limits import MAX_SECTION, MAX_VIEW_BLOCKS

View = dict[str, Any]
"""A modal or a Home tab as JSON."""

FORM, WORKING, ANSWER = "n1:form", "n1:working", "n1:answer"
"""What our modals are called ("callback_id")."""

MAX_TITLE = 24  # units, of a modal; the same for the words on its buttons
MAX_METADATA = 3000
MAX_ERROR = 500  # units of what is said at a field
MAX_PROBLEM_BLOCKS = 20  # of what is said above a form
MAX_ROOM = 30_000
"""Units over all blocks of an answer in a modal. Slack takes views of 250 kB as JSON, in which a
unit takes up to six bytes."""

_TITLES = {
    Tone.PLAIN: "Answer",
    Tone.DONE: "Done",
    Tone.CAUTION: "Please note",
    Tone.REFUSED: "Not done",
}
_CLOSE = {True: ("取消", "关闭"), False: ("Cancel", "Close")}
_WARNING = "\N{WARNING SIGN}\N{VARIATION SELECTOR-16} "
_WORKING = "Working on it… This may take a moment; you can close this, it goes on."
_THREAD = "This is about a thread that gets news by itself, not about its channel."


@dataclass(frozen=True, slots=True)
class Memory:
    """What a form's modal must know again when it comes back.

    Attributes:
        command: whose form it is.
        place: where it was asked for; no channel where that was the Home tab.
        channel: the channel or thread that it is filled in for, "C1" or "C1/ts", or "".
        marks: of what its fields were filled in with; see ``Form.marks``.
        generation: of the fields that were filled in last.
        typed: what people had written when the form was shown once more.
        lang: of who fills it in.
        offered: what was filled in where nothing was set, by field; see ``make_form``.
    """

    command: Command
    place: Destination
    channel: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    generation: int = 0
    typed: Mapping[str, str] = field(default_factory=dict)
    lang: str = ""
    offered: Mapping[str, str] = field(default_factory=dict)


def draw_form(
    form: Form,
    memory: Memory,
    *,
    names: Mapping[str, str] | None = None,
    kept: Sequence[str] = (),
    is_whole: bool = False,
    problem: Answer | None = None,
    errors: Mapping[str, str] | None = None,
) -> View:
    """The modal of ``form``.

    Args:
        memory: with the place and the generation; the rest is taken from ``form``.
        names: of user groups by id.
        kept: ids of blocks whose state Slack is to keep, since people wrote in them.
        is_whole: it takes the place of a modal that has none of its fields, so that Slack may tell
            nothing of any of them that is not touched.
        problem: what is said above the fields: why the form was not taken.
        errors: what is said at fields, where Slack does not show it itself.
    """
    # What the form is about must come back, whatever Slack tells.
    keys = {one.name: form.shown(one) for one in form.fields if one.is_key and is_whole}
    typed = {**form.typed, **{name: said for name, said in keys.items() if said}}
    whole = replace(memory, marks=form.marks(), typed=typed)
    old = {found[0]: found[1] for one in kept if (found := read_field_id_or_none(one))}
    blocks: list[Block] = []
    if problem is not None:
        blocks += _draw_problem(problem)
    thread = _THREAD if "/" in memory.channel and memory.channel in _list_channels(form) else ""
    said = " ".join(line for line in (form.note, thread, "" if problem else form.help) if line)
    if shown := inert(said, MAX_SECTION):
        blocks.append(context(shown))
    for one in form.fields:
        if error := (errors or {}).get(one.name):
            blocks.append(section(f"{_WARNING}{inert(error, MAX_ERROR)}"))
        # What decides over the others keeps its name: Slack then keeps what was chosen.
        first = 0 if one.is_key and not is_whole else memory.generation
        generation = old.get(one.name, first)
        blocks.append(draw_field(one, form.shown(one), generation=generation, names=names or {}))
    cancel, _ = _CLOSE[_is_zh(memory.lang)]
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": _title(form.title),
        "submit": _title(form.submit),
        "close": _title(cancel),
        "private_metadata": _pack(whole),
        "blocks": blocks[:MAX_VIEW_BLOCKS],
    }


def read_memory_or_none(view: Mapping[str, Any]) -> Memory | None:
    """What ``draw_form`` or ``draw_working`` had the modal remember; None for none of ours."""
    try:
        said = json.loads(view.get("private_metadata") or "{}")
        noun, verb = said["c"].split(".")
        workspace, channel, thread = said["p"]
        command = find_command_or_none(noun, verb)
        if command is None:
            return None
        return Memory(
            command,
            Destination(Platform.SLACK, workspace, channel, thread),
            channel=said.get("k", ""),
            marks=said.get("m", {}),
            generation=said.get("g", 0),
            typed=said.get("t", {}),
            lang=said.get("l", ""),
            offered=said.get("o", {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def read_submission(view: Mapping[str, Any], memory: Memory) -> Given:
    """What the form in ``view`` holds, by field; a thread's channel is the thread again."""
    given = read_fields(view, marks=memory.marks, typed=memory.typed)
    channel = given.get("channel")
    if channel and memory.channel.partition("/")[0] == channel:
        given["channel"] = memory.channel
    return given


def draw_errors(view: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, Any]:
    """What Slack is answered so that it shows ``errors`` at their fields and keeps the rest.

    Fields that the view does not have are left out.
    """
    found = {
        block["block_id"]: say_own(errors[place[0]], MAX_ERROR)
        for block in view.get("blocks") or ()
        if block.get("type") == "input"
        and (place := read_field_id_or_none(str(block.get("block_id", ""))))
        and errors.get(place[0])
    }
    return {"response_action": "errors", "errors": found} if found else {}


def draw_working(title: str, memory: Memory) -> View:
    """What is shown while a form's work takes its time."""
    return draw_waiting(title, lang=memory.lang) | {"private_metadata": _pack(memory)}


def draw_waiting(title: str = "", *, lang: str = "") -> View:
    """What is shown while work takes its time."""
    return {
        "type": "modal",
        "callback_id": WORKING,
        "title": _title(title),
        "close": _title(_CLOSE[_is_zh(lang)][1]),
        "blocks": [section(_WORKING)],
    }


def draw_result(answer: Answer, *, lang: str = "") -> View:
    """``answer`` as a modal; its buttons work, and what they answer takes its place."""
    has_headline = isinstance(next(iter(answer.parts), None), Card)  # the story has it itself
    head = bold(answer.title, MAX_SECTION) or bold("Done.", MAX_SECTION)
    body = draw_parts(answer.parts, most_blocks=MAX_VIEW_BLOCKS - 1, room=MAX_ROOM)
    return {
        "type": "modal",
        "callback_id": ANSWER,
        "title": _title(_TITLES[answer.tone]),
        "close": _title(_CLOSE[_is_zh(lang)][1]),
        "blocks": list(body) if has_headline else [section(head), *body],
    }


def _draw_problem(problem: Answer) -> list[Block]:
    head = section(f"{_WARNING}{inert(problem.title, MAX_SECTION - len(_WARNING))}")
    return [
        head,
        *draw_parts(problem.parts, most_blocks=MAX_PROBLEM_BLOCKS, room=MAX_ROOM),
    ]


def _list_channels(form: Form) -> list[str]:
    return [form.shown(one) for one in form.fields if one.kind is OptionKind.CHANNEL]


def _is_zh(lang: str) -> bool:
    return lang.casefold().startswith("zh")


def _title(text: str) -> dict[str, Any]:
    return plain_text(plain(text, MAX_TITLE) or "Newsbot")


def _pack(memory: Memory) -> str:
    """As JSON of at most ``MAX_METADATA``; what people had written goes first if need be."""
    place = memory.place
    said: dict[str, Any] = {
        "c": f"{memory.command.noun}.{memory.command.verb}",
        "p": [place.workspace, place.channel, place.thread],
        "g": memory.generation,
        "m": {name: mark for name, mark in memory.marks.items() if mark},
    }
    said |= {"k": memory.channel} if memory.channel else {}
    said |= {"l": memory.lang} if memory.lang else {}
    said |= {"o": dict(memory.offered)} if memory.offered else {}
    kept = dict(sorted(memory.typed.items(), key=lambda one: len(one[1])))
    while kept:
        packed = _dump(said | {"t": kept})
        if len(packed) <= MAX_METADATA:
            return packed
        kept.popitem()
    return _dump(said)


def _dump(said: Mapping[str, Any]) -> str:
    """Escaped, so that every way of counting its characters comes to the same."""
    return json.dumps(said, separators=(",", ":"), ensure_ascii=True)
