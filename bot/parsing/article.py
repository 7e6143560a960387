"""A web page to the text of its article, or to nothing where it is not for everybody.

Finding the article among menus, teasers and comments is trafilatura's work. Ours is which
pages count as closed: those that say so to search engines, and those that show a prompt to
subscribe or to log in where the text should be.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.errors import FeedUnreadable
from bot.parsing.charset import decode
from bot.parsing.text import MAX_BODY, make_visible, shorten
from bot.prose import iter_sentences

_IN_META = re.compile(
    rb"""<meta[^>]{0,200}?\bcharset\s*=\s*["']?([A-Za-z0-9_.:+-]+)""", re.IGNORECASE
)
_META_WITHIN = 4096  # bytes; the standard asks for 1024, and pages are late with it

_SHORT_PROMPT = 300  # characters; a longer paragraph tells of subscriptions, it sells none
_CLOSED_BELOW = 600  # characters beside a prompt: the page's own teaser, no article
_WIDE_COUNTS = 3  # as many letters as a Han or kana character says, roughly
_SENTENCE = 40  # letters; shorter ones are labels and captions

_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ENDS = re.compile(r"[.!?…。！？｡।؟][\"'”’»)\]）】》」』]*$")
_BREAK = re.compile(r"\n\s*\n|(?<=[.!?…。！？\"'”’」』]) ?\n")
"""Between paragraphs: of ``<br><br>`` the library leaves one, which looks like a wrapped line."""

_PROMPT = re.compile(
    r"""
      \b(?:subscribe|sign\ (?:in|up)|log\ ?in|register|join|become\ an?\ \w+|start\ your)\b
      [^.!?]{0,60}?\b(?:to\ (?:continue|keep|read|finish|unlock|access|view|see)
      |for\ (?:full|unlimited)\ access|reading)\b
    | \bto\ (?:continue|keep|read|unlock)\b[^.!?]{0,60}?
      \b(?:subscribe|subscription|sign\ in|log\ in|register|click)\b
    | \b(?:article|story|content|page|analysis)\ is\ (?:only\ |exclusively\ |reserved\ )?
      (?:available\ )?(?:for|to)\ (?:\w+\ ){0,2}(?:subscribers|members)\b
    | \b(?:subscribers?|members?)[ -]only\b | \bfor\ (?:subscribers|members)\ only\b
    | \balready\ (?:an?|have\ an?)\ (?:\w+\ )?(?:subscriber|member|account|subscription)\b
    | \byou(?:'ve|’ve|\ have)\ (?:reached|read|used|hit)\b[^.!?]{0,40}
      \b(?:articles|stories|limit)\b
    | \b(?:enable|turn\ on)\ (?:javascript|cookies)\b | \bsupports\ javascript\b
    | \bjavascript\ (?:is|has\ been|seems\ to\ be)\ (?:disabled|blocked|turned\ off)\b
    | \b(?:you(?:'re|’re|\ are)\ (?:a\ human|human|not\ a\ robot))\b | \baccess\ denied\b
    | \b(?:suscríb|suscrib|abon|regístr|inici)\w*[^.!?]{0,40}\b(?:seguir|continuar|leer)\b
    | \b(?:para|sólo\ para|solo\ para)\ suscriptores\b
    | \br(?:é|e)servé[es]?\ (?:aux|à\ nos)\ abonnés\b | \b(?:abonnez|connectez)-vous\ pour\b
    | \b(?:abonnieren|anmelden|einloggen|registrieren|Abo)\b[^.!?]{0,40}\b(?:weiter)?lesen\b
    | \bweiterlesen\b[^.!?]{0,40}\b(?:Abo\w*|anmelden|registrieren)\b | \bfür\ Abonnenten\b
    | \bpara\ assinantes\b | \bassine\ para\b | \briservat[oi]\ agli\ abbonati\b
    | (?:登录|登陆|订阅|付费|充值|开通会员|注册|扫码)(?:后|以后|即可|方可|以|会员)?(?:继续)?
      (?:阅读|查看|浏览|解锁|可读)
    | 本文(?:为|是|属于).{0,6}(?:付费|会员|订阅) | (?:付费|会员|订阅者)(?:内容|专享|专属|可见)
    | (?:余下|剩余)(?:内容|全文|部分).{0,12}(?:付费|订阅|登录|会员)
    | 有料(?:会員|記事|登録) | (?:会員|購読者)(?:限定|専用) | 残り\s*[\d,]+\s*文字
    | 続きを(?:読む|お読みいただく)には | ログイン(?:して|すると|が必要)
    | 유료\s?(?:회원|기사|구독) | (?:구독자|회원)\s?(?:전용|만) | 로그인\s?(?:후|하시면)
    """,
    re.VERBOSE | re.IGNORECASE,
)

_READ_KINDS = (
    "Article",
    "Posting",
    "Report",
    "Review",
    "WebPage",
    "WebPageElement",
    "CreativeWork",
)
_NOT_FREE = re.compile(r"(?:https?://schema\.org/)?false", re.IGNORECASE)
_NOT_FREE_ANYWHERE = re.compile(
    r'"isAccessibleForFree"\s*:\s*"?(?:https?:\\?/\\?/schema\.org\\?/)?false', re.IGNORECASE
)

_BLOCKS = frozenset({"body", "p", "item", "list", "quote", "head", "row", "cell", "table", "code"})


def read_article(body: bytes, *, url: str, content_type: str = "") -> str:
    """The text of the article on an HTML page, paragraphs apart by an empty line.

    Headings, tables and comments are left out.

    Args:
        body: the response body, after decompression.
        url: the address that answered, for messages.
        content_type: the header as it came; it may name a charset.

    Returns:
        At most ``MAX_BODY`` characters of plain text. "" where the page has no article of
        at least one sentence, where it says that reading costs (schema.org
        ``isAccessibleForFree``, ``article:content_tier``), or where a prompt to subscribe, to
        log in or to switch something on stands in the text's place.

    Raises:
        FeedUnreadable: the page is built so that its reader fails.
        MemoryError: it needs more than this process may take.
    """
    try:
        return _read(decode_page(body, content_type))
    except MemoryError:
        raise
    # The readers' own errors on a stranger's page: RecursionError, lxml's, and what each
    # release adds. A defect of ours would show in the tests of this module.
    except Exception as error:
        raise FeedUnreadable(
            f"{url}: the page cannot be read ({type(error).__name__}); left unread"
        ) from error


def _read(html: str) -> str:
    # Imported when the first page is read: it takes 0.2 s and 20 MB, which no command and no
    # worker that reads feeds alone should spend.
    from trafilatura import bare_extraction  # noqa: PLC0415
    from trafilatura.utils import load_html  # noqa: PLC0415

    _hush()
    tree: Any = load_html(html)
    if tree is None or _is_paid(tree):
        return ""
    found: Any = bare_extraction(
        tree, favor_precision=True, include_comments=False, include_tables=False
    )
    if found is None or found.body is None:
        return ""
    return _without_prompts(_find_paragraphs(found.body))


def _hush() -> None:
    """What the library logs about a page goes nowhere: without a handler Python prints it."""
    logger = logging.getLogger("trafilatura")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def decode_page(body: bytes, content_type: str) -> str:
    """As feeds are read; a page may also name its charset itself."""
    named = _IN_META.search(body[:_META_WITHIN])
    if named and "charset" not in content_type.lower():
        content_type = f"text/html; charset={named[1].decode('ascii')}"
    return decode(body, content_type).replace("\0", "")


def _find_paragraphs(body: Any) -> list[str]:
    paragraphs = _BREAK.split("".join(_iter_text(body)))
    return [text for text in (" ".join(part.split()) for part in paragraphs) if text]


def _iter_text(body: Any) -> Iterator[str]:
    r"""All text in reading order, ``\n\n`` where a block begins or ends, without headings.

    A loop with a stack of its own, as pages nest deeper than Python calls.
    """
    stack: list[tuple[Any, bool]] = [(body, False)]
    while stack:
        element, is_over = stack.pop()
        is_block = element.tag in _BLOCKS
        if is_over or not isinstance(element.tag, str) or element.tag == "head":
            yield "\n\n" if is_block else ""
            yield _on_one_line(element.tail)
            continue
        if element.tag == "lb":
            yield "\n" + _on_one_line(element.tail)
            continue
        yield "\n\n" if is_block else ""
        yield _on_one_line(element.text)
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element))


def _on_one_line(text: str | None) -> str:
    """``text`` with the line breaks of the source as spaces; they mean nothing in HTML."""
    return re.sub(r"\s+", " ", text) if text else ""


def _without_prompts(paragraphs: Iterable[str]) -> str:
    kept, prompts = [], 0
    for paragraph in map(make_visible, paragraphs):
        if len(paragraph) <= _SHORT_PROMPT and _PROMPT.search(paragraph):
            prompts += 1
        elif paragraph:
            kept.append(paragraph)
    text = "\n\n".join(kept)
    if prompts and _weigh(text) < _CLOSED_BELOW:
        return ""
    return shorten(text, MAX_BODY) if _has_sentence(text) else ""


def _has_sentence(text: str) -> bool:
    return any(
        _ENDS.search(sentence) and _weigh(sentence) >= _SENTENCE
        for sentence in iter_sentences(text)
    )


def _weigh(text: str) -> int:
    """The length of ``text`` in letters, as many as it would have in an alphabet."""
    return len(text) + (_WIDE_COUNTS - 1) * len(_WIDE.findall(text))


def _is_paid(tree: Any) -> bool:
    """Whether the page tells programs that its article is not free.

    Source: schema.org isAccessibleForFree as Google's "paywalled content" asks for it, in
    JSON-LD or microdata; Facebook's ``article:content_tier``.
    """
    for meta in tree.iter("meta"):
        content = (meta.get("content") or "").strip()
        if meta.get("itemprop") == "isAccessibleForFree" and _NOT_FREE.fullmatch(content):
            return True
        if meta.get("property") == "article:content_tier" and content.lower() == "locked":
            return True
    scripts = (
        script.text or ""
        for script in tree.iter("script")
        if "ld+json" in (script.get("type") or "").lower()
    )
    return any(_says_paid(text) for text in scripts if "isAccessibleForFree" in text)


def _says_paid(text: str) -> bool:
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):  # many a page's is broken, and still means it
        return _NOT_FREE_ANYWHERE.search(text) is not None
    stack = [found]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            is_free = str(node.get("isAccessibleForFree", "")).strip()
            if _NOT_FREE.fullmatch(is_free) and _is_text(node.get("@type")):
                return True
            stack.extend(node.values())
    return False


def _is_text(kind: object) -> bool:
    """Whether a schema.org type is something to read; events and courses cost money too."""
    kinds = kind if isinstance(kind, list) else [kind]
    return kind is None or any(str(one).endswith(_READ_KINDS) for one in kinds)
