"""What only a terminal needs to be harmless: addresses in ASCII, letters that it can show."""

from __future__ import annotations

from urllib.parse import quote

_PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def clean_url(url: str) -> str:
    """``url`` in visible ASCII; everything else is percent-encoded.

    Terminals take the target of a link in bytes 32 to 126 alone.
    Source: the OSC 8 specification, "Hyperlinks in terminal emulators".
    """
    return quote(url, safe=_PRINTABLE_ASCII, errors="replace")


def encodable(text: str, encoding: str) -> str:
    """``text`` with "?" for each character that ``encoding`` lacks (a Latin-1 pipe)."""
    return text.encode(encoding, "replace").decode(encoding)
