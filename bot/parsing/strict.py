"""feedparser's strict parser, driven by expat directly, and watched.

``feedparser.parse`` decodes anew, imports its parsers anew and wraps each event twice; what
is read of a feed here needs none of that. The rules, element by element, stay feedparser's.

It is watched because its state outlives an item: a stray end tag in one entry's XHTML, or a
prefix that one item declares, can change what it makes of the next. Items that were read
apart from their document are only believed where each left everything as it found it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from xml.parsers import expat
from xml.parsers.expat import ExpatError

from bot.parsing.item import MAX_ITEMS
from bot.parsing.lean import XHTML, LeanReader

__all__ = ["Doctype", "ExpatError", "StrictReader", "explain"]

UNREAD = frozenset(
    # Elements of which nothing is used, whatever stands in them.
    {
        "author",
        "category",
        "comments",
        "contributor",
        "copyright",
        "dc:author",
        "dc:creator",
        "dc:contributor",
        "dc:publisher",
        "dc:rights",
        "dc:subject",
        "docs",
        "generator",
        "itunes:author",
        "itunes:email",
        "itunes:name",
        "itunes:owner",
        "keywords",
        "managingeditor",
        "media:category",
        "media:copyright",
        "media:credit",
        "media:keywords",
        "media:rating",
        "media:thumbnail",
        "rights",
        "slash:comments",
        "thr:total",
        "webmaster",
        "wfw:commentrss",
    }
)

# Any other element ends an image or a text input that has no end tag.
_IN_INPUTS = frozenset({"title", "link", "description", "name"})
_IN_IMAGES = frozenset({"title", "link", "description", "url", "href", "width", "height"})

_ODD = frozenset({"feed", "rss", "rdf:rdf", "math", "svg", "mathml:math", "svg:svg"})
"""Elements that set a language for all, or are given an attribute that is not written."""

_WRAPPERS = frozenset({"xhtml:div", "div"})
"""Around a text that is not declared as markup they are no part of it."""

_MAX_SCOPE = 50  # namespaces declared around an item; more are a trap and not a feed


@dataclass(slots=True)
class _Name:
    """An element's name as expat gives it, and what follows from it.

    Attributes:
        tag: as feedparser knows it.
        element: the name of its handlers, and of its text where there are none.
        start, end: these handlers.
    """

    tag: str
    element: str
    start: Callable[[StrictReader, dict[str, str]], None] | None
    end: Callable[[StrictReader], None] | None
    ends_input: bool
    ends_image: bool
    is_odd: bool
    is_unread: bool


class StrictReader(LeanReader):
    """Reads one well-formed document; of its items one more than ``MAX_ITEMS``.

    Attributes:
        feeddata, entries, version: as feedparser has them.
        state: of the parser where the first item began, None before.
        is_separable: no item changed anything for those behind it.
    """

    baseuri: str

    def __init__(self) -> None:
        super().__init__()
        self.state: tuple[object, ...] | None = None
        self.is_separable = True
        self._scope: list[tuple[str | None, str]] = []
        self._names: dict[str, _Name] = {}
        self._unread = 0
        self._unread_tags = UNREAD

    def read(self, document: bytes) -> None:
        """Read ``document``, UTF-8 whatever it declares.

        Raises:
            expat.ExpatError: it is not well-formed.
            Doctype: it has a document type, which may redefine anything.
        """
        parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartNamespaceDeclHandler = self._declare
        parser.EndNamespaceDeclHandler = self._forget
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.Parse(document, True)

    def _declare(self, prefix: str | None, uri: str) -> None:
        self._scope.append((prefix, uri))
        self.startPrefixMapping(prefix, uri)

    def _forget(self, prefix: str | None) -> None:
        for place in range(len(self._scope) - 1, -1, -1):
            if self._scope[place][0] == prefix:
                del self._scope[place]
                return

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._unread:
            self._unread += 1
            return
        known = self._names.get(name) or self._know(name)
        if known.is_unread and not self.incontent:
            self._unread = 1
            return
        if not (self.incontent or self.baseuri or self.decls or known.is_odd):
            plain = _read_plain_or_none(attributes) if attributes else {}
            if plain is not None:
                self._begin(known, plain)
                return
        if attributes or self.decls:
            self.startElementNS(_split(name), None, _Attributes(attributes))
        else:
            self.unknown_starttag(known.tag, [])

    def _begin(self, known: _Name, attributes: dict[str, str]) -> None:
        """What ``unknown_starttag`` does outside markup where no base is set.

        Most elements are such, and half of that method's time goes to resolving no address
        against none. ``tests/parsing/test_strict.py`` holds the two against each other.
        """
        self.depth += 1
        self.basestack.append(self.baseuri)
        self.langstack.append(self.lang)
        if known.ends_input:
            self.intextinput = 0
        if known.ends_image:
            self.inimage = 0
        if known.start is not None:
            try:
                known.start(self, attributes)
            except AttributeError:  # as there
                pass
            else:
                return
        if attributes:
            self._get_context()[known.element] = attributes
        else:
            self.push(known.element, 1)

    def _end(self, name: str) -> None:
        if self._unread:
            self._unread -= 1
            return
        known = self._names.get(name) or self._know(name)
        if self.svgOK:
            self.unknown_endtag(known.tag)
        else:
            self._finish(known)
        if self.basestack:
            # feedparser keeps the base of an element where there is none around it, for all that
            # follows. Source: XML Base §4.1, it holds within the element.
            self.baseuri = self.basestack[-1]

    def _finish(self, known: _Name) -> None:
        """What ``unknown_endtag`` does outside pictures."""
        try:
            if known.end is None:
                self.pop(known.element)
            else:
                known.end(self)
        except AttributeError:  # as there
            self.pop(known.element)
        if self.incontent:
            if not self.contentparams.get("type", "xml").endswith("xml"):
                if known.tag in _WRAPPERS:
                    return
                self.contentparams["type"] = XHTML
            if self.contentparams.get("type") == XHTML:
                self.handle_data(f"</{known.tag.rpartition(':')[2]}>", escape=0)
        if self.basestack:
            self.basestack.pop()
        if self.langstack:
            self.langstack.pop()
            if self.langstack:
                self.lang = self.langstack[-1]
        self.depth -= 1

    def _data(self, text: str) -> None:
        if self._unread or not self.elementstack:
            return
        if self.contentparams and self.contentparams.get("type") == XHTML:
            self.handle_data(text)
        else:
            self.elementstack[-1][2].append(text)

    def _know(self, name: str) -> _Name:
        """What ``name`` means until a namespace changes."""
        tag = self._find_tag(name)
        prefix, colon, suffix = tag.partition(":")
        if not colon:
            prefix, suffix = "", tag
        prefix = self.namespacemap.get(prefix, prefix)
        element = f"{prefix}_{suffix}" if prefix else suffix
        known = self._names[name] = _Name(
            tag,
            element,
            start=getattr(StrictReader, f"_start_{element}", None),
            end=getattr(StrictReader, f"_end_{element}", None),
            ends_input=not prefix and tag not in _IN_INPUTS,
            ends_image=not prefix and tag not in _IN_IMAGES,
            is_odd=tag in _ODD,
            is_unread=tag in self._unread_tags,
        )
        return known

    def _find_tag(self, name: str) -> str:
        """The tag as feedparser knows it: its own prefix for namespaces that it knows."""
        namespace, tag = _split(name)
        known = (namespace or "").lower()
        if "backend.userland.com/rss" in known:
            namespace = known = "http://backend.userland.com/rss"
        prefix = self._matchnamespaces.get(known)
        if not prefix and namespace:
            in_use = self.namespaces_in_use.items()
            prefix = next((one for one, value in in_use if one and value == namespace), None)
        return f"{prefix}:{tag}".lower() if prefix else tag.lower()

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        """Remember what ``prefix`` means, as feedparser does; for ever."""
        super().track_namespace(prefix, uri)
        self._names.clear()
        known = self.namespacemap.get(prefix)
        if self.state is not None and prefix and known is not None and known != prefix:
            self.is_separable = False

    def _start_item(self, attributes: dict[str, str]) -> None:
        state = self._look()
        if len(self._scope) > _MAX_SCOPE:
            self.is_separable = False
        if self.state is None:
            self.state = (
                *state,
                *sorted((str(key), value) for key, value in self.namespacemap.items()),
                *sorted(self.namespaces_in_use.items()),
            )
            self._first = state
        elif state != self._first:
            self.is_separable = False
        super()._start_item(attributes)

    def _end_item(self) -> None:
        super()._end_item()
        if len(self.entries) > MAX_ITEMS:
            self._unread_tags = UNREAD | {"item", "entry"}
            self._names.clear()
        if self._look() != self._first:
            self.is_separable = False

    _start_entry = _start_item
    _end_entry = _end_item

    def _look(self) -> tuple[object, ...]:
        return (
            self.version,
            self.baseuri,
            self.depth,
            self.infeed,
            self.inentry,
            self.incontent,
            self.intextinput,
            self.inimage,
            self.inauthor,
            self.incontributor,
            self.inpublisher,
            self.insource,
            self.svgOK,
            self.hasContent,
            self._summaryKey,
            len(self.contentparams),
            len(self.sourcedata),
            "image" in self.feeddata,
            "textinput" in self.feeddata,
            *self._scope[:_MAX_SCOPE],
        )


class Doctype(Exception):
    """The document has a document type declaration."""


def _refuse_doctype(*_: object) -> None:
    raise Doctype


def explain(error: ExpatError) -> str:
    """What is not well-formed, and where, in one line."""
    return f"not well-formed XML: {expat.ErrorString(error.code)} in line {error.lineno}"


def _read_plain_or_none(attributes: Mapping[str, str]) -> dict[str, str] | None:
    """The attributes as feedparser has them; None where any means more than itself."""
    plain: dict[str, str] = {}
    for written, value in attributes.items():
        name = written.lower()
        if " " in name or name in {"base", "lang"}:
            return None
        plain[name] = value.lower() if name in {"rel", "type"} else value
    return plain


def _split(name: str) -> tuple[str | None, str]:
    """Expat's ``namespace name prefix`` as SAX has it."""
    parts = name.split(" ")
    return (parts[0], parts[1]) if len(parts) > 1 else (None, name)


class _Attributes:
    """As much of SAX's attributes as feedparser asks for, each found without a walk past others."""

    __slots__ = ("_values", "_written")

    def __init__(self, attributes: Mapping[str, str]) -> None:
        self._values: dict[tuple[str | None, str], str] = {}
        self._written: dict[str, str] = {}
        for name, value in attributes.items():
            parts = name.split(" ")
            namespace = parts[0] if len(parts) > 1 else None
            written = f"{parts[2]}:{parts[1]}" if len(parts) > 2 else parts[-1]
            self._values[namespace, parts[1] if namespace is not None else name] = value
            self._written[written] = value

    def items(self) -> Iterable[tuple[tuple[str | None, str], str]]:
        """Namespace and name of each, and its value."""
        return self._values.items()

    def getQNames(self) -> Iterable[str]:  # noqa: N802 - SAX calls it so
        """The names as written."""
        return self._written

    def getValueByQName(self, name: str) -> str:  # noqa: N802
        """The value of the attribute that is written so."""
        return self._written[name]
