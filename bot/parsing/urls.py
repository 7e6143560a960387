"""Links: absolute ones to post, canonical ones to compare."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from bot.parsing.text import drop_invisible

_TRACKING = frozenset(
    # Parameters that say where a reader came from, never which article is meant.
    # A name that any site may use for its articles does not belong here.
    {
        "_hsenc",
        "_hsmi",
        "at_campaign",
        "at_medium",
        "cmp",
        "cmpid",
        "dclid",
        "fbclid",
        "ftag",
        "gclid",
        "guccounter",
        "guce_referrer",
        "guce_referrer_sig",
        "igshid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "msclkid",
        "ncid",
        "ns_campaign",
        "ns_mchannel",
        "ns_source",
        "ocid",
        "ref",
        "smid",
        "sr_share",
        "srnd",
        "taid",
        "xtor",
        "yclid",
    }
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_CANONICAL = re.compile(r"https://[a-z0-9.-]+/[!\"$-;=@-~]*")
"""Most links are written so: no port, no query, no fragment, and nothing that is ever cut."""

_ABSOLUTE = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*/[!\"$-:=@-Z_a-z~]*")
"""Most links are written so, too: nothing in them is resolved, and nothing dropped."""


def absolute_link(link: str, *, base: str) -> str | None:
    """``link`` resolved against ``base`` if that makes an http or https address, else None.

    Source: RFC 3986 §5.
    """
    if _ABSOLUTE.fullmatch(link):
        return link
    written = drop_invisible("".join(line.strip() for line in link.splitlines()))
    if not written:
        return None
    try:
        resolved = urljoin(base, written.replace(" ", "%20"))
        parts = urlsplit(resolved)
        usable = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname)
    except ValueError:  # brackets that hold no IPv6 address, and the like
        return None
    return resolved if usable else None


def canonical_link(link: str) -> str:
    """The form under which two links to the same article compare equal.

    Host and scheme in lower case, http as https, no default port, no known tracking
    parameter in query or fragment. The rest of the query names articles on many sites, and
    the path and other fragments do too: they stay to the letter.
    """
    if _CANONICAL.fullmatch(link):
        return link
    parts = urlsplit(link)
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ""))
    canonical = SplitResult(
        scheme="https" if parts.scheme == "http" else parts.scheme,
        netloc=host,
        path=parts.path or "/",
        query="&".join(pair for pair in parts.query.split("&") if not _is_tracking(pair)),
        fragment="" if _is_all_tracking(parts.fragment) else parts.fragment,
    )
    return urlunsplit(canonical)


def host_of(link: str) -> str:
    """The host name of ``link`` in lower case, "" if it has none."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith("utm_")


def _is_all_tracking(fragment: str) -> bool:
    """Whether ``fragment`` is ``#xtor=…`` and the like, and not a place in a page."""
    return "=" in fragment and all(_is_tracking(pair) for pair in fragment.split("&"))
