from __future__ import annotations

import pytest

from bot.fetching.robots import MAX_BYTES, Rules
from bot.settings import Settings

PAGE = "https://wire.example/news/1"


def test_our_user_agent_begins_with_the_token_that_sites_name_us_by() -> None:
    assert Settings().user_agent.startswith("newsbot/")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("<html><body>Not found</body></html>", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /news", False),
        ("User-agent: *\nDisallow: /News", True),
        ("User-agent: *\nDisallow: /*/1$", False),
        ("User-agent: *\nDisallow: /\nAllow: /news/", True),
        ("User-agent: *\nDisallow: /news/\nAllow: /news/", True),
        ("User-agent: somebot\nDisallow: /", True),
        ("User-agent: NewsBot\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: newsbot\nAllow: /", True),
        ("User-agent: somebot\nUser-agent: newsbot # us\nDisallow: /", False),
        ("User-agent: newsbot\nDisallow: /a\n\nUser-agent: newsbot\nDisallow: /news", False),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\rDisallow: /\r", False),
        ("Disallow: /", True),
    ],
)
def test_rules_are_read_as_the_standard_says(text: str, allowed: bool) -> None:
    assert Rules(text.encode()).allow(PAGE) is allowed


@pytest.mark.parametrize("others", ["news", "new", "n", "bot", "newsbot-images", "my-newsbot"])
def test_rules_for_somebody_with_a_similar_name_are_not_ours(others: str) -> None:
    rules = Rules(f"User-agent: {others}\nAllow: /\n\nUser-agent: *\nDisallow: /".encode())

    assert not rules.allow(PAGE)


@pytest.mark.parametrize("ours", ["newsbot/2.0", "newsbot 1", "NEWSBOT*", " newsbot ", "newsbot#"])
def test_what_stands_after_our_name_does_not_matter(ours: str) -> None:
    rules = Rules(f"User-agent: *\nAllow: /\n\nUser-agent: {ours}\nDisallow: /".encode())

    assert not rules.allow(PAGE)


def test_the_delay_of_our_own_rules_counts() -> None:
    text = b"User-agent: newsbot\nCrawl-delay: 2.5\n\nUser-agent: *\nCrawl-delay: 60"

    assert Rules(text).delay_s == 2.5
    assert Rules(b"User-agent: *\nCrawl-delay: soon").delay_s == 0.0
    assert Rules().delay_s == 0.0


def test_what_comes_after_the_bound_does_not_count() -> None:
    filler = b"# " + b"x" * (MAX_BYTES - 3) + b"\n"

    assert Rules(filler + b"User-agent: *\nDisallow: /").allow(PAGE)
    assert not Rules(b"User-agent: *\nDisallow: /\n" + filler).allow(PAGE)


def test_rules_for_very_many_others_are_kept_once() -> None:
    names = "".join(f"User-agent: bot{n}\n" for n in range(12_000))
    theirs = "Disallow: /x\n" * 12_000
    rules = Rules(f"{names}{theirs}User-agent: *\nDisallow: /news".encode())

    assert not rules.allow(PAGE)
    assert len(rules._file._user_agents) == 2  # the others and everybody


@pytest.mark.parametrize("pattern", ["/" + "a*" * 2_000, "/*a*a*a*a*a*a*a*a*a*b"])
def test_patterns_full_of_wildcards_are_answered(pattern: str) -> None:
    rules = Rules(f"User-agent: *\nDisallow: {pattern}".encode())

    assert rules.allow(PAGE + "a" * 1_000)
