"""What a report can be recognised by: its telling words, the figures and the models it names.

Text in, tokens out. How alike two reports are is decided in stories/similarity.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import chain, pairwise

MAX_WORDS = 40  # a title and two sentences; more would only make a story's row larger
_MAX_CHARS = 600  # of the summary: what lies beyond tells of other things


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that say nothing about which event it is: grammar, calendar, and who said so.
_STOP_WORDS = _listed(
    """
    a about after again against ago all almost along already also although am among an and any
    are around as at away back be became because become been before being below best between
    both but by came can cannot come could day days did do does doing done down during each
    either else even ever every everyone everything few first for from full further gave get
    gets getting give gives go goes going gone got had has have having he her here his hour
    hours how however i if in indeed inside instead into is it its itself just keep know last
    late later latest least less let like look looks lot made make makes making many may maybe
    me might month months more most much must my near need needs never new news next no nor
    not now of off on once one only onto or other our out outside over own per perhaps put
    quite rather really same second see seen set she should since so some something soon still
    such take takes than that the their them then there these they thing things this those
    though three through thus time times to today together tomorrow too took toward towards
    two under until up update updated upon us use used using very via video want wants was way
    ways we week weeks well went were what when where whether which while who whole whom whose
    why will with within without would year years yesterday yet you your according announce
    announced announces announcing article exclusive image live photo read report reported
    reportedly reports reveal revealed reveals said say saying says source sources tell tells
    told watch don didn doesn isn wasn won ll ve re url comment comments monday tuesday
    wednesday thursday friday saturday sunday
    """
)
_STOP_WORDS_OF = {
    "de": _listed("der die das und ein eine ist von zu mit auf den dem für im nicht"),
    "es": _listed("de la el los las un una y en que por para con se su al del es no"),
    "fr": _listed("le la les des et du est pour dans sur un une en au aux ce qui que"),
    "pt": _listed("o a os as de da do das dos e em um uma para com que por no na"),
}
_HAN_STOP = frozenset("的了是在与及将就也都而被把")  # no character that names have: 为, 中, 一

_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_DATE = re.compile(
    rf"\b{_MONTHS}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,\s*\d{{4}}\b)?"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTHS}\b"
    r"|\d{4}年|\d{1,2}月(?:\d{1,2}[日号])?|\d{1,2}[日号]",
    re.IGNORECASE,
)

_POWERS = {
    "k": 3, "thousand": 3, "千": 3, "万": 4, "萬": 4,
    "m": 6, "mn": 6, "mln": 6, "million": 6, "millions": 6,
    "亿": 8, "億": 8,
    "b": 9, "bn": 9, "bln": 9, "billion": 9, "billions": 9,
    "tn": 12, "trn": 12, "trillion": 12, "万亿": 12,
}  # fmt: skip
_UNITS = {
    "$": "$", "us$": "$", "dollar": "$", "dollars": "$", "usd": "$", "美元": "$", "美金": "$",
    "€": "€", "euro": "€", "euros": "€", "eur": "€", "欧元": "€",
    "£": "£", "pounds": "£", "英镑": "£",
    "¥": "¥", "yuan": "¥", "rmb": "¥", "cny": "¥", "元": "¥", "人民币": "¥",
    "₹": "₹", "rs": "₹", "rs.": "₹", "rupees": "₹", "卢比": "₹",
    "%": "%", "percent": "%", "per cent": "%",
}  # fmt: skip
_FIGURE = (
    r"(?P<before>us\$|[$€£¥₹]|rs\.?\s?(?=\d))?"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:[\s-]?(?P<power>万亿|[千万萬亿億]|(?:thousand|millions?|mln|mn|m|billions?|bln|bn|b"
    r"|trillion|trn|tn|k)(?![^\W_])))?"
    r"(?:[\s-]?(?P<after>%|per\s?cent\b|dollars?\b|usd\b|euros?\b|eur\b|pounds\b|yuan\b|rmb\b"
    r"|cny\b|rupees\b|美元|美金|欧元|英镑|人民币|卢比|元))?"
)
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W_{_CJK}]"
_TOKEN = re.compile(
    rf"(?<![^\W_{_CJK}])(?<!\d[.,]){_FIGURE}(?!{_LETTER})"
    rf"|(?P<word>{_LETTER}+(?:['&.]{_LETTER}+)*)"
    r"|(?P<han>[\u3400-\u9fff\uf900-\ufaff]+)"
    r"|(?P<katakana>[\u30a1-\u30fa\u30fc]{2,})",
    re.IGNORECASE,
)
_GLUED_MODEL = re.compile(r"(?<=[A-Za-z]{3})(?=\d)")  # Mate60, as Chinese titles write it
_ASCII_MARKS = str.maketrans({"\u2019": "'", "\u2018": "'", "\u00ad": None, "\u200b": None})

# A number with one of these behind it measures something; it names no model.
_MEASURES = _listed(
    """
    mah w mp gb tb k hz khz mhz ghz g mm cm m km kg b bn fps nits nm x d th st nd rd am pm in
    s ms mb mbps gbps p v h min mn cc ppi bit
    """
)
_MODEL = re.compile(r"[a-z]{1,3}\d{1,4}[a-z]{0,2}|\d{1,4}(?P<tail>[a-z]{1,5})")
_COUNTED = _listed(
    """
    accounts billion bn countries customers days employees hours inch jobs m million minutes months
    people percent phones points reasons states stores subscribers times users ways weeks
    workers years
    """
)
_HAN_COUNTERS = frozenset("个款家名年月日天次台部件位人季倍成号小分周大")


def make_words(title: str, summary: str = "", *, lang: str = "") -> tuple[str, ...]:
    """The telling words of a report: title first, none twice, at most ``MAX_WORDS``.

    Lower case, lightly stemmed, without stop words. Figures are one token in one
    notation ("37 million", "37M" and "3700万" are ``37m``, "$1.35 billion" is
    ``$1.35b``), model numbers stay whole (``11r``). Han text gives overlapping pairs
    of characters, as it has no spaces between words.
    """
    stop = _find_stop_words(lang[:2].lower())
    texts = (title, summary[:_MAX_CHARS]) if summary else (title,)
    words: dict[str, None] = {}
    for word in chain.from_iterable(_iter_words(text, stop) for text in texts):
        words.setdefault(word)
        if len(words) == MAX_WORDS:
            break
    return tuple(words)


def find_figures(text: str) -> frozenset[str]:
    """The amounts in ``text``, as ``make_words`` writes them: money, percentages, millions.

    Plain small numbers are left out: "11" may be a model, a day or a count.
    """
    found = set()
    for match in find_tokens(text):
        if match["number"] and (match["power"] or _unit_of(match)):
            found.add(_figure(match))
    return frozenset(found - {"4k", "8k"})


def has_han(text: str) -> bool:
    """Whether ``text`` holds a Han character."""
    return any("\u3400" <= char <= "\u9fff" for char in text)


@lru_cache
def _find_stop_words(lang: str) -> frozenset[str]:
    return _STOP_WORDS | _STOP_WORDS_OF.get(lang, frozenset())


def _iter_words(text: str, stop: frozenset[str]) -> Iterator[str]:
    for match in find_tokens(text):
        kind = match.lastgroup
        if kind == "word":
            word = match["word"].lower().removesuffix("'s")
            if word not in stop and len(word) > 1:
                yield _stem(word)
        elif kind == "han":
            yield from _pairs(match["han"])
        elif kind == "katakana":
            yield match["katakana"]
        else:
            yield _figure(match)


def _plain(text: str) -> str:
    """One notation for what looks alike; without addresses and dates, which tell nothing."""
    text = unicodedata.normalize("NFKC", text).translate(_ASCII_MARKS)
    if "://" in text or "www." in text.lower():
        text = _ADDRESS.sub(" ", text)
    if _DIGIT.search(text):
        text = _GLUED_MODEL.sub(" ", _DATE.sub(" ", text))
    return text


def _pairs(run: str) -> Iterator[str]:
    for first, second in pairwise(run):
        if first not in _HAN_STOP and second not in _HAN_STOP:
            yield first + second


def _unit_of(match: re.Match[str]) -> str:
    written = match["before"] or match["after"] or ""
    return _UNITS.get(re.sub(r"\s+", " ", written).strip().lower(), "")


def _figure(match: re.Match[str]) -> str:
    """A number in one notation: unit, then the value in the largest of b, m or plain."""
    unit = _unit_of(match)
    power = (match["power"] or "").lower()
    number = match["number"].replace(",", "")
    if power == "k" and not unit and len(number) == 1:
        return f"{number}k"  # a screen, not a sum
    value = Decimal(number).scaleb(_POWERS.get(power, 0))
    for letter, least in (("b", Decimal(10**9)), ("m", Decimal(10**6)), ("", Decimal(1))):
        if value >= least:
            value, number = value / least, letter
            break
    else:
        number = ""
    written = f"{value.normalize():f}{number}"
    return f"{written}%" if unit == "%" else f"{unit}{written}"


@lru_cache(maxsize=256)  # a title is read for its words, its figures and its products
def find_tokens(text: str) -> tuple[re.Match[str], ...]:
    """The words, numbers and runs of Han of ``text``, without addresses and dates."""
    return tuple(_TOKEN.finditer(_plain(text)))


def is_model(text: str) -> bool:
    """Whether ``text`` is letters and digits as models have them ("11r", "x6"), no measure."""
    match = _MODEL.fullmatch(text)
    return match is not None and match["tail"] not in _MEASURES


def is_numbered(before: re.Match[str], number: re.Match[str], after: str) -> bool:
    """Whether a plain number follows a name, as in "Note 12" and "小米13"."""
    digits = number["number"]
    if not digits or "." in digits or number["before"] or number["power"] or number["after"]:
        return False
    if len(digits) == 4 and digits[:2] in {"19", "20"}:
        return False
    if before["han"]:
        return before.end() == number.start() and after[:1] not in _HAN_COUNTERS
    name = before["word"] or ""
    is_owner = name.lower().endswith(("'s", "s'"))  # "Acme's 3 phones" are three
    is_name = not (is_owner or name.islower() or name.lower() in _STOP_WORDS)
    return is_name and after not in _COUNTED and after not in _MEASURES


@lru_cache(maxsize=65_536)  # most words of the news are those of yesterday
def _stem(word: str) -> str:
    """Cut plural and verb endings, so that "launches" and "launched" are one word.

    Light on purpose: a full stemmer joins words that are not one ("universe" and
    "university"), and a wrong merge costs more than a missed one.
    """
    if len(word) <= 3 or not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("ses", "xes", "zes", "ches", "shes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3 and any(vowel in root for vowel in "aeiouy"):
            doubled = root[-1] == root[-2] and root[-1] not in "lsz"
            word = root[:-1] if doubled and len(root) > 3 else root
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word
