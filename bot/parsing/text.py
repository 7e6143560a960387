"""Titles and descriptions as people read them: plain text, one form for one thing.

What feeds carry is text, HTML, HTML escaped once or twice, or a mixture. The matcher must
see ``AT&T`` in all of them, and nobody's chat may be steered by invisible characters.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

from bot.parsing.references import unescape

MAX_TITLE = 1_000  # characters; a longer one is no headline
MAX_SUMMARY = 4_000  # characters
MAX_BODY = 20_000  # characters

_MAX_HTML = 200_000
"""Characters of HTML that are read; nested tags cost the parser quadratic time."""

_BLOCKS = (
    "address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|figcaption|figure"
    "|footer|form|h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody|td"
    "|tfoot|th|thead|tr|ul"
)
_INLINES = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|embed|font|i|iframe|img|input|ins|kbd"
    "|label|mark|noscript|object|q|s|samp|script|small|span|strike|strong|style|sub|sup|svg"
    "|time|tt|u|var|video|wbr"
)
_PLAIN = (
    # Elements whose tags a parser would only drop: they have no rules for their content.
    "a|abbr|article|b|big|blockquote|br|center|cite|code|del|div|em|figcaption|figure|font|footer"
    "|h[1-6]|header|hr|i|img|ins|li|main|mark|ol|p|s|section|small|span|strong|sub|sup|time|u|ul|wbr"
)
_ATTRIBUTES = r"(?:\s+[^\s<>\"'=]+(?:=(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s<>\"'=]+))?)*\s*/?"
"""None of them with a bracket in its value."""

_BLOCK_TAG = re.compile(rf"<(?=/?(?:{_BLOCKS})\b)", re.IGNORECASE)
_STRAY_IN_TITLE = re.compile(rf"<(?!/?(?:{_BLOCKS}|{_INLINES})\b[^<>]*>|!--)", re.IGNORECASE)
_STRAY_IN_HTML = re.compile(r"<(?![/!?a-zA-Z][^<>]*>|!--)")
_PLAIN_TAG = re.compile(rf"</?(?:{_PLAIN}){_ATTRIBUTES}>", re.IGNORECASE)
_INSIDE = re.compile(rf"/?([a-zA-Z][a-zA-Z0-9]*){_ATTRIBUTES}")  # the brackets of a tag
_PLAIN_TAGS = {
    # What stands in their place.
    f"{slash}{name}": "\n" if re.fullmatch(_BLOCKS, name) else ""
    for slash in ("", "/")
    for name in _PLAIN.replace("h[1-6]", "h1|h2|h3|h4|h5|h6").split("|")
}

_MAX_TAGS = 2_000
"""Tags that are given to the parser, which takes quadratic time over nested ones."""

_UNREAD = ["script", "style", "noscript", "iframe", "object", "svg", "template", "head"]

_GLUED_SEMICOLON = re.compile(r"(?<=[A-Za-z0-9])(&[A-Za-z]{1,12});(?!\s+[^\sa-z])")
"""``AT&T;``: what careless software leaves of ``AT&T``. Kept where a clause may begin after it."""

_JOINER = "\u200d"
_EMOJI = re.compile(
    "[\u00a9\u00ae\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]"
)
_INVISIBLE = re.compile(
    # Categories Cc, Cf and Cs, less white space; a test holds the list against unicodedata.
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
_PILED_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")  # no script piles more than three of these

_HOLES = "bot.cp1252_holes"


def clean_title(raw: str) -> str:
    """``raw`` as one line of plain text, at most MAX_TITLE characters.

    A ``<`` that begins no HTML tag is a character and stays.
    """
    text = _to_plain(raw, _STRAY_IN_TITLE)
    return shorten(" ".join(text.split()), MAX_TITLE)


def clean_text(raw: str, *, limit: int) -> str:
    r"""``raw``, text or HTML, as plain text of at most ``limit`` characters.

    Blocks and ``<br>`` become ``\n``; all other white space is one space.
    """
    text = _to_plain(raw, _STRAY_IN_HTML)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return shorten("\n".join(line for line in lines if line), limit)


def drop_invisible(text: str) -> str:
    """``text`` without control and format characters and halves of surrogate pairs.

    The joiner stays between emoji, of which it makes one; anywhere else it hides.
    """
    if text.isprintable():  # nothing of these is; and this is twenty times as fast
        return text
    return _INVISIBLE.sub(_keep_joiner, text)


def make_visible(text: str) -> str:
    """``text`` in composed form (NFC), nothing in it that cannot be seen or piles up marks."""
    if text.isascii():
        return text if text.replace("\n", "").isprintable() else drop_invisible(text)
    return _PILED_MARKS.sub(r"\1", drop_invisible(unicodedata.normalize("NFC", text)))


def shorten(text: str, limit: int) -> str:
    """The first ``limit`` characters at most, cut between words where there are any."""
    if len(text) <= limit:
        return text
    cut = text[: limit + 1]
    at = max(cut.rfind(" "), cut.rfind("\n"))
    return cut[: at if at > limit // 2 else limit].rstrip()


def undo_double_encoding(text: str) -> str:
    """``text``, or what it was before its UTF-8 was taken for Windows-1252 and encoded again.

    Text that is not damaged cannot be read so: its bytes are no UTF-8.
    """
    if text.isascii():
        return text
    try:
        return text.encode("cp1252", _HOLES).decode("utf-8")
    except UnicodeError:
        return text


def _fill_hole(error: UnicodeError) -> tuple[bytes, int]:
    """Codec error handler: the five bytes that Windows-1252 leaves open, as browsers fill them."""
    if isinstance(error, UnicodeEncodeError):
        hole = error.object[error.start]
        if hole in "\x81\x8d\x8f\x90\x9d":
            return hole.encode("latin-1"), error.start + 1
    raise error


codecs.register_error(_HOLES, _fill_hole)


def _keep_joiner(found: re.Match[str]) -> str:
    text, at = found.string, found.start()
    joins = found[0] == _JOINER and _EMOJI.match(text, at + 1) and at and _EMOJI.match(text, at - 1)
    return _JOINER if joins else ""


def _to_plain(raw: str, stray: re.Pattern[str]) -> str:
    r"""Strip tags and resolve references, each twice: many feeds escape twice.

    White space of the source becomes spaces; ``\n`` stands where a block ends.
    """
    text = undo_double_encoding(raw[:_MAX_HTML]).replace("\n", " ")
    if not text.isprintable():  # it has other white space, or what cannot be seen
        text = " ".join(text.split())
    for _ in range(2):
        bare = unescape(_without_tags(text, stray))
        if bare == text:
            break
        text = bare
    text = _without_tags(text, stray)
    if "&" in text:
        text = _GLUED_SEMICOLON.sub(r"\1", text)
    return make_visible(text)


def _without_tags(text: str, stray: re.Pattern[str]) -> str:
    """The text of the HTML in ``text``; references stay as they stand."""
    if "<" not in text:
        return text
    bare = _without_plain_tags_or_none(text)
    return _without_any_tags(text, stray) if bare is None else bare


def _without_any_tags(text: str, stray: re.Pattern[str]) -> str:
    html = stray.sub("&lt;", text.replace("&", "&amp;"))
    if "<" not in html:
        return text
    html = _PLAIN_TAG.sub("", _BLOCK_TAG.sub("\n<", html))
    if "<" not in html:
        return html.replace("&lt;", "<").replace("&amp;", "&")
    parser = LexborHTMLParser(_cut_tags(html))
    parser.strip_tags(_UNREAD)
    return parser.text()


def _without_plain_tags_or_none(text: str) -> str | None:
    """What ``_without_any_tags`` gives where each ``<`` begins a plain tag, for half the work."""
    before, *pieces = text.split("<")
    if len(pieces) > _MAX_TAGS:
        return None
    parts = [before]
    for piece in pieces:
        tag, bracket, behind = piece.partition(">")
        stands_for = _PLAIN_TAGS.get(tag)
        if stands_for is None:
            inside = _INSIDE.fullmatch(tag)
            stands_for = _PLAIN_TAGS.get(inside[1].lower()) if inside else None
        if stands_for is None or not bracket:
            return None
        parts += (stands_for, behind)
    return "".join(parts)


def _cut_tags(html: str) -> str:
    """``html`` up to the tag that is one too many for its parser."""
    if html.count("<") <= _MAX_TAGS:
        return html
    return "<".join(html.split("<", _MAX_TAGS)[:_MAX_TAGS])
