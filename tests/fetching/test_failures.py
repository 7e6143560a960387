from __future__ import annotations

import httpx
import pytest

from bot.errors import FeedError, Trouble
from bot.fetching.failures import refused
from tests.builders import NOW

URL = httpx.URL("https://wire.example/rss")


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (204, Trouble.ANSWER),
        (304, Trouble.ANSWER),
        (400, Trouble.ANSWER),
        (401, Trouble.LOGIN),
        (402, Trouble.PAYMENT),
        (403, Trouble.BLOCKED),
        (404, Trouble.MISSING),
        (410, Trouble.GONE),
        (418, Trouble.ANSWER),
        (429, Trouble.BUSY),
        (451, Trouble.ANSWER),
        (500, Trouble.SERVER),
        (503, Trouble.BUSY),
        (511, Trouble.PORTAL),
        (599, Trouble.SERVER),
    ],
)
def test_each_status_is_a_trouble(status: int, trouble: Trouble) -> None:
    error = refused(URL, status, {}, now=NOW, quiet_floor_s=60)

    assert (error.trouble, error.status, error.was_asked) == (trouble, status, True)


@pytest.mark.parametrize(
    ("status", "field", "name"),
    [
        (403, "cf-mitigated", "Cloudflare"),
        (503, "cf-mitigated", "Cloudflare"),
        (429, "cf-mitigated", "Cloudflare"),
        (202, "x-amzn-waf-action", "AWS WAF"),
        (405, "x-amzn-waf-action", "AWS WAF"),
        (403, "x-datadome", "DataDome"),
        (403, "x-sucuri-block", "Sucuri"),
    ],
)
def test_a_wall_against_programs_is_named(status: int, field: str, name: str) -> None:
    error = refused(URL, status, {field: "challenge"}, now=NOW, quiet_floor_s=60)

    assert error.trouble is Trouble.BLOCKED
    assert f"(a wall against programs: {name})" in str(error)


def test_an_outage_behind_cloudflare_is_no_wall() -> None:
    error = refused(URL, 503, {"server": "cloudflare"}, now=NOW, quiet_floor_s=60)

    assert error.trouble is Trouble.BUSY
    assert "wall" not in str(error)


@pytest.mark.parametrize(
    ("message", "fact"),
    [
        ("answered 404; asked again later", "answered 404"),
        ("answered 503; asked again after 60 s, as it wished", "answered 503"),
        ("left alone; not asked again for 60 s", "left alone"),
        ("too large (fetch.max_bytes); skipped until the next poll", "too large (fetch.max_bytes)"),
        ("is private; not asked", "is private; not asked"),
        ("asked again later", "asked again later"),
    ],
)
def test_what_happened_is_told_without_what_is_promised(message: str, fact: str) -> None:
    assert FeedError(message).fact == fact
