"""What came in a feed's place, for the person who subscribed to it."""

from __future__ import annotations

import re

from bot.errors import FeedUnreadable, Trouble
from bot.parsing.text import clean_title, shorten

_EARLY = 8_000  # characters in which a page says what it is
_WITHIN = 200_000  # characters in which a form is looked for

_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_REMARK = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PARTS_OF_PAGES = re.compile(
    r"html|head|body|title|meta|link|base|script|style|div|p|center|table|h[12]|form", re.IGNORECASE
)
_TITLE = re.compile(r"<title[^<>]*>\s*([^<]{1,80})", re.IGNORECASE)
_PASSWORD = re.compile(r"""\btype\s?=\s?["']?password\b""", re.IGNORECASE)

_BLOCKED_TITLE = re.compile(
    r"just a moment|attention required|access (?:to this page )?(?:has been )?denied|forbidden"
    r"|are you (?:a )?(?:human|robot)|pardon our interruption|security (?:check|verification)"
    r"|ddos[- ]protection|request (?:blocked|rejected)|checking your browser|human verification"
    r"|one more step|bot (?:check|verification)|you have been blocked",
    re.IGNORECASE,
)
_BLOCKED_MARKS = re.compile(
    r"/cdn-cgi/challenge-platform|cf-chl-|cf_chl_|_incapsula_resource|px-captcha"
    r"|captcha-delivery\.com|awswafintegration|sucuri_cloudproxy|ddos-guard",
    re.IGNORECASE,
)
_PORTAL_TITLE = re.compile(
    r"captive portal|hot ?spot|\bwi-?fi\b|wlan|guest (?:access|network|portal)"
    r"|network (?:login|log ?in|sign[- ]?in|access|authentication)|internet access",
    re.IGNORECASE,
)
_PORTAL_MARKS = re.compile(
    r"wispaccessgatewayparam|\bcaptive[ _-]?portal\b|/guest/s/default|fgtauth|mikrotik hotspot",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"\b(?:log|sign)[ -]?(?:in|on)\b|anmeld|einlogg|connexion|identifi(?:ez|cación)|iniciar sesi"
    r"|accedi\b|登录|登入|ログイン|로그인|вход\b|logowanie|zaloguj",
    re.IGNORECASE,
)

_SAYS = {
    Trouble.BLOCKED: ", a wall against programs",
    Trouble.PORTAL: ", a network's own page and not the site's",
    Trouble.LOGIN: ", asking to log in",
    Trouble.PAGE: "",
}


def refuse(text: str) -> FeedUnreadable:
    """Says what ``text``, which is no feed, looks like; the message does not name the address."""
    root = find_root(text)
    if _PARTS_OF_PAGES.fullmatch(root):
        trouble = _find_trouble(text)
        title = find_title(text)
        titled = f' titled "{title}"' if title else ""
        what = f"is an HTML page{titled}{_SAYS[trouble]}"
        return FeedUnreadable(f"holds no feed: it {what}", trouble=trouble)
    if root:
        return FeedUnreadable(f"holds no feed: it is XML of another kind, <{root[:60]}>")
    words = shorten(clean_title(text[:200]), 60)
    return FeedUnreadable(f'holds no feed: it is plain text, "{words}"')


def find_root(text: str) -> str:
    """The name of the first element, remarks aside; "" if none begins early on."""
    root = _ROOT.search(_REMARK.sub("", text[:_EARLY]))
    return root[1] if root else ""


def find_title(text: str) -> str:
    """What an HTML page calls itself, or ""."""
    title = _TITLE.search(text[:_EARLY])
    return clean_title(title[1]) if title else ""


def _find_trouble(text: str) -> Trouble:
    title, early = find_title(text), text[:_WITHIN]
    if _BLOCKED_TITLE.search(title) or _BLOCKED_MARKS.search(early):
        return Trouble.BLOCKED
    if _PORTAL_TITLE.search(title) or _PORTAL_MARKS.search(early):
        return Trouble.PORTAL
    if _LOGIN_TITLE.search(title) or _PASSWORD.search(early):
        return Trouble.LOGIN
    return Trouble.PAGE
