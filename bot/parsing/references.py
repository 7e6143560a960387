"""Character references: ``&amp;``, ``&#38;``, and the ``&`` that should have been one.

Python's ``html.unescape`` and every HTML parser read ``&LT`` without a semicolon as well
and so turn "5G&LTE" into "5G<E". Here a reference ends with a semicolon or is none.
"""

from __future__ import annotations

import re
from html.entities import html5

_REFERENCE = re.compile(
    r"&(?:#(?P<number>[0-9]{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>[A-Za-z][A-Za-z0-9]{0,31}));"
)
_NOT_XML_SAFE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)"
    r"(?:(?:#(?P<number>[0-9]+)|#[xX](?P<hex>[0-9a-fA-F]+)|(?P<name>[A-Za-z][A-Za-z0-9]{0,31}));)?"
)
_XML_REFERENCES = ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 §2.2
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\r"})
_HALF = re.compile("[\ud800-\udfff]")
_CP1252 = {
    # Windows-1252 numbers in references, as browsers read them (HTML standard, numeric
    # character reference end state).
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


def unescape(text: str) -> str:
    """Resolve the references of ``text`` once; what is no reference stays as it is."""
    return _join_pairs(_REFERENCE.sub(_resolve, text)) if "&" in text else text


def drop_illegal(text: str) -> str:
    """``text`` without the characters that no XML document may hold."""
    return _ILLEGAL.sub("", text) if _has_illegal(text) else text


def mend_references(text: str) -> str:
    """``text``, which holds no forbidden characters, with references that XML knows.

    A bare ``&`` and an unknown name are escaped, HTML's names and surrogate pairs become
    their characters. CDATA sections are text and left alone.
    """
    if "&" not in text or _is_mended(text):
        return text
    head, *sections = text.split("<![CDATA[")
    mended = [_mend(head)]
    for section in sections:
        inside, end, outside = section.partition("]]>")
        mended.append(f"{inside}{end}{_mend(outside)}")
    return "<![CDATA[".join(mended)


def _is_mended(text: str) -> bool:
    """Whether each ``&`` begins a reference that XML knows: a third of the cost of a pattern."""
    return text.count("&") == sum(map(text.count, _XML_REFERENCES))


def _has_illegal(text: str) -> bool:
    """A quick look: looking at each character by a pattern costs ten times as much."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return True
    return len(raw.translate(None, _CONTROLS)) < len(raw) or "\ufffe" in text or "\uffff" in text


def _mend(text: str) -> str:
    if "&" not in text:
        return text
    return _ILLEGAL.sub("", _join_pairs(_NOT_XML_SAFE.sub(_make_safe, text)))


def _join_pairs(text: str) -> str:
    """Make one character of each surrogate pair; halves that stay single are dropped."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _make_safe(found: re.Match[str]) -> str:
    if found["number"] or found["hex"]:
        return _escape(_character(found))
    if found["name"]:
        meant = html5.get(f"{found['name']};")
        return _escape(meant) if meant else f"&amp;{found['name']};"
    return "&amp;"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _resolve(found: re.Match[str]) -> str:
    if found["name"]:
        return html5.get(f"{found['name']};", found[0])
    return _character(found)


def _character(found: re.Match[str]) -> str:
    """The character a numeric reference stands for; "" for a number that is none."""
    digits, base = (found["number"], 10) if found["number"] else (found["hex"], 16)
    if len(digits) > 12:  # leading zeros aside, 7 digits hold every code point
        return ""
    code = int(digits, base)
    if code in _CP1252:
        return _CP1252[code]
    return chr(code) if 0 < code <= 0x10FFFF else ""
