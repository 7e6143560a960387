"""Pages drawn: every letter of a stranger passes the template engine's escaping.

Before that it loses what a screen would obey or hide (``bot.prose.inert``), and an address
leads on only where it is one of the web. Pages run no script, and style stands in one file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.prose.addresses import address_or_none
from bot.prose.inert import clean_text
from bot.web.words import LANGUAGES, Speech, choose_lang

HTML, CSS = "text/html", "text/css"

SECTIONS = ("stories", "matrix", "feeds", "deliveries", "overview")
"""Of the navigation, each with its words and, but for the first, its address."""

_TIME = Markup('<time datetime="{}">{}</time>')


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, as pages are drawn for it.

    Attributes:
        is_chosen: the language was asked for in the address, and stays in those of links.
        root: leads from the page to the first one, "" or "../".
        section: of the navigation, or "".
        can_leave: there is something to log out of.
    """

    speech: Speech
    is_chosen: bool
    root: str
    query: Mapping[str, str]
    section: str = ""
    can_leave: bool = False

    def link(self, path: str = "", **query: object) -> str:
        """The address of another page, from this one."""
        given = {name: value for name, value in query.items() if value not in {"", None}}
        if self.is_chosen:
            given.setdefault("lang", self.speech.lang)
        asked = f"?{urlencode(given)}" if given else ""
        return (self.root + path or "./") + asked

    def languages(self) -> list[tuple[str, str, str]]:
        """Of each other language its code, its own name and this page in it."""
        return [
            (code, name, f"?{urlencode({**self.query, 'lang': code})}")
            for code, name in LANGUAGES.items()
            if code != self.speech.lang
        ]


def receive(request: web.Request, *, section: str = "", can_leave: bool = False) -> Visit:
    """``request`` as a page is drawn for it."""
    asked = request.query.get("lang", "")
    lang = choose_lang(asked, request.headers.get("Accept-Language", ""))
    return Visit(
        speech=Speech(lang),
        is_chosen=asked == lang,
        root="../" * max(0, request.path.count("/") - 1),
        query=dict(request.query),
        section=section,
        can_leave=can_leave,
    )


def draw(visit: Visit, name: str, **values: Any) -> str:
    """The page ``name`` as HTML."""
    template = _environment().get_template(f"{name}.html")
    return template.render(t=visit.speech, visit=visit, sections=SECTIONS, **values)


def answer(request: web.Request, text: str, *, kind: str = HTML, status: int = 200) -> web.Response:
    """``text``, or 304 where whoever asks has it already.

    The ETag is made from what is answered, so the two cannot part. There is no Last-Modified: of
    a merge or a company that is watched anew, no moment in the stories tells.

    Source: RFC 9110 §13.1.2.
    """
    body = text.encode()
    etag = hashlib.sha256(body).hexdigest()[:32]
    headers = {"ETag": f'"{etag}"', "Vary": "Accept-Language, Cookie, Authorization"}
    known = request.if_none_match or ()
    if status == 200 and any(one.value in {etag, "*"} for one in known):
        return web.Response(status=304, headers=headers)
    return web.Response(
        status=status, body=body, content_type=kind, charset="utf-8", headers=headers
    )


@cache
def load_style() -> str:
    """The style sheet."""
    return (files("bot.web") / "pages" / "style.css").read_text("utf-8")


@cache
def load_icon() -> str:
    """The picture of the tab, as SVG."""
    return (files("bot.web") / "pages" / "icon.svg").read_text("utf-8")


def web_address(link: str | None) -> str:
    """``link`` where it is one of the web, else ""."""
    return address_or_none(link) or ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.web", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = clean_text
    environment.filters["address"] = web_address
    environment.filters["iso"] = _iso
    environment.globals["time"] = _draw_time
    return environment


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _draw_time(moment: datetime, told: str) -> Markup:
    return _TIME.format(_iso(moment), told)
