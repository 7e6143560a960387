"""The due-queue: who is next, who is passed over, and what a look does to it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Feed, host_of
from bot.scheduling.queue import DueQueue
from tests.builders import NOW, feed

SECOND = timedelta(seconds=1)


def due(number: int, *, host: str = "", after_s: float = 0.0) -> Feed:
    """Feed ``number``, on a host of its own unless one is named."""
    url = f"https://{host or f'outlet-{number}.example'}/{number}"
    return feed(url, id=number, next_due_at=NOW + timedelta(seconds=after_s))


def queue(*feeds: Feed, places: int = 8, per_host: int = 8) -> DueQueue:
    filled = DueQueue(places=places, places_per_host=per_host)
    filled.refill(feeds)
    return filled


def take(waiting: DueQueue, *, after_s: float = 0.0) -> list[int]:
    """The ids of all that may start then, in their order."""
    now = NOW + timedelta(seconds=after_s)
    return [one.id for one in iter(lambda: waiting.take_or_none(now), None)]


def test_a_feed_waits_for_its_time() -> None:
    waiting = queue(due(1, after_s=2))

    assert take(waiting, after_s=1.999) == []
    assert waiting.next_due_at_or_none() == NOW + 2 * SECOND
    assert take(waiting, after_s=2) == [1]
    assert waiting.next_due_at_or_none() is None


def test_the_longest_due_is_first_whatever_the_order_they_came_in() -> None:
    waiting = queue(due(1, after_s=3), due(2, after_s=1), due(4, after_s=2), due(3, after_s=2))

    assert take(waiting, after_s=9) == [2, 3, 4, 1]


def test_no_more_are_under_way_than_there_are_places() -> None:
    first, *others = (due(number) for number in range(1, 5))
    waiting = queue(first, *others, places=2)

    assert take(waiting) == [1, 2]
    assert (waiting.under_way, waiting.free, waiting.next_due_at_or_none()) == (2, 0, None)
    waiting.give_back(first)
    assert waiting.next_due_at_or_none() == NOW
    assert take(waiting) == [3]


def test_the_place_of_one_that_takes_long_is_lent_as_far_as_there_is_room() -> None:
    first, second, *others = (due(number) for number in range(1, 6))
    waiting = DueQueue(places=2, places_per_host=2, lent=1)
    waiting.refill((first, second, *others))
    assert take(waiting) == [1, 2]

    waiting.lend(first)
    waiting.lend(first)
    waiting.lend(second)  # no room

    assert take(waiting) == [3]
    assert (waiting.under_way, waiting.free) == (3, 0)
    waiting.give_back(first)
    assert waiting.free == 0
    waiting.lend(first)  # too late
    assert take(waiting) == []
    waiting.lend(second)
    assert take(waiting) == [4]


def test_a_busy_host_is_passed_over_and_its_next_goes_on_before_later_ones() -> None:
    busy = [due(number, host="search.example") for number in range(1, 4)]
    waiting = queue(*busy, due(8, after_s=1), due(9, after_s=2), places=3, per_host=1)

    assert take(waiting, after_s=3) == [1, 8, 9]
    waiting.give_back(busy[0])
    waiting.give_back(due(8))
    assert take(waiting, after_s=3) == [2]
    assert len(waiting) == 0  # the third of the host waits for the second, and for nothing else
    waiting.give_back(busy[1])
    assert take(waiting, after_s=3) == [3]


def test_what_was_read_while_its_poll_was_under_way_is_not_polled_again() -> None:
    before, during, after = due(1), due(2), due(3)
    waiting = queue(before, during)
    assert waiting.take_or_none(NOW) == before
    waiting.note_look()  # here the store reads all three as due
    waiting.give_back(before)
    assert waiting.take_or_none(NOW) == during
    waiting.give_back(during)

    waiting.refill([before, during, after])

    assert take(waiting) == [3]


def test_the_next_look_lets_it_be_polled_again() -> None:
    waiting = queue(due(1))
    assert take(waiting) == [1]
    waiting.note_look()
    waiting.give_back(due(1))

    waiting.note_look()
    waiting.refill([due(1)])

    assert take(waiting) == [1]


def test_a_look_brings_forward_puts_off_adds_and_drops() -> None:
    waiting = queue(due(1, after_s=5), due(2), due(3))

    waiting.refill([due(1), due(2, after_s=5), due(4)])

    assert take(waiting) == [1, 4]
    assert take(waiting, after_s=5) == [2]


def test_a_look_also_drops_those_passed_over() -> None:
    first, second = due(1, host="search.example"), due(2, host="search.example")
    waiting = queue(first, second, per_host=1)
    assert take(waiting) == [1]

    waiting.note_look()
    waiting.refill([first])  # the second was removed meanwhile
    waiting.give_back(first)

    assert take(waiting) == []


@pytest.mark.parametrize(("others", "expected"), [(0, ("search.example",)), (3, ())])
def test_a_host_is_crowded_only_where_it_leaves_places_empty(
    others: int, expected: tuple[str, ...]
) -> None:
    waiting = queue(places=4, per_host=1)
    read = [due(number, host="search.example") for number in range(1, 9)]
    read += [due(10 + number) for number in range(others)]

    assert (
        tuple(host for host in waiting.find_crowded(read) if host == "search.example") == expected
    )


def test_feeds_under_way_count_for_their_host_once() -> None:
    one, two = due(1, host="search.example"), due(2, host="search.example")
    waiting = queue(one, places=8, per_host=2)
    take(waiting)

    assert waiting.find_crowded([one]) == ()
    assert waiting.find_crowded([one, two]) == ("search.example",)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://wire.example/rss?at=https://other.example/", "wire.example"),
        ("http://wire.example:8080/rss", "wire.example:8080"),
        ("https://wire.example", "wire.example"),
        ("wire", "wire"),
    ],
)
def test_a_host_is_told_by_what_stands_before_the_path(url: str, host: str) -> None:
    assert host_of(url) == host


feeds = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=40).map(
    lambda drawn: [
        due(number, host=f"host-{host}.example", after_s=after_s)
        for number, (after_s, host) in enumerate(drawn)
    ]
)


@given(feeds=feeds, places=st.integers(1, 6), per_host=st.integers(1, 3), data=st.data())
def test_every_feed_is_polled_once_within_all_bounds_and_in_order_at_its_host(
    feeds: list[Feed], places: int, per_host: int, data: st.DataObject
) -> None:
    waiting = queue(*feeds, places=places, per_host=per_host)
    under_way: list[Feed] = []
    polled: list[Feed] = []
    while True:
        while taken := waiting.take_or_none(NOW + 9 * SECOND):
            under_way.append(taken)
            polled.append(taken)
            assert len(under_way) <= places
            assert max(Counter(host_of(one.url) for one in under_way).values()) <= per_host
        if not under_way:
            break
        waiting.give_back(under_way.pop(data.draw(st.integers(0, len(under_way) - 1))))

    assert sorted(one.id for one in polled) == [one.id for one in feeds]
    for host in {host_of(one.url) for one in feeds}:
        order = [(one.next_due_at, one.id) for one in polled if host_of(one.url) == host]
        assert order == sorted(order)


def test_those_that_are_dropped_wait_no_more_and_their_polls_go_on() -> None:
    waiting = queue(due(1, host="a.example"), due(2, host="a.example"), due(3), per_host=1)
    first = waiting.take_or_none(NOW)
    assert first is not None
    assert take(waiting) == [3]  # the second of a.example is passed over

    waiting.drop(lambda one: host_of(one.url) == "a.example")
    waiting.give_back(first)

    assert take(waiting) == []
