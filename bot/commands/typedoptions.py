"""The options of a typed command: by their keys, by their names, or by what they are. Pure.

"scope:pair mode:daily", "pair, daily at 9 in Berlin" and "mention @desk for pairs" say the same
as the options that a platform would ask for one by one. Nothing is guessed: what can be placed
in one way only is placed, the rest is refused by name, with an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from bot.commands.command import Command, Option, OptionKind
from bot.commands.typedrefusals import refuse, refuse_either, refuse_left
from bot.commands.typedvalues import WINDOWS, Known, may_be_more
from bot.commands.typedwords import (
    MOST_WORDS,
    Key,
    Token,
    Word,
    cut,
    find_ends,
    fold,
    is_idle,
    names_of,
)
from bot.commands.wishes import is_nothing
from bot.errors import InputInvalid
from bot.model import Rhythm

MAX_WORDS = 80
"""Words of a command's options; each takes some two milliseconds to place, in which the program
does nothing else."""

_LONGEST = max(WINDOWS.values())
_MAIN = frozenset(
    {
        OptionKind.TEXT,
        OptionKind.COMPANY,
        OptionKind.STORY,
        OptionKind.SUBJECT,
        OptionKind.MUTED,
        OptionKind.WATCH,
        OptionKind.FEED,
    }
)
"""Kinds of an option that takes what is typed without any name."""

_READ = frozenset(
    {
        OptionKind.PICK,
        OptionKind.WHOLE,
        OptionKind.YES,
        OptionKind.CHANNEL,
        OptionKind.ROLE,
        OptionKind.FILE,
    }
)
"""Kinds whose values are read here and not by the handlers."""

_REFS = frozenset({OptionKind.CHANNEL, OptionKind.ROLE, OptionKind.FILE})
_LAST = frozenset({"role", "for"})
"""Options whose value may stand last, behind the one that takes everything."""

_WITHOUT = frozenset({"no", "without", "不要", "无"})
_BY_NUMBER = frozenset({OptionKind.SUBJECT, OptionKind.MUTED, OptionKind.STORY})
"""Kinds whose values may begin with "#", as those of channels do."""

_MINUTE = re.compile(r":?[0-9]{1,2}")
_COMMAS = (",", "，", "、", ";", "；")


def read_options(command: Command, text: str, known: Known) -> dict[str, Any]:
    """The values of ``command``'s options that ``text`` says.

    Raises:
        InputInvalid: something in it cannot be placed or read; the message names it.
    """
    reader = _Reader(command, text, known)
    reader.read()
    return reader.values


class _Reader:
    """Goes over what was typed once, from left to right."""

    def __init__(self, command: Command, text: str, known: Known) -> None:
        self.command, self.text, self.known = command, text, known
        self.names = names_of(command)
        self.at = 0
        self.values: dict[str, Any] = {}
        self.said: set[str] = set()
        self.last = ""  # what was said last
        self.left: list[Word] = []
        first = next(iter(command.options), None)
        self.main = first if first and first.kind in _MAIN else None
        self.is_free = self.main is None or not self.main.is_required
        is_strict = self.main is None or self.main.kind is OptionKind.COMPANY
        self.tokens: Sequence[Token] = cut(text, command, is_free=not is_strict)
        if len(self.tokens) > MAX_WORDS:
            raise InputInvalid(f"That is too long to read: write at most {MAX_WORDS} words.")
        self.ends = find_ends(self.tokens)

    def read(self) -> None:
        """Fill ``values``."""
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if isinstance(token, Key):
                self.at += 1
                self._take(token.option, "".join(self.text[token.start : token.end].split()))
            elif token.is_quoted or not (
                self._take_named() or self._take_calling() or self._take_bare()
            ):
                self.left.append(token)
                self.at += 1
        self._place_left()

    # Values behind a name.

    def _take(self, option: Option, named: str) -> None:
        """The value that stands here, of an option that was named."""
        here = self._count(self.at)
        if not here:
            raise self._refuse(f"{named} has nothing behind it.", option)
        if self._is_quoted(self.at):
            count = 1
        elif not (count := self._longest(option, self.at, is_named=True)):
            count = 1 if option.kind in _READ else self._count_until_name(here, option)
        self._set(option, self._slice(self.at, count))
        self.at += count

    def _take_named(self) -> bool:
        """Take an option that a word names ("quiet 22-7", "with Verizon"); whether one did."""
        for count in range(min(MOST_WORDS, self._count(self.at)), 0, -1):
            said = fold(self._slice(self.at, count, is_raw=True))
            if option := self.names.options.get(said):
                if self._take_strong(option, count, said):
                    return True
            elif any(self._take_soft(one, count) for one in self._soft(said)):
                return True
        return False

    def _take_strong(self, option: Option, count: int, said: str) -> bool:
        start = self.at + count
        is_main = option is self.main and not self.is_free
        if is_main or (option.name in self.said and not may_be_more(option)):
            return False
        if option.kind is OptionKind.YES:
            return self._take_yes(option, start)
        if not self._is_open and not (self.left and self._may_be_value(option, start)):
            return False
        if self._is_denied(option):
            self.at = start
            return True
        self.at = start
        self._take(option, said)
        return True

    def _take_soft(self, option: Option, count: int) -> bool:
        is_told = option.name in self.said and not may_be_more(option)
        if is_told or (option.name == "mention_for" and "mention" not in self.said):
            return False
        found = self._longest(option, self.at + count, is_named=True)
        if not found:
            return False
        self._set(option, self._slice(self.at + count, found))
        self.at += count + found
        return True

    def _take_yes(self, option: Option, start: int) -> bool:
        if not self._is_open and not self.left:
            return False
        if self._is_denied(option):
            self.at = start
            return True
        is_said = self._longest(option, start, is_named=True)
        self._set(option, self._slice(start, 1) if is_said else "yes")
        self.at = start + is_said
        return True

    def _is_denied(self, option: Option) -> bool:
        """Whether "no" stood before the name; it is set to nothing then."""
        if not (self.left and self.left[-1].text.casefold() in _WITHOUT and self._is_open):
            return False
        denied = self._denied_of(option)
        self.left.pop()
        self._set(denied, "no" if option.kind is OptionKind.YES else "none")
        return True

    def _denied_of(self, option: Option) -> Option:
        """What is set to nothing where ``option`` is: of whom posts call, for which they do."""
        if option.kind is not OptionKind.ROLE:
            return option
        return next((o for o in self.command.options if o.name == "mention_for"), option)

    def _soft(self, said: str) -> Iterator[Option]:
        yield from self.names.soft.get(said, ())

    @property
    def _is_open(self) -> bool:
        """Whether every option may stand where we are."""
        return self.is_free or (self.main is not None and self.main.name in self.said)

    def _may_be_value(self, option: Option, start: int) -> bool:
        """Whether what stands at ``start`` can be the value of a named option."""
        if not self._count(start):
            return False
        is_any = option.kind is OptionKind.TEXT and option.name not in {"since", "for", "at"}
        return is_any or self._is_quoted(start) or bool(self._longest(option, start, is_named=True))

    def _count_until_name(self, most: int, of: Option) -> int:
        """Words from here to the next that names an option, ``most`` at most, 1 at least.

        A clock, ``of`` being one, ends before a time zone too.
        """
        zones = [one for one in self.command.options if one.kind is OptionKind.TIME_ZONE]
        for at in range(self.at + 1, self.at + most):
            word = self.tokens[at]
            assert isinstance(word, Word)
            option = self.names.options.get(fold(word.text))
            softly = self.names.soft.get(fold(word.text), ())
            if word.is_quoted or (option and option is self.main):
                continue
            if option and self._may_be_value(option, at + 1):
                return at - self.at
            if any(self._longest(one, at + 1, is_named=True) for one in softly):
                return at - self.at
            if of.name == "at" and any(self._longest(one, at, is_named=False) for one in zones):
                return at - self.at
        return most

    # Values by what they are.

    def _take_calling(self) -> bool:
        """Take what stands right behind a group: the stories it is called for; whether any do.

        Raises:
            InputInvalid: they may as well be those that are posted at all.
        """
        calling = next((o for o in self.command.options if o.name == "mention_for"), None)
        if calling is None or calling.name in self.said or self.last != "mention":
            return False
        count = self._longest(calling, self.at, is_named=True)
        if not count or is_nothing(text := self._slice(self.at, count)):
            return False
        before = self.text[: self.tokens[self.at].start].rstrip()
        if not text.casefold().startswith("pairs") or before.endswith(_COMMAS):
            raise refuse_either(self.command, calling, text, self.known)
        self._set(calling, text)
        self.at += count
        return True

    def _take_bare(self) -> bool:
        """Take an option whose value stands here without its name; whether there is one."""
        free = [
            one
            for one in self.command.options
            if one is not self.main or one.kind is OptionKind.COMPANY or self._is_plain_main
            if self._is_open or one.kind in _REFS
        ]
        for count in range(min(_LONGEST, self._count(self.at)), 0, -1):
            text = self._slice(self.at, count)
            for option in free:
                if count <= WINDOWS.get(option.kind, 1) and self._fits_bare(option, text):
                    self._set(option, text, is_more=may_be_more(option))
                    self.at += count
                    return True
        return False

    @property
    def _is_plain_main(self) -> bool:
        return self.main is not None and self.main.kind is OptionKind.TEXT and self.is_free

    def _fits_bare(self, option: Option, text: str) -> bool:
        is_told = option.name in self.said
        if is_told and not may_be_more(option):
            return False
        is_hourly = self.last == "mode" and self.values["mode"] == Rhythm.HOURLY
        if is_hourly and option.name == "at" and _MINUTE.fullmatch(text):
            return True
        if option.kind is OptionKind.WHOLE:
            wholes = [one for one in self.command.options if one.kind is OptionKind.WHOLE]
            has_clock = any(one.name == "at" for one in self.command.options)
            if (len(wholes) > 1 or has_clock) and text.lstrip("#").isdecimal():
                return False
        try:
            return self.known.fits(option, text)
        except InputInvalid:  # "#4f2a91" is no channel, but it may be what the command is about
            if self._awaits_number:
                return False
            raise

    @property
    def _awaits_number(self) -> bool:
        is_said = self.main is None or self.main.name in self.said or bool(self.left)
        return not is_said and self.main is not None and self.main.kind in _BY_NUMBER

    # What is left.

    def _place_left(self) -> None:
        """Give what is left to the option that takes everything, or refuse it.

        Raises:
            InputInvalid: there is no such option, or it has its value.
        """
        main = self.main
        if main is not None and main.name not in self.said:
            if not self.is_free:
                self._cut_last()
            words = list(self.left)
            if main.kind is OptionKind.COMPANY:
                words = [word for word in words if not is_idle(word, self.command)]
            if main.name == "address":
                words, self.left = words[:1], words[1:]
            else:
                self.left = []
            if words:
                self._set(main, self._join(words))
        others = [word for word in self.left if not is_idle(word, self.command)]
        title = next((o for o in self.command.options if o.name == "title"), None)
        if others and title and title.name not in self.said:
            self._set(title, self._join(self.left))
        elif others:
            raise refuse_left(self.command, others, self.said, self.known)

    def _cut_last(self) -> None:
        """Take what stands last behind a name: "Fairphone maker", "Huawei 3d"."""
        for option in self.command.options:
            if option.name not in _LAST or option.name in self.said:
                continue
            for count in range(min(WINDOWS[option.kind], len(self.left) - 1), 0, -1):
                last = self.left[-count:]
                text = " ".join(word.text for word in last)
                if not any(w.is_quoted for w in last) and self.known.fits(option, text):
                    self._set(option, text)
                    del self.left[-count:]
                    break

    def _refuse(self, said: str, option: Option | None = None) -> InputInvalid:
        return refuse(self.command, said, self.known, option)

    # Words and values.

    def _count(self, start: int) -> int:
        """How many words stand from ``start`` to the next key."""
        return self.ends[start] - start if start < len(self.tokens) else 0

    def _join(self, words: Sequence[Word]) -> str:
        """Words side by side; quotes stay where they are around a part of it."""
        if len(words) == 1:
            return words[0].text
        return " ".join(self.text[word.start : word.end] for word in words)

    def _is_quoted(self, at: int) -> bool:
        token = self.tokens[at]
        return isinstance(token, Word) and token.is_quoted

    def _slice(self, start: int, count: int, *, is_raw: bool = False) -> str:
        """The text of ``count`` words, without the commas at its end."""
        words = self.tokens[start : start + count]
        if count == 1 and isinstance(words[0], Word):
            text = words[0].text
            return text if words[0].is_quoted or is_raw else text.rstrip(",，、;；") or text
        text = " ".join(self.text[words[0].start : words[-1].end].split())
        return text if is_raw else text.rstrip(",，、;；")

    def _longest(self, option: Option, start: int, *, is_named: bool) -> int:
        """How many words from ``start`` on can be the value of ``option``; 0 where none can."""
        most = WINDOWS.get(option.kind, 1) * (3 if may_be_more(option) else 1)
        most = min(most, self._count(start))
        for count in range(most, 0, -1):
            if self.known.fits(option, self._slice(start, count), is_named=is_named):
                return count
        return 0

    def _set(self, option: Option, text: str, *, is_more: bool = False) -> None:
        """Keep the value of ``option``.

        Raises:
            InputInvalid: it cannot be read, or there is one already.
        """
        if option.name in self.said:
            before = self.values.get(option.name)
            if not (is_more and isinstance(before, str)):
                raise self._refuse(f"{option.name} is said twice.")
            text = f"{before}, {text}"
        self.said.add(option.name)
        self.last = option.name
        denied = self._denied_of(option)
        if denied is not option and is_nothing(text):
            self._set(denied, "none")
            return
        if option.name == "for" and fold(text) in {"good", "ever"}:
            return
        if (value := self.known.read(option, text)) is not None:
            self.values[option.name] = value
