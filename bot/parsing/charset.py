"""Bytes to text, as the publisher meant them rather than as they declared them.

Everything after this module sees text only, so what is checked here is what is parsed:
no second decoder can find a tag where we saw none.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (  # longest first: the mark of UTF-32-LE begins with that of UTF-16-LE
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)

_ASCII_FIRST = (  # no mark, but the first character is one of ASCII (XML 1.0, appendix F)
    (re.compile(rb"\0\0\0[\x01-\x7f]"), "utf-32-be"),
    (re.compile(rb"[\x01-\x7f]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0[\x01-\x7f]"), "utf-16-be"),
    (re.compile(rb"[\x01-\x7f]\0"), "utf-16-le"),
)

_SUPERSETS = {
    # What publishers declare is a subset of what they write: HTML's encodings have been read
    # this way by every browser for twenty years (WHATWG Encoding Standard, "Names and labels").
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}

_NO_CHARSETS = {
    # Python calls these encodings; no document is written in them, and some cost quadratic time.
    "idna",
    "mbcs",
    "oem",
    "punycode",
    "raw_unicode_escape",
    "raw-unicode-escape",
    "undefined",
    "unicode_escape",
    "unicode-escape",
    "utf-7",
}

_IN_HEADER = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.:+-]+)""", re.IGNORECASE)
_IN_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9_.:+-]+)""")

_CP1252_FOR_STRAY_BYTES = "bot.cp1252_for_stray_bytes"


def decode(body: bytes, content_type: str = "") -> str:
    """Read ``body`` as text; never fails, at worst single characters are replaced.

    A byte order mark decides. Then text that is valid UTF-8 with at least one character
    beyond ASCII is UTF-8 whatever was declared: no other charset's text looks like that by
    accident. Then the HTTP header, then the XML declaration, each as its superset. What is
    left is read as UTF-8, single stray bytes as Windows-1252.

    Source: RFC 7303 §3 (mark, header, declaration, in this order).
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace").lstrip("\ufeff")
    for pattern, encoding in _ASCII_FIRST:
        if pattern.match(body):
            return body.decode(encoding, "replace")
    declared = _find_declared(body, content_type)
    for encoding in declared if body.isascii() else ("utf-8", *declared):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    for encoding in declared:
        if encoding not in {"utf-8", "cp1252"}:
            return body.decode(encoding, "replace")
    return body.decode("utf-8", _CP1252_FOR_STRAY_BYTES)


def _find_declared(body: bytes, content_type: str) -> tuple[str, ...]:
    """The charsets that header and declaration name, as their supersets."""
    in_header = _IN_HEADER.search(content_type)
    in_declaration = _IN_DECLARATION.match(body[:1024])
    labels = (
        in_header[1] if in_header else "",
        in_declaration[1].decode("ascii") if in_declaration else "",
    )
    found = (_find_codec(label) for label in labels if label)
    return tuple(dict.fromkeys(name for name in found if name))


def _find_codec(label: str) -> str:
    """Python's name of the superset of ``label``; "" where it is no charset we can have here.

    That leaves out those that do not contain ASCII: the declaration was read as such.
    """
    try:
        name = codecs.lookup(label).name
        contains_ascii = b"<?xml".decode(name) == "<?xml"
    except (LookupError, UnicodeError):
        return ""
    return _SUPERSETS.get(name, name) if contains_ascii and name not in _NO_CHARSETS else ""


def _read_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: what is no UTF-8 was most likely pasted from Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    return stray.decode("cp1252", "replace"), error.end


codecs.register_error(_CP1252_FOR_STRAY_BYTES, _read_as_cp1252)
