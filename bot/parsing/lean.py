"""feedparser's rules for elements, without the work whose result nobody reads here.

Half of feedparser's time goes to details of texts, guesses what is HTML, addresses resolved
against no base, and dictionaries that look up names under which they once were known. What is
kept of each element stays what feedparser keeps; ``tests/parsing/test_strict.py`` holds the two
against each other.
"""

from __future__ import annotations

import re
from typing import Any

from feedparser.api import StrictFeedParser
from feedparser.html import _cp1252
from feedparser.util import FeedParserDict

XHTML = "application/xhtml+xml"
_SEMICOLON = re.compile(r"(&[A-Za-z0-9_]+);")

_KEPT_BY_OTHERS = frozenset({"category", "tags", "itunes_keywords"})
"""Elements whose handlers keep their text."""

_BY_OTHER_NAMES = frozenset(
    {"category", "enclosures", "license", "updated", "updated_parsed", *FeedParserDict.keymap}
)
"""What a FeedParserDict looks up, or warns of, under other names."""


def _undo_latin1(text: str) -> str:
    """``text``, or what it was before its UTF-8 was taken for ISO 8859-1 and encoded again."""
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text


class Fields(FeedParserDict):  # type: ignore[misc]  # feedparser publishes no types
    """A FeedParserDict that is as fast as a dictionary under most names."""

    def __getitem__(self, key: str) -> Any:
        return (FeedParserDict if key in _BY_OTHER_NAMES else dict).__getitem__(self, key)

    def __contains__(self, key: object) -> bool:
        kind = FeedParserDict if key in _BY_OTHER_NAMES else dict
        return bool(kind.__contains__(self, key))

    def __setitem__(self, key: str, value: object) -> None:
        (FeedParserDict if key in _BY_OTHER_NAMES else dict).__setitem__(self, key, value)

    def get(self, key: str, default: Any = None) -> Any:
        """The field, under whatever name it is known."""
        return (FeedParserDict if key in _BY_OTHER_NAMES else dict).get(self, key, default)

    def setdefault(self, key: str, default: Any) -> Any:
        """The field, which is ``default`` from now on if it was not there."""
        return (FeedParserDict if key in _BY_OTHER_NAMES else dict).setdefault(self, key, default)


class _Parameters(dict[str, Any]):
    """Of a text that is being read; feedparser copies them, which need not be done deeply."""

    def __deepcopy__(self, memo: object) -> dict[str, Any]:
        return dict(self)


class LeanReader(StrictFeedParser):  # type: ignore[misc]
    """feedparser's strict parser; of texts it keeps no details besides them."""

    lang: str | None

    def __init__(self) -> None:
        super().__init__("", None, "utf-8")
        self.sanitize_html = False  # all of it becomes plain text here
        self.resolve_relative_uris = False
        self.feeddata = Fields()
        self.sourcedata = Fields()
        self.contentparams: dict[str, Any] = _Parameters()
        self._depths: dict[str, int] = {}

    def resolve_uri(self, uri: str) -> str:
        """``uri`` against the base; without one only feedparser's mending is left to do."""
        if not self.baseuri and ":///" not in uri:
            return uri
        resolved: str = super().resolve_uri(uri)
        return resolved

    def push_content(
        self, tag: str, attrs_d: dict[str, str], default_content_type: str, expecting_text: int
    ) -> None:
        """Begin a text."""
        self.incontent += 1
        if self.lang:
            self.lang = self.lang.replace("_", "-")
        kind = self.map_content_type(attrs_d.get("type", default_content_type))
        self.contentparams = _Parameters(type=kind)
        self.contentparams["base64"] = self._is_base64(attrs_d, self.contentparams)
        self.elementstack.append([tag, expecting_text, []])

    def pop(self, element: str, strip_whitespace: int = 1) -> str | None:
        """End ``element``: its text, also where it is kept; None where it is not the innermost."""
        if not self.elementstack or self.elementstack[-1][0] != element:
            return None
        parameters = self.contentparams
        if parameters and (parameters.get("base64") or parameters.get("type") == XHTML):
            text: str = super().pop(element, strip_whitespace)
            return text
        _, expecting_text, pieces = self.elementstack.pop()
        text = "".join(pieces)
        if strip_whitespace:
            text = text.strip()
        if not expecting_text:
            return text
        if text and element in self.can_be_relative_uri and (element != "id" or self.guidislink):
            text = self.resolve_uri(text)
        if not text.isascii():
            text = _undo_latin1(text).translate(_cp1252)
        is_late_title = element == "title" and -1 < self.title_depth <= self.depth
        if not is_late_title and element not in _KEPT_BY_OTHERS:
            self._keep(element, text)
        return text

    def _keep(self, element: str, text: str) -> None:
        """Store the text of ``element`` in the entry or whatever else it stands in."""
        if self.inentry and not self.insource:
            self._keep_in_entry(self.entries[-1], element, text)
        elif self.infeed or self.insource:
            context = self._get_context()
            context["subtitle" if element == "description" else element] = text
            if element == "link":
                context[element] = text = _SEMICOLON.sub(r"\1", text)
                context["links"][-1]["href"] = text

    def _keep_in_entry(self, entry: FeedParserDict, element: str, text: str) -> None:
        if element == "content":
            entry.setdefault(element, []).append({"value": text})
        elif element == "link":
            if not self.inimage:
                if "&" in text:
                    text = _SEMICOLON.sub(r"\1", text.replace("&amp;", "&"))
                entry[element] = text
                if text:
                    entry["links"][-1]["href"] = text
        else:
            if element == "description":
                element = "summary"
            if self.depth <= self._depths.get(element, self.depth):
                self._depths[element] = self.depth
                entry[element] = text

    def _start_item(self, attributes: dict[str, str]) -> None:
        self.entries.append(Fields())
        self._depths = {}
        self.property_depth_map = {self.entries[-1]: self._depths}  # of the others nobody asks
        self.elementstack.append(["item", 0, []])
        self.inentry = 1
        self.guidislink = 0
        self.title_depth = -1
        if attributes:
            if about := self._get_attribute(attributes, "rdf:about"):
                self._get_context()["id"] = about
            self._cdf_common(attributes)

    _start_entry = _start_item

    def _end_published(self) -> None:
        """Keep the date as written; few must be read by feedparser, see xmlfeed.py."""
        self._save("published_parsed", self.pop("published"), overwrite=True)

    def _end_updated(self) -> None:
        self._save("updated_parsed", self.pop("updated"), overwrite=True)

    _end_issued = _end_pubdate = _end_published
    _end_modified = _end_lastbuilddate = _end_updated
