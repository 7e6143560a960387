"""Words for what is wrong with a feed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.commands.troubles import (
    WORDS,
    advise_on,
    explain,
    tell_gap,
    tell_interval,
    tell_rhythm,
    tell_trouble,
)
from bot.errors import Trouble
from tests.builders import NOW, feed

URL = "https://wire.example/rss"


def test_every_trouble_has_words_and_says_what_can_be_done() -> None:
    assert set(WORDS) == set(Trouble) - {Trouble.NONE}
    for trouble in WORDS:
        assert advise_on(trouble, is_operator=False).endswith(".")


def test_the_words_stand_before_the_line_that_says_more() -> None:
    error = f"{URL}: its TLS certificate is not valid (certificate has expired); asked again later"
    failing = feed(failures=1, trouble=Trouble.TLS, error=error)

    assert tell_trouble(failing) == (
        "its server's certificate is not in order "
        "(its TLS certificate is not valid (certificate has expired))"
    )
    assert explain(failing) == "its TLS certificate is not valid (certificate has expired)"


def test_words_that_say_it_all_stand_alone() -> None:
    error = f"{URL}: answered 404 Not Found: there is no such address; asked again later"
    failing = feed(failures=1, trouble=Trouble.MISSING, error=error)

    assert tell_trouble(failing) == "there is nothing at its address any more"


def test_a_failure_of_no_known_kind_is_told_in_its_own_words() -> None:
    error = f"{URL}: no whole answer in 30 s (fetch.deadline_s); asked again later"

    assert tell_trouble(feed(failures=1, error=error)) == "no whole answer in 30 s"
    assert tell_trouble(feed(failures=1)) == "it could not be read"


def test_only_the_operator_hears_of_settings_and_of_the_console() -> None:
    for trouble in WORDS:
        said = advise_on(trouble, is_operator=False)
        assert "fetch." not in said
        assert "parse." not in said
        assert "newsbot feeds" not in said
        assert "/feeds add" not in advise_on(trouble, is_operator=True)
    assert "fetch.max_bytes" in advise_on(Trouble.TOO_LARGE, is_operator=True)
    assert advise_on(Trouble.NONE, is_operator=True) == ""


@pytest.mark.parametrize(
    ("gap_s", "said"),
    [
        (0, "about 3,600 entries an hour"),
        (600, "about 6 entries an hour"),
        (14_400, "about 6 entries a day"),
        (86_400, "about 7 entries a week"),
        (604_800, "about 4 entries a month"),
        (8_000_000, "about one entry a month, or fewer"),
    ],
)
def test_how_often_something_comes_is_told_by_the_period_that_fits(gap_s: float, said: str) -> None:
    assert tell_gap(gap_s) == said


def test_the_rhythm_is_that_of_the_next_poll() -> None:
    polled = feed(polled_at=NOW, next_due_at=NOW + timedelta(minutes=10))

    assert tell_rhythm(polled) == "about every 10 minutes"
    assert tell_rhythm(feed()) == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "second"),
        (20, "20 seconds"),
        (59.7, "minute"),
        (89, "minute"),
        (90, "2 minutes"),
        (3_600, "hour"),
        (86_400, "day"),
    ],
)
def test_an_interval_is_told_in_the_unit_that_fits(seconds: float, said: str) -> None:
    assert tell_interval(seconds) == f"about every {said}"
