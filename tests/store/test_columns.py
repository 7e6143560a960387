"""A column that is stored at once is stored as its values are one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from bot.store.columns import ForeignText, Moment, Words

DIALECT = sqlite.dialect()
TEXTS = st.text(st.sampled_from("ab\0"), max_size=5) | st.text(
    st.sampled_from("a\ud83dé"), max_size=3
)


@given(st.lists(st.none() | TEXTS))
def test_texts(texts: list[str | None]) -> None:
    kind = ForeignText()

    assert list(kind.store_all(texts)) == [kind.process_bind_param(one, DIALECT) for one in texts]


@given(st.lists(st.none() | st.lists(TEXTS, max_size=2).map(tuple)))
def test_words(words: list[tuple[str, ...] | None]) -> None:
    kind = Words()

    assert list(kind.store_all(words)) == [kind.process_bind_param(one, DIALECT) for one in words]


def test_moments() -> None:
    kind = Moment()
    moments = [
        None,
        datetime(2018, 1, 8, 8, 30, microsecond=1, tzinfo=UTC),
        datetime(2018, 1, 8, 8, 30, tzinfo=timezone(timedelta(hours=-5))),
    ]

    assert kind.store_all(moments) == [kind.process_bind_param(one, DIALECT) for one in moments]
    with pytest.raises(ValueError, match="a moment needs an offset"):
        kind.store_all([*moments, datetime(2018, 1, 8)])  # noqa: DTZ001 - that is the defect
