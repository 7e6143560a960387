"""What stands around the news in a feed's or a page's text and is no news.

Only whole pieces at the seams go: bylines and datelines in front of a paragraph, prompts
behind it, whole sentences and paragraphs of boilerplate. The text that stays is verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.summaries.prompts import DOORS, LABELS, NOTICES, OFFERS, REQUESTS, SECTIONS

_HEADING = 80  # characters of the longest heading
_TAIL = 500  # characters at a paragraph's end, where prompts stand
_DOOR_TAIL = 200  # of these where a door can stand, with what is on it and signs behind
_BIO = 400  # characters of the longest word about the writer


def _either(phrases: Iterable[str]) -> str:
    """A pattern of any of ``phrases``, the longest first, none as part of a longer word."""
    ordered = sorted(phrases, key=len, reverse=True)
    return "|".join(
        re.escape(phrase) + (r"(?![a-zà-ÿа-я])" if phrase[-1].isalpha() else "")
        for phrase in ordered
    )


def _as_buttons(phrases: Iterable[str]) -> Iterable[str]:
    """``phrases`` as they stand on buttons: with a capital, all in capitals, or in brackets."""
    for phrase in phrases:
        yield from {phrase.capitalize(), phrase.title(), phrase.upper()}
        yield from (bracket + phrase for bracket in "([«")


# --- in front of a paragraph -------------------------------------------------------------------

_UPPER = r"A-ZÀ-ÞА-ЯЁ"
_WORD = rf"[{_UPPER}][\w.'’/-]*"
_PLACE = rf"{_WORD}(?:[ ]{_WORD}){{0,3}}"
_PLACES = rf"{_PLACE}(?:,\s(?:{_PLACE})){{0,2}}"
_LOUD = rf"[{_UPPER}]{{2}}[{_UPPER}.'’/ -]{{1,30}}(?:,\s{_PLACE}){{0,2}}"  # LAS VEGAS, Nev.
_MONTH = r"[^\W\d_]{3,10}\.?"
_DATE = (
    rf"(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?"
    rf"|\d{{1,2}}\.?\s(?:de\s)?{_MONTH}(?:\s(?:de\s)?\d{{4}})?)"
)
_DASH = r"(?:\.?\s*(?:--|[-–—])[-–—]?|\s*=)\s*"
_NAME = rf"[{_UPPER}][\w.'’-]+(?:\s+(?:[{_UPPER}][\w.'’-]+|de|del|la|van|von|der|al|bin)){{0,4}}"
_AGENCY = (
    r"(?:\w+\s)?(?:Reuters|REUTERS|AP|Associated\sPress|AFP|CNN|CNNMoney|CNBC|BBC|UPI|Xinhua"
    r"|Bloomberg|Kyodo|ANI|PTI|IANS|EFE|dpa|ANSA|TASS|Newswire|NEWSWIRE|Business\sWire"
    r"|BUSINESS\sWIRE|PRNewswire|EUROPA\sPRESS|Europa\sPress)(?:\sNews\w*)?"
)
_CLOCK = r"\d{1,2}[:.h]\d{2}(?:\s?(?:[AaPp]\.?[Mm]\.?|h|Uhr|hs|hrs)(?!\w))?(?:\s[A-Z]{2,4}(?!\w))?"

_DATELINES = rf"""
      (?:{_PLACES},?\s+)?(?:{_DATE},?\s+)?\([^()]{{0,30}}?{_AGENCY}[^()]{{0,20}}\)(?:{_DASH}|\s+)
    | (?:{_LOUD}|{_PLACES},\s{_DATE}|{_DATE})(?:,?\s{_DATE})?,?\s*
      (?:\([^()]{{2,40}}\)|/[^/]{{2,40}}/|\[[^\[\]]{{2,40}}\])\s*{_DASH}
    | {_LOUD}(?:,?\s{_DATE})?\s+(?:[–—]|--)\s*
    | {_PLACES},\s{_DATE}\s*(?:\.\s?[-–—]+|[–—]|--)\s*
"""
_BYLINES = rf"""
      (?:By|BY)\s+\.\s+[^.|]{{2,60}}\s+\.(?=\s)                  # By . Jane Doe .
    | (?:By|BY|Por|POR|Von|VON|Par|PAR|Di|Автор:?)\s+{_NAME}(?:\s+(?:and|y|und|et|e)\s+{_NAME})?
      (?:\s*[|•·]\s*|\s+[-–—]+\s+|\s*\n|,\s+(?:PUBLISHED|Published|UPDATED|Updated)\b)
    | (?:PUBLISHED|Published|UPDATED|Updated|Posted|Last\ updated|Publicado|Actualizado
        |Veröffentlicht|Publié|Atualizado)\b:?\s*\.?\s*
      (?:(?:on|at|el|le|em|am)\s+)?[^.|]{{0,40}}?\b(?:19|20)\d\d\b
      (?:,?\s*\d{{1,2}}:\d\d(?:\s*[AaPp]\.?[Mm]\.?)?)?\s*[.|]?(?:\s*\|\s*\.)?
"""
_MARKS = rf"""
      {_CLOCK}(?:\s*[|–—-]\s*|:?\s+)(?=[^\W\d_a-z]|["“«「])       # 11:05 h | of a live blog
    | (?:UPDATED?|Updated?|BREAKING|Breaking|EXCLUSIVE|Exclusive|LIVE|ALERT|URGENT|DEVELOPING
        |ACTUALIZACIÓN|Actualización|ÚLTIMA\ HORA|Última\ hora|URGENTE|EXCLUSIVA?|Update\s\d+
        |EILMELDUNG|Eilmeldung|MISE\ À\ JOUR|Mise\ à\ jour|ATUALIZAÇÃO|Atualização|СРОЧНО|Обновлено
        |更新|最新|快讯|快訊|突发|突發|独家|獨家|速報|続報|追記|独自|속보|단독)
      (?:[,\s(]{{0,2}}(?:{_MONTH}\s)?[^:：.!?。]{{0,16}})?(?:[:：]|\s[–—-])\s*
    | (?:ADVERTISEMENT|Advertisement|Scroll\ down\ for\ video|Listen\ to\ this\ article)\s*[.:]?\s+
    | (?:Image|Photo|Illustration|Photograph|Credit)s?(?:\s+credit)?(?::|\s+by\s)
      [^.!?\n]{{2,80}}?(?:/\s*(?:The\ Verge|Getty\ Images|[A-Z]\w+)|\n)\s+
    | [•▪■●◆▶►]\s*
"""
_HAN = r"[\w\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_EAST = rf"""
      {_HAN}{{0,14}}?\s*(?:\d{{1,2}}\s*月\s*)?\d{{1,2}}\s*日(?:\s*(?:消息|讯|訊|电|電|报道|報導)
        |\s*[（(][^（()）]{{2,12}}(?:讯|訊|电|電)[)）])[，,：:\s]*
    | (?:本报|本報|本刊|本网|本網|{_HAN}{{2,6}}(?:社|网|網|报|報))
      (?:{_HAN}{{0,6}})?(?:讯|訊)\s*(?=[\s（(])
    | [（(【\[［〔]\s*(?=[^（()）【】\[\]]{{0,40}}
        (?:记者|記者|通讯员|编译|編譯|综合|讯|訊|电|電|报道|報導|消息|[=＝]|共同|時事|ロイター
        |特派|支局|기자|뉴스|\d\s*[時时点點]))
      [^（()）【】\[\]［］〔〕。！？]{{2,40}}[)）】\]］〕]\s*(?:[-–—]\s*)?
    | (?:记者|記者)\s*[\u3400-\u9fff]{{2,4}}\s*(?:报道|報導|[|｜/／]\s*)\s*
    | (?:文|作者|撰文)\s*[/／|｜]\s*{_HAN}{{2,8}}\s+
    | [\uac00-\ud7af]{{2,4}}\s기자\s*=\s*
"""
_FRONT = re.compile(rf"\s*(?:[|•·–—-]\s*)?(?:{_DATELINES}|{_BYLINES}|{_MARKS}|{_EAST})", re.VERBOSE)

# --- behind a paragraph ------------------------------------------------------------------------

_DOOR = re.compile(_either(_as_buttons(DOORS)))
_LEADS = " ([«»›→|"
_AFTER_DOOR = re.compile(r"[^.!?。！？]{0,80}[\W_]*")
_SIGNATURE = re.compile(
    r"""(?:
      The\ post\ .{1,300}?\ (?:first\ )?appeared\ (?:first\ )?on\b
    | Th(?:is|e)\ (?:article|story|post)\ .{0,300}?(?:first|originally)
      \ (?:appeared|published|posted|ran)\b
    | La\ entrada\ .{1,300}?\ (?:se\ publicó|apareció)\b
    | Der\ Beitrag\ .{1,300}?\ erschien\ zuerst\b
    | L['’]article\ .{1,300}?\ est\ apparu\ en\ premier\b
    | Cet\ article\ .{1,300}?\ est\ apparu\ en\ premier\b
    | O\ post\ .{1,300}?\ apareceu\ primeiro\b
    | L['’]articolo\ .{1,300}?\ (?:proviene\ da|sembra\ essere)\b
    | Запись\ .{1,300}?\ впервые\ появилась\b
    | Artykuł\ .{1,300}?\ pochodzi\ z\b
    | \[\s*\+\d+\ chars\s*\]
    ).*""",
    re.VERBOSE | re.DOTALL,
)
_GLUED = re.compile(
    r"(?:Share (?:this|on)|Follow us on|Like us on|Sign up for|Subscribe to|Article URL:"
    r"|Comments URL:|Filed under|Related:|Síguenos en|Suscríbete a|Abonnez-vous à)(?!\w).*",
    re.DOTALL,
)
_SIGN_OFF = re.compile(
    r"""\s*(?:
      [（(]\s*(?:完|终|責任編輯|责任编辑|编辑|編輯|责编|记者|記者|作者|文|来源|來源|图|圖|写真|撮影|文責)
      [^（()）]{0,30}[)）]
    | [（(](?:Reporting|Editing|Writing|Con\ información|Mit\ Material)\b[^()]{0,200}[)）]
    | (?:»|›|→)
    | (?:END|ENDS|-30-|\#\#\#|\(END\)|（(?:了|終わり)）)
    )\s*$""",
    re.VERBOSE,
)

_SIGNS_OFF = (")", "）", "»", "›", "→", "END", "ENDS", "-30-", "###")

# --- whole sentences and paragraphs ------------------------------------------------------------

_BEGINNINGS = frozenset(phrase[:3] for phrase in (*DOORS, *REQUESTS, *NOTICES, *LABELS))
_JUNK = " _-–—*•·|>»›→#[]【】「」<《“\"'"
_PROMPT = re.compile(
    rf"[{re.escape(_JUNK)}]*(?:(?:{_either(DOORS)}|{_either(REQUESTS)}|{_either(NOTICES)})"
    rf"|(?:{_either(LABELS)})\s?(?:[:：]|\s[|–—]\s|[／/｜]))"
)
_SECTION = re.compile(rf"[\W_]*(?:{_either(SECTIONS)})")
_WRITER = re.compile(
    rf"""{_NAME}\s(?:
      (?:is|was)\s(?:an?|the|our)\s[^.]{{0,60}}?
      (?:reporter|editor|writer|journalist|correspondent|columnist|contributor|blogger)\b
    | (?:covers|reports\son|writes\sabout|has\scovered|has\sbeen\scovering)\b[^.]{{0,120}}
      \s(?:for|at)\s(?:the\s)?[{_UPPER}]
    | (?:es|ist|est|é)\s[^.]{{0,40}}?
      (?:periodista|reportero|redactora?|Redakteur(?:in)?|journaliste|jornalista)\b
    | (?:escribe\ssobre|schreibt\süber|écrit\ssur|escreve\ssobre)\b
    )""",
    re.VERBOSE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w|(?<!\S)@\w{3,}")
_CREDIT = re.compile(
    r"""(?:[（(\[][^（()）\[\]]{0,60}
      (?:/|\b(?:Getty|Photos?|Image|Images|Foto|Archivo|Archiv|Courtesy|Handout|File|Shutterstock
        |Pool|Cortesía|EFE|Bild|Crédit)\b|写真|提供|撮影|摄|攝|资料图|資料圖)
      [^（()）\[\]]{0,60}[)）\]])\W*$""",
    re.VERBOSE,
)
_DOTS = re.compile(r"\s*(?:\[\s*(?:\.{2,}|…)\s*\]|\(\s*(?:\.{2,}|…)\s*\)|\.{3,}|…+)\s*$")

_DOT_ENDS = ("..", "…", "]", ")")
_STOPS = tuple(".!?…。！？｡।؟")
_CLOSERS = "'\"”’»)]）】》」』"


def clean_text(text: str) -> str:
    """``text`` on one line, without what stands around the news.

    A paragraph's end stays as an empty line, as a sentence ends there.
    """
    return "\n\n".join(_clean_paragraphs(re.split(r"\n\s*\n", text)))


def is_prompt(sentence: str) -> bool:
    """Whether ``sentence`` speaks of the page, its writer or its pictures, or to the reader."""
    lower = sentence[:_BIO].lower()
    return (
        (_has_beginning(lower) and _PROMPT.match(lower) is not None)
        or any(map(lower.__contains__, OFFERS))
        or _WRITER.match(sentence) is not None
    )


def _has_beginning(lower: str) -> bool:
    """Whether ``lower`` may begin with a phrase of the tables; nearly no sentence does."""
    begins = lower.lstrip(_JUNK)[:3]
    return not _BEGINNINGS.isdisjoint((begins, begins[:2], begins[:1]))


def is_stopped(sentence: str) -> bool:
    """Whether ``sentence`` ends as sentences do; headings, menus and buttons do not."""
    return sentence.endswith(("」", "』")) or sentence.rstrip(_CLOSERS).endswith(_STOPS)


def cut_dots(sentence: str) -> tuple[str, bool]:
    """``sentence`` without truncation dots at its end, and whether there were any."""
    dots = _DOTS.search(sentence) if sentence.endswith(_DOT_ENDS) else None
    return (sentence[: dots.start()], True) if dots else (sentence, False)


def _clean_paragraphs(paragraphs: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for paragraph in paragraphs:
        cleaned = _trim(" ".join(paragraph.split()))
        if not cleaned or (len(paragraphs) > 1 and _is_page(cleaned, is_first=not kept)):
            continue
        if kept and _is_section(cleaned):
            break
        kept.append(cleaned)
    return kept


def _trim(paragraph: str) -> str:
    """``paragraph`` without what stands in front of its news and behind it."""
    paragraph = _cut_front(paragraph)
    while (trimmed := _cut_behind(paragraph)) != paragraph:
        paragraph = _cut_front(trimmed)
    return paragraph


def _cut_front(paragraph: str) -> str:
    while (front := _FRONT.match(paragraph)) and front.end():
        paragraph = paragraph[front.end() :]
    return paragraph.strip()


def _cut_behind(paragraph: str) -> str:
    start = max(0, len(paragraph) - _TAIL)
    if signature := _SIGNATURE.search(paragraph, start):
        paragraph = paragraph[: signature.start()]
    if glued := _GLUED.search(paragraph, max(1, start)):
        paragraph = paragraph[: glued.start()]
    for door in _DOOR.finditer(paragraph, max(1, len(paragraph) - _DOOR_TAIL)):
        if _AFTER_DOOR.fullmatch(paragraph, door.end()):
            paragraph = paragraph[: door.start()].rstrip(_LEADS)
            break
    if paragraph.endswith(_SIGNS_OFF) and (sign_off := _SIGN_OFF.search(paragraph)):
        paragraph = paragraph[: sign_off.start()]
    return paragraph.strip()


def _is_page(paragraph: str, *, is_first: bool) -> bool:
    """Whether all of ``paragraph`` is about the page, as its beginning or its end tells."""
    if is_prompt(paragraph) or _CREDIT.search(paragraph):
        return True
    return not is_first and _ADDRESS.search(paragraph) is not None


def _is_section(paragraph: str) -> bool:
    """Whether ``paragraph`` is the heading of what comes after the news."""
    return (
        len(paragraph) <= _HEADING
        and not is_stopped(paragraph)
        and _SECTION.match(paragraph.lower()) is not None
    )
