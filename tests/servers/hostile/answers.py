"""Something else in the feed's place: refusals, pages, logins, portals, walls."""

from __future__ import annotations

from datetime import timedelta

from bot.errors import Trouble
from tests.servers.hostile.case import CALM, HTML, Call, Case, Expect, always, rss

DAY_S = 86_400

LOGIN = (
    "<!doctype html><html><head><title>Sign in</title></head><body><form action='/login' "
    "method='post'><input name='user'><input type='password' name='password'>"
    "<button>Log in</button></form></body></html>"
)
WALL = (
    "<!DOCTYPE html><html lang='en-US'><head><title>Just a moment...</title>"
    "<meta name='robots' content='noindex,nofollow'></head><body><noscript>Enable JavaScript and "
    "cookies to continue</noscript><script>window._cf_chl_opt={cType:'managed'};</script>"
    "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script></body></html>"
)
PORTAL = (
    "<html><head><title>Welcome to the guest network</title></head><body>Accept the terms to use "
    "this Wi-Fi network. <form action='/accept'><button>Connect</button></form></body></html>"
)
UPKEEP = "<html><head><title>Maintenance</title></head><body>We will be back soon.</body></html>"


def _status(
    name: str, does: str, status: str, *fields: str, trouble: Trouble, due_s: tuple[float, float]
) -> Case:
    return Case(
        name=f"status-{name}",
        does=does,
        serve=always(b"", *fields, status=status),
        expect=Expect(trouble=trouble, due_s=due_s),
    )


def _page(
    name: str, does: str, page: str, trouble: Trouble, *fields: str, status: str = "200 OK"
) -> Case:
    return Case(
        name=f"page-{name}",
        does=does,
        serve=always(page, HTML, *fields, status=status),
        expect=Expect(trouble=trouble),
    )


async def portal_elsewhere(call: Call) -> None:
    """A network that answers every request with the way to its own page."""
    if call.path == "/feed":
        await call.answer(b"", f"Location: {call.at('/portal')}", status="302 Found")
    else:
        await call.answer(PORTAL, HTML)


async def gone(call: Call) -> None:
    """A feed that was there once."""
    if call.count:
        await call.answer(b"", status="410 Gone")
    else:
        await call.answer(rss(CALM))


async def back_again(call: Call) -> None:
    """Out of order in every way between two good answers."""
    broken = ("500 Broken", "403 No", "200 OK", "404 No", "503 Busy")
    if 0 < call.count <= len(broken):
        await call.answer(UPKEEP, HTML, status=broken[call.count - 1])
    else:
        await call.answer(rss(CALM))


SOON, LATE = (60, 1.3 * DAY_S), (0.99 * DAY_S, 1.2 * DAY_S)

STATUSES = (
    _status("429", "429 without a delay", "429 No", trouble=Trouble.BUSY, due_s=SOON),
    _status(
        "429-now",
        "429 with a delay of 0",
        "429 No",
        "Retry-After: 0",
        trouble=Trouble.BUSY,
        due_s=SOON,
    ),
    _status(
        "429-hour",
        "429 with a delay of an hour",
        "429 No",
        "Retry-After: 3600",
        trouble=Trouble.BUSY,
        due_s=(3600, 1.3 * DAY_S),
    ),
    _status(
        "429-ages",
        "429 with a delay of thirty thousand years",
        "429 No",
        "Retry-After: 999999999999",
        trouble=Trouble.BUSY,
        due_s=LATE,
    ),
    _status(
        "429-year-9999",
        "429 until the year 9999",
        "429 No",
        "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
        trouble=Trouble.BUSY,
        due_s=LATE,
    ),
    _status(
        "429-past",
        "429 until 1970",
        "429 No",
        "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT",
        trouble=Trouble.BUSY,
        due_s=SOON,
    ),
    _status(
        "429-rubbish",
        "429 with a delay that is no number",
        "429 No",
        "Retry-After: -1e9999 soon",
        trouble=Trouble.BUSY,
        due_s=SOON,
    ),
    _status("503", "503 without a delay", "503 No", trouble=Trouble.BUSY, due_s=SOON),
    _status(
        "503-ages",
        "503 with a delay of 10^4000 seconds",
        "503 No",
        f"Retry-After: {'9' * 4000}",
        trouble=Trouble.BUSY,
        due_s=LATE,
    ),
    _status("500", "500", "500 No", trouble=Trouble.SERVER, due_s=SOON),
    _status(
        "401", "401", "401 No", "WWW-Authenticate: Basic realm=x", trouble=Trouble.LOGIN, due_s=SOON
    ),
    _status("402", "402", "402 No", trouble=Trouble.PAYMENT, due_s=SOON),
    _status("403", "403", "403 No", trouble=Trouble.BLOCKED, due_s=SOON),
    _status("404", "404", "404 No", trouble=Trouble.MISSING, due_s=SOON),
    _status("204", "204, a feed without a document", "204 No", trouble=Trouble.ANSWER, due_s=SOON),
    _status(
        "206", "206, a part that nobody asked for", "206 Part", trouble=Trouble.ANSWER, due_s=SOON
    ),
    _status(
        "304",
        "304, though nobody asked whether anything changed",
        "304 No",
        trouble=Trouble.ANSWER,
        due_s=SOON,
    ),
    _status("999", "999", "999 No", trouble=Trouble.ANSWER, due_s=SOON),
    _status("300", "300 without a choice", "300 Choose", trouble=Trouble.ANSWER, due_s=SOON),
    Case(
        name="status-410",
        does="410 for four days",
        serve=gone,
        expect=Expect(entries=1, trouble=Trouble.GONE, due_s=(3600, 8 * DAY_S)),
        polls=5,
        apart=timedelta(days=1),
    ),
    Case(
        name="status-back-again",
        does="five kinds of failure between two good answers",
        serve=back_again,
        expect=Expect(entries=1),
        polls=7,
        apart=timedelta(days=2),
    ),
)

PAGES = (
    _page("html", "a web page", UPKEEP, Trouble.PAGE),
    _page("login", "a login form with 200", LOGIN, Trouble.LOGIN),
    _page(
        "wall-403",
        "a challenge of Cloudflare's kind with 403",
        WALL,
        Trouble.BLOCKED,
        "Server: cloudflare",
        "cf-mitigated: challenge",
        status="403 Forbidden",
    ),
    _page(
        "wall-503",
        "a challenge of Cloudflare's kind with 503",
        WALL,
        Trouble.BLOCKED,
        "Server: cloudflare",
        "cf-mitigated: challenge",
        status="503 Busy",
    ),
    _page("wall-200", "a challenge of Cloudflare's kind with 200", WALL, Trouble.BLOCKED),
    _page(
        "portal-511",
        "a network that wants a login, with 511",
        PORTAL,
        Trouble.PORTAL,
        status="511 Network Authentication Required",
    ),
    Case(
        name="page-portal",
        does="a network's own page, by a redirect",
        serve=portal_elsewhere,
        expect=Expect(trouble=Trouble.PORTAL),
    ),
    Case(
        name="page-empty",
        does="200 and nothing",
        serve=always(b""),
        expect=Expect(trouble=Trouble.UNREADABLE),
    ),
    Case(
        name="page-json",
        does="an error in JSON",
        serve=always('{"error": "rate limited"}', "Content-Type: application/json"),
        expect=Expect(trouble=Trouble.UNREADABLE),
    ),
    Case(
        name="page-text",
        does="a line of text that names a file of ours",
        serve=always("/etc/passwd", "Content-Type: text/plain"),
        expect=Expect(trouble=Trouble.UNREADABLE),
    ),
    Case(
        name="page-cut",
        does="a feed that breaks off before its first item",
        serve=always(rss(CALM)[:90]),
        expect=Expect(trouble=Trouble.UNREADABLE),
    ),
)

CASES = (*STATUSES, *PAGES)
