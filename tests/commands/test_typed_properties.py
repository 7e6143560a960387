"""Whatever is typed, there is an answer; and what is written as it would be typed is read so."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.canonical import write_command
from bot.commands.command import Command, Option, OptionKind
from bot.commands.examples import find_example
from bot.commands.table import TABLE
from bot.commands.typed import MAX_TYPED, TypedCommand, TypedHelp, TypedPlain, read_typed
from bot.errors import InputInvalid
from tests.commands.typing import KNOWN, read, read_ref

_WORDS = sorted(
    {
        *(word for row in TABLE for word in (row.noun, row.verb, row.zh_noun, row.zh_verb)),
        *(name for row in TABLE for one in row.options for name in (one.name, one.zh)),
        *(str(pick.value) for row in TABLE for one in row.options for pick in one.picks),
        *("/alerts", "/news", "#news", "<#C1|news>", "@desk", "quiet", "at", "in", "for", "no"),
        *("9:00", "22-7", "2h", "7d", "Berlin", "Huawei", "AT&T,", "deals", "since", "monday"),
        *(":", "=", '"', "“", "”", "'", "’", "«", "<", ">", ",", "、", "—", "--", "::", "{", "\n"),
    }
)
_typed = st.one_of(
    st.text(max_size=200),
    st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=8)), max_size=25).map(" ".join),
    st.tuples(
        st.sampled_from([f"/{row.noun} {row.verb} " for row in TABLE]),
        st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=8)), max_size=25),
        st.sampled_from(["", " ", ":"]),
    ).map(lambda said: said[0] + said[2].join(said[1])),
)


@settings(max_examples=300, deadline=None)
@given(_typed, st.booleans())
def test_any_text_is_a_command_a_question_help_or_a_refusal(text: str, has_forms: bool) -> None:
    with suppress(InputInvalid):
        typed = read_typed(text, KNOWN, has_forms=has_forms)
        assert isinstance(typed, TypedCommand | TypedPlain | TypedHelp)


@settings(max_examples=200, deadline=None)
@given(_typed)
def test_what_was_read_is_read_the_same_again(text: str) -> None:
    try:
        typed = read_typed(text, KNOWN)
    except InputInvalid:
        return
    if isinstance(typed, TypedCommand):
        line = write_command(typed.command, typed.values)
        if len(line) <= MAX_TYPED:
            assert read_typed(line, KNOWN) == replace(typed, is_bare=line.count(" ") == 1)


_SIGNS = st.characters(exclude_categories=["C"])
_texts = (
    st.text(_SIGNS, min_size=1, max_size=60).map(lambda text: " ".join(text.split())).filter(bool)
)


def _values_of(option: Option) -> st.SearchStrategy[Any]:
    match option.kind:
        case OptionKind.PICK:
            return st.sampled_from([str(pick.value) for pick in option.picks])
        case OptionKind.WHOLE:
            return st.integers(option.least or 0, option.most or 100)
        case OptionKind.YES:
            return st.booleans()
        case OptionKind.CHANNEL:
            return st.sampled_from(["C1", "C123/1700000000.000100"])
        case OptionKind.ROLE:
            return st.sampled_from(["S1", "S22"])
        case _:
            return _texts


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.noun} {row.verb}")
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_command_with_every_option_reads_as_it_was_written(
    row: Command, data: st.DataObject
) -> None:
    options = [one for one in row.options if one.kind is not OptionKind.FILE]
    values = {one.name: data.draw(_values_of(one), label=one.name) for one in options}
    given = {} if len(options) == len(row.options) else {"file": "f"}

    typed = read_typed(write_command(row, values), KNOWN, given=given)

    assert isinstance(typed, TypedCommand)
    assert typed.command is row
    assert typed.values == {**values, **given}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.noun} {row.verb}")
def test_every_example_is_understood(row: Command) -> None:
    example = find_example(row)
    given = {"file": "f"} if any(one.kind is OptionKind.FILE for one in row.options) else {}

    typed = read_typed(example, KNOWN, given=given)

    assert isinstance(typed, TypedCommand)
    assert typed.command is row


@pytest.mark.parametrize(
    "piece",
    ["pair ", "a ", '"', "“ ", "quiet ", "no ", "Huawei, ", "x:y ", "with ", "<#C1|n> ", "9"],
)
def test_twice_as_many_words_are_about_twice_the_work(piece: str) -> None:
    """What is asked of a platform's references is counted in place of seconds."""

    def count(words: int) -> int:
        asked = 0

        def counting(kind: OptionKind, text: str) -> Any:
            nonlocal asked
            asked += 1
            return None if text else read_ref(kind, text)

        known = replace(KNOWN, read_ref=counting)
        read(f"/alerts subscribe {piece * words}", known=known)
        return asked

    few, many = count(40), count(80)
    assert many <= 2.2 * few + 50
