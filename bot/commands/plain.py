"""Answers to questions in plain words: to the bot alone, or with its name in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.commands.answer import Answer, Hint, Part
from bot.commands.asking import LIMIT, ask, tell_recent
from bot.commands.command import Call
from bot.commands.deeds import find_wish_or_none
from bot.commands.grammar import find_near_names
from bot.commands.granting import tell_wish
from bot.commands.help import tell_hello
from bot.commands.questions import Question, read_question
from bot.commands.recent import Recent
from bot.commands.spans import Span
from bot.commands.telling import tell_why
from bot.matching import Watchers
from bot.model import Catalogue

_FURTHER = (timedelta(days=7), timedelta(days=30), timedelta(days=365))
"""How far back a question reaches that names no time: as far as it takes to find something."""

LATEST = 5
"""Stories that are shown to somebody who asked for something else."""

_HINT = Hint("/news help", "shows what I can do")


async def answer_plain(call: Call, text: str) -> Answer:
    """The answer to ``text``, whatever it is; it says what was understood."""
    place = call.place
    watchers = Watchers(call.office.catalogue, await call.office.store.find_watches())
    catalogue = watchers.catalogue_of(place.platform, place.workspace)
    wish = find_wish_or_none(text, catalogue, now=call.now)
    if wish is not None:
        return tell_wish(wish, call)
    question = read_question(text, catalogue, now=call.now)
    if question.wants_help:
        return tell_hello()
    if question.why:
        return await tell_why(call, question.why)
    found = await _find(call, question)
    if found.messages or not question.words:
        return tell_recent(
            call, found, _advise(question, catalogue), note=_note(question, found, call)
        )
    meant = find_near_names(" ".join(question.words), catalogue)
    said = " ".join(question.words)
    known = f" Did you mean {' or '.join(meant)}?" if meant else ""
    without = await _find(call, replace(question, words=()), limit=LATEST)
    note = f"No story says “{said}”.{known}"
    if question.is_understood:
        return tell_recent(
            call,
            without,
            _advise(question, catalogue),
            note=f"{note} These are the latest without it.",
        )
    answer = tell_recent(call, without, note=f"{note} These are the latest of all.")
    hint = Hint(f"/watch add {said}", "has it looked for from now on")
    return replace(answer, parts=(*answer.parts, hint, _HINT))


async def _find(call: Call, question: Question, *, limit: int = LIMIT) -> Recent:
    """What answers ``question``, as far back as it says, or as it takes."""
    spans = [question.span] if question.span else [Span(call.now - back) for back in _FURTHER]
    for span in spans[:-1]:
        found = await _ask(call, question, span, limit)
        if found.messages:
            return found
    return await _ask(call, question, spans[-1], limit)


async def _ask(call: Call, question: Question, span: Span, limit: int) -> Recent:
    return await ask(
        call,
        companies=question.companies,
        also=question.also,
        events=question.events,
        scope=question.scope,
        words=tuple(_singular(word) for word in question.words),
        since=span,
        limit=limit,
    )


def _singular(word: str) -> str:
    """The part of an English plural that the singular has as well."""
    is_plural = word.isascii() and len(word) > 4 and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if is_plural else word


def _note(question: Question, found: Recent, call: Call) -> str:
    is_older = found.messages and found.since < call.now - _FURTHER[0]
    if question.span is None and is_older:
        return f"Nothing in the last {_FURTHER[0].days} days; this is from before."
    return ""


def _advise(question: Question, catalogue: Catalogue) -> tuple[Part, ...]:
    hints: list[Part] = []
    if question.span:
        hints.append(Hint("/news recent since:30d", "looks back a month"))
    if question.also or (question.companies and question.events):
        name = catalogue.name_of((*question.companies, *question.also)[0])
        hints.append(Hint(f"/news recent company:{name}", "asks for all about it"))
    return (*hints, _HINT)
