"""What stands behind a typed command, cut into words, quotes and keys ("scope:"). Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bot.commands.command import Command, Need, Option
from bot.errors import InputInvalid

_NAMES: Mapping[str, tuple[str, ...]] = {
    "quiet_hours": ("quiet", "silent"),
    "time_zone": ("timezone", "tz", "zone"),
    "mention": ("ping", "call"),
    "min_outlets": ("outlets",),
    "thread": ("threads",),
    "companies": ("company",),
    "company": ("companies",),
    "events": ("event",),
    "event": ("events",),
    "aliases": ("alias", "aka", "also called", "also"),
    "needs": ("need", "beside"),
    "unless": ("except",),
    "title": ("called", "named"),
    "limit": ("top", "max"),
}
"""Further names that an option goes by."""

_SOFT: Mapping[str, tuple[str, ...]] = {
    "at": ("um",),
    "channel": ("in", "to", "into"),
    "companies": ("about", "on", "with"),
    "company": ("about", "on", "of"),
    "event": ("kind",),
    "mention_for": ("for",),
    "min_outlets": ("at least", "from"),
    "quiet_hours": ("from",),
    "role": ("as", "as a", "as an"),
    "since": ("from", "in", "of", "for"),
    "time_zone": ("in",),
    "with": ("and", "&", "x", "×"),
}
"""Small words that name an option where what follows can be its value."""

MOST_WORDS = 3
"""Words of a name that an option goes by."""

_OPENERS: Mapping[str, str] = {
    '"': '"', "“": "”", "„": "“", "”": "”", "«": "»", "「": "」", "『": "』", "'": "'", "‘": "’",
}  # fmt: skip
_TICKS = "'’"  # they are apostrophes too, so they close only where a word ends
_BLANK = re.compile(r"\s+")
_WORD = re.compile(r"<[^<>\n]{1,300}>|[^\s<，、；]+[，、；]*|[，、；]+|<")
_ANY_KEY = re.compile(r"(?:--|—)?(?P<key>[^\W\d][\w-]{2,31})[:=：＝](?!//)")
_SIGN = r"\s{0,2}[:=：＝](?!//)\s*"
_ENDS = ",;.，、；。"

_FILLERS = frozenset(
    re.findall(
        r"\S+",
        "a an and at for from get give i in is it me my of on only please that the this to want "
        "请 的 和 只要",
    )
)
"""Words that say nothing in any command."""

_CHATTER = frozenset(
    re.findall(
        r"\S+",
        "about all any by each every like news post posts send show stories story tell them us we "
        "what with",
    )
)
"""Words that say nothing in a question. What changes something may mean a channel by them."""


class Word(NamedTuple):
    """A word, or what stood in quotes, at ``start:end`` of the text."""

    text: str
    start: int
    end: int
    is_quoted: bool = False


class Key(NamedTuple):
    """The name of an option with a sign behind it."""

    option: Option
    start: int
    end: int


Token = Word | Key


@dataclass(frozen=True)
class Names:
    """How the options of a command are called.

    Attributes:
        keys: a name with its sign at the beginning of a word; None where there are no options.
        options: by each of their names, folded.
        soft: those that a small word may name.
    """

    keys: re.Pattern[str] | None
    options: Mapping[str, Option]
    soft: Mapping[str, tuple[Option, ...]]


def fold(text: str) -> str:
    """``text`` in small letters, "_" and "-" as spaces, without what ends a clause."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[_—-]", " ", plain).split()).strip(_ENDS)


@lru_cache(maxsize=64)
def names_of(command: Command) -> Names:
    """How the options of ``command`` are called, in the languages of the table."""
    options: dict[str, Option] = {}
    soft: dict[str, list[Option]] = {}
    for option in command.options:
        options |= {fold(option.name): option, fold(option.zh): option}
    for option in command.options:
        for name in _NAMES.get(option.name, ()):
            options.setdefault(name, option)
        for name in _SOFT.get(option.name, ()):
            if name not in options:
                soft.setdefault(name, []).append(option)
    spelled = sorted(options, key=len, reverse=True)
    either = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]?") for name in spelled)
    keys = re.compile(rf"(?:--|—)?(?P<key>{either}){_SIGN}", re.IGNORECASE) if spelled else None
    return Names(keys, options, {name: tuple(found) for name, found in soft.items()})


def cut(text: str, command: Command, *, is_free: bool) -> tuple[Token, ...]:
    """The words of ``text`` and the keys among them, in order.

    Args:
        is_free: anything may stand in it, so that only what is nearly a key is refused.

    Raises:
        InputInvalid: a key is none of an option.
    """
    return tuple(_cut(text, command, is_free=is_free))


def find_ends(tokens: Sequence[Token]) -> list[int]:
    """For each place where the words end that stand from there on: at a key or the end."""
    ends = [len(tokens)] * len(tokens)
    for at in range(len(tokens) - 1, -1, -1):
        if isinstance(tokens[at], Key):
            ends[at] = at
        elif at + 1 < len(tokens):
            ends[at] = ends[at + 1]
    return ends


def _cut(text: str, command: Command, *, is_free: bool) -> Iterator[Token]:
    names = names_of(command)
    hopeless: set[str] = set()  # quotes that nothing closes from here on
    at = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        key = names.keys.match(text, at) if names.keys else None
        option = _named_or_none(names, key["key"]) if key else None
        token: Token
        if key and option:
            token = Key(option, at, key.end())
        elif quote := _quote_or_none(text, at, hopeless):
            token = quote
        else:
            _check_key(text, at, command, names, is_free=is_free)
            found = _WORD.match(text, at)
            assert found is not None
            token = Word(found[0], at, found.end())
        yield token
        at = token.end


def _named_or_none(names: Names, said: str) -> Option | None:
    """The option that a key names, be its words apart, joined by "_" or in one."""
    squeezed = fold(said).replace(" ", "")
    same = (one for name, one in names.options.items() if name.replace(" ", "") == squeezed)
    return next(same, None)


def _quote_or_none(text: str, at: int, hopeless: set[str]) -> Word | None:
    """What stands in quotes that open at ``at``."""
    closer = _OPENERS.get(text[at])
    if closer is None or closer in hopeless:
        return None
    end = at
    while (end := text.find(closer, end + 1)) > 0:
        after = text[end + 1 : end + 2]
        if closer not in _TICKS or not after or after.isspace() or after in _ENDS:
            said = " ".join(text[at + 1 : end].split())
            return Word(said, at, end + 1, is_quoted=True)
    hopeless.add(closer)
    return None


def _check_key(text: str, at: int, command: Command, names: Names, *, is_free: bool) -> None:
    """Refuse a key that is not ours, rather than take it for something else."""
    found = _ANY_KEY.match(text, at)
    if found is None:
        return
    own = {option.name: option.name for option in command.options}
    own |= {name: option.name for name, option in names.options.items()}
    near = difflib.get_close_matches(found["key"].casefold(), own, n=1, cutoff=0.75)
    if near or not is_free:
        hint = f"Did you mean {own[near[0]]}:? " if near else ""
        raise InputInvalid(
            f"/{command.noun} {command.verb} has no option “{found['key']}”. "
            f"{hint}Its options are {list_options(command)}."
        )


def is_idle(word: Word, command: Command) -> bool:
    """Whether ``word`` says nothing where it has no place in ``command``."""
    said = fold(word.text)
    is_question = command.need is Need.NOTHING
    return not word.is_quoted and (
        not said or said in _FILLERS or (is_question and said in _CHATTER)
    )


def list_options(command: Command) -> str:
    """The names of a command's options, with commas between."""
    return ", ".join(option.name for option in command.options)
