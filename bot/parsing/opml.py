"""OPML, the list format of all feed readers. Source: https://opml.org/spec2.opml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from bot.model import Feed, FeedSpec
from bot.parsing.listed import Listed, ListInvalid, Problem

NAMESPACE = "urn:newsbot:opml"
"""Of the one attribute we add, as the specification asks of additions."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*")
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


def read_opml(raw: bytes) -> list[Listed]:
    """Every outline with an ``xmlUrl``, at whatever depth.

    Raises:
        ListInvalid: no OPML, or a document type: no OPML needs one, and entities
            declared in it can grow without bound.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)
    except expat.ExpatError as error:
        text = f"is no OPML: {expat.ErrorString(error.code)}"
        raise ListInvalid([Problem(error.lineno, text)]) from None
    except (ValueError, LookupError) as error:  # an encoding that expat cannot read
        text = f"is no OPML: {error}; save the file in UTF-8"
        raise ListInvalid([Problem(reader.parser.CurrentLineNumber, text)]) from None
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.found: list[Listed] = []
        self._is_root = True

    def _start(self, name: str, written: dict[str, str]) -> None:
        if self._is_root and name.lower() != "opml":
            self._refuse(f"is no OPML: it begins with <{name.rpartition(' ')[2]}>")
        self._is_root = False
        given = {key.lower(): " ".join(value.split()) for key, value in written.items()}
        url = given.get("xmlurl")
        if name.lower() != "outline" or not url:
            return
        title = given.get("title") or given.get("text", "")
        language = given.get("language", "")
        spec = FeedSpec(
            url=url,
            title="" if title == url else title,
            outlet=given.get(f"{NAMESPACE} outlet", ""),
            lang=language if _LANGUAGE.fullmatch(language) else "",
        )
        self.found.append(Listed(self.parser.CurrentLineNumber, spec))

    def _refuse_doctype(self, *_: object) -> None:
        self._refuse("has a document type, which is refused")

    def _refuse(self, text: str) -> NoReturn:
        raise ListInvalid([Problem(self.parser.CurrentLineNumber, text)])


def write_opml(feeds: Iterable[Feed]) -> str:
    """``feeds`` as OPML 2.0; ``read_opml`` gives back address, title, outlet and language."""
    outlines = "".join(f"    <outline{_attributes(feed.spec)}/>\n" for feed in feeds)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<opml version="2.0" xmlns:newsbot="{NAMESPACE}">\n'
        "  <head>\n    <title>Feeds of newsbot</title>\n  </head>\n"
        f"  <body>\n{outlines}  </body>\n</opml>\n"
    )


def _attributes(spec: FeedSpec) -> str:
    given = {
        "type": "rss",
        "text": spec.title or spec.url,
        "title": spec.title,
        "xmlUrl": spec.url,
        "language": spec.lang,
        "newsbot:outlet": spec.outlet,
    }
    return "".join(
        f" {name}={quoteattr(_NOT_XML.sub('', value))}" for name, value in given.items() if value
    )
