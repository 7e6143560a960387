"""``config/events*.toml`` to event rules, every frame checked before it is used.

``events.toml`` holds English and what all languages share; ``events-pl.toml`` and the
like hold one other language each. docs/matching.md explains how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from bot.catalogue.rows import EventRow, load_toml, nearest, read_rows
from bot.errors import CatalogueInvalid
from bot.matching.frames import FrameInvalid, parse_frame
from bot.model import EventRule

SHARED = "events.toml"

_LIST = re.compile(r"@([a-z_]+)")
_RULE, _LISTS, _LANG, _SIGNS = "rule", "lists", "lang", "signs"
_FRAME_MARKS = ("…", "...", "<", "^", "$", "(", ")")

WordLists = Mapping[str, tuple[str, ...]]


def load_event_rules(
    directory: Path, words: WordLists
) -> tuple[tuple[EventRule, ...], dict[str, tuple[str, ...]]]:
    """The rules of every ``events*.toml`` in ``directory``, and the signs of each language.

    Args:
        directory: where the files lie; ``events.toml`` must be among them.
        words: the lists of words.toml, which rules may name.

    Raises:
        CatalogueInvalid: naming the file, the rule and the words that are wrong.
    """
    shared = directory / SHARED
    raw = load_toml(shared)
    lists = {**words, **_read_lists(shared, raw, words)}
    rules = list(_read_rules(shared, raw, lists))
    signs: dict[str, tuple[str, ...]] = {}
    for path in sorted(directory.glob("events-*.toml")):
        raw = load_toml(path)
        lang = raw.get(_LANG)
        if not isinstance(lang, str) or not lang.strip():
            raise CatalogueInvalid(f'{path}: "lang" is missing; say which language these words are')
        signs[lang] = tuple(_words_of(path, _SIGNS, raw.get(_SIGNS, [])))
        both = {**lists, **_read_lists(path, raw, lists)}
        rules += _read_rules(path, raw, both, lang=lang, signs=signs[lang])
    return tuple(rules), signs


def _read_lists(path: Path, found: Mapping[str, Any], known: WordLists) -> WordLists:
    """The ``[lists]`` of ``path``; a list may name those before it and those of ``known``."""
    raw = found.get(_LISTS, {})
    if not isinstance(raw, dict):
        raise CatalogueInvalid(f"{path}: lists is written [lists], a table of lists of words")
    lists: dict[str, tuple[str, ...]] = {}
    for name, given in raw.items():
        subject = f'{path}: list "{name}"'
        if name in known:
            raise CatalogueInvalid(f"{subject} is there already; a list is written once")
        available = {**known, **lists}
        words = [_write_out(word, available, subject) for word in _words_of(path, name, given)]
        lists[name] = tuple(dict.fromkeys(chain.from_iterable(words)))
    return lists


def _words_of(path: Path, name: str, given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(w, str) and w.strip() for w in given):
        raise CatalogueInvalid(f'{path}: list "{name}" is not a list of words')
    return given


def _read_rules(
    path: Path,
    found: Mapping[str, Any],
    lists: WordLists,
    *,
    lang: str = "",
    signs: Sequence[str] = (),
) -> Iterable[EventRule]:
    for row in read_rows(path, found, _RULE, EventRow, beside=(_LISTS, _LANG, _SIGNS)):
        subject = f'{path}: rule "{row.event}"'
        if not row.words:
            raise CatalogueInvalid(f"{subject}: words is empty; a rule without words says nothing")
        if row.weight <= 0:
            raise CatalogueInvalid(f"{subject}: weight is {row.weight:g}; it must be more than 0")
        if row.home_only and not lang:
            raise CatalogueInvalid(f'{subject}: "home_only" says nothing in {SHARED}')
        if row.home_only and not signs:
            raise CatalogueInvalid(f'{subject}: "home_only" needs "signs" that show the language')
        yield EventRule(
            event=row.event,
            words=_resolve(row.words, lists, subject=subject, key="words"),
            weight=row.weight,
            title_only=row.title_only,
            needs=_resolve(
                # All of them are needed, of a list one word.
                (_write_in(word, lists, f"{subject}: needs") for word in row.needs),
                lists,
                subject=subject,
                key="needs",
                is_plain=True,
            ),
            unless=_resolve(row.unless, lists, subject=subject, key="unless", is_plain=True),
            lang=lang if row.home_only else "",
        )


def _resolve(
    given: Iterable[str], lists: WordLists, *, subject: str, key: str, is_plain: bool = False
) -> tuple[str, ...]:
    """``given`` with every list written out, each frame one that can be read."""
    subject = f"{subject}: {key}"
    found: dict[str, None] = {}
    for word in given:
        for frame in _write_out(word, lists, subject):
            try:
                parsed = parse_frame(frame)
            except FrameInvalid as error:
                raise CatalogueInvalid(f'{subject}: "{word}" {error}') from error
            if is_plain and not parsed.is_plain:
                raise CatalogueInvalid(f'{subject}: "{word}" is a frame; only words can stand here')
            found[frame] = None
    return tuple(found)


def _write_out(word: str, lists: WordLists, subject: str) -> tuple[str, ...]:
    """The words of the list that ``word`` is, or ``word`` with the lists inside it."""
    if whole := _LIST.fullmatch(word.strip()):
        return _look_up(whole[1], lists, subject)
    return (_write_in(word, lists, subject),)


def _write_in(word: str, lists: WordLists, subject: str) -> str:
    """``word`` with each list in it written as "(this|that)"."""

    def bracket(match: re.Match[str]) -> str:
        words = _look_up(match[1], lists, subject)
        for frame in words:
            if any(mark in frame for mark in _FRAME_MARKS):
                raise CatalogueInvalid(
                    f'{subject}: "{word}" names list "@{match[1]}", in which "{frame}" is a frame;'
                    " inside a frame a list can hold only words"
                )
        choices = "|".join(words)
        before, after = word[: match.start()].rstrip(), word[match.end() :].lstrip()
        is_bracketed = before.endswith(("(", "|")) and after.startswith((")", "|"))
        return choices if is_bracketed else f"({choices})"

    return _LIST.sub(bracket, word)


def _look_up(name: str, lists: WordLists, subject: str) -> tuple[str, ...]:
    if name not in lists:
        raise CatalogueInvalid(
            f'{subject} names list "@{name}", which is neither here nor in words.toml'
            f"{nearest(name, lists)}"
        )
    return lists[name]
