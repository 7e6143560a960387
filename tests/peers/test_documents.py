"""The invented outlets: what they publish is read whole, and grows by one entry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.bench.documents import ENTRIES, NEWS_EVERY, Outlet
from bot.parsing import parse_feed

STARTS_AT = datetime(2018, 1, 9, 12, tzinfo=UTC)
RSS, ATOM = Outlet(1, STARTS_AT), Outlet(8, STARTS_AT)
BOTH = pytest.mark.parametrize("outlet", [RSS, ATOM], ids=["rss", "atom"])


def keys(outlet: Outlet, newest: int) -> list[str]:
    read = parse_feed(
        outlet.document(newest), url="http://127.0.0.1/", content_type=outlet.content_type
    )
    assert not read.flaw
    return [entry.keys[0] for entry in read.entries]


@BOTH
def test_a_document_lists_twenty_entries_that_are_read_without_a_flaw(outlet: Outlet) -> None:
    assert len(set(keys(outlet, ENTRIES - 1))) == ENTRIES == 20


@BOTH
def test_a_new_entry_comes_first_and_the_oldest_goes(outlet: Outlet) -> None:
    before, after = keys(outlet, ENTRIES - 1), keys(outlet, ENTRIES)

    assert after[1:] == before[:-1]
    assert after[0] not in before


@BOTH
def test_a_document_is_as_long_as_those_of_real_outlets(outlet: Outlet) -> None:
    assert 18_000 < len(outlet.document(ENTRIES - 1)) < 28_000


def test_seven_of_ten_outlets_write_rss() -> None:
    assert sum(Outlet(number, STARTS_AT).is_atom for number in range(10)) == 3


def test_one_of_a_hundred_headlines_names_a_maker_and_a_carrier() -> None:
    documents = [Outlet(number, STARTS_AT).document(ENTRIES - 1) for number in range(NEWS_EVERY)]
    deals = sum(document.count(b" Pro phone") for document in documents)

    assert deals == 3 * ENTRIES  # its title, and twice in its text
