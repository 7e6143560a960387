"""A question in plain words, taken apart: whom it is about, what happened, since when.

Pure. Whatever is said, there is an answer: what is not understood is left in ``words``, to be
looked for as it stands.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bot.commands.eventwords import find_said_events
from bot.commands.grammar import company_spellings
from bot.commands.spans import Span, find_span_or_none
from bot.model import Alias, Catalogue, Company, Event, Role, Scope

MAX_QUESTION = 400
"""Characters that are read of one."""

MAX_WORDS = 4
"""Words that are looked for as they stand; whoever says more tells a tale."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was understood.

    Attributes:
        companies: ids of which a story names one.
        also: ids that it names as well, each of them.
        scope: PAIR where makers and carriers together are asked for.
        words: what is left, in the order it was said.
        wants_help: the bot itself is asked about.
        why: what somebody asks the reasons of, or "".
    """

    companies: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    scope: Scope = Scope.ANY
    events: tuple[Event, ...] = ()
    span: Span | None = None
    words: tuple[str, ...] = ()
    wants_help: bool = False
    why: str = ""

    @property
    def is_understood(self) -> bool:
        """Whether anything in it narrows the answer, words apart."""
        return bool(
            self.companies or self.also or self.events or self.span or self.scope is not Scope.ANY
        )


def read_question(text: str, catalogue: Catalogue, *, now: datetime) -> Question:
    """``text`` taken apart.

    Args:
        catalogue: as whoever asks knows it.
        now: aware UTC.
    """
    said = _MENTION.sub(" ", unicodedata.normalize("NFKC", text[:MAX_QUESTION]))
    said = " ".join(said.split())
    if _HELP.fullmatch(said.casefold().strip(_SIGNS)):
        return Question(wants_help=True)
    if asked := _WHY.fullmatch(said):
        return Question(why=asked["about"].strip(_SIGNS))
    low = _fold(said)
    span = find_span_or_none(low, now=now)
    taken = [(span.start, span.end)] if span else []
    names = _find_names(said, low, catalogue, taken)
    taken += [(name.start, name.end) for name in names]
    events: list[Event] = []
    for one in find_said_events(_blank(low, taken)):
        events += one.events
        taken.append((one.start, one.end))
    scope = Scope.ANY
    for pattern, meant in _SCOPES:
        if found := pattern.search(_blank(low, taken)):
            scope = meant
            taken.append(found.span())
            break
    companies, also, both = _join(names, low, catalogue)
    return Question(
        companies=companies,
        also=also,
        scope=Scope.PAIR if both else scope,
        events=tuple(dict.fromkeys(events)),
        span=span.span if span else None,
        words=_find_words(said, _blank(low, taken)),
    )


# Names of companies.


class _Name(NamedTuple):
    """A company named at ``start:end``."""

    company: str
    start: int
    end: int


def _find_names(
    said: str, low: str, catalogue: Catalogue, taken: Sequence[tuple[int, int]]
) -> list[_Name]:
    """Who is named, in reading order; of names in one place the longest counts.

    Args:
        said: the question; ``low``: the same in small letters, sign by sign.
        taken: what is a stretch of time; a plain name keeps its place even there.
    """
    hits: list[_Name] = []
    for spelling, company_id in company_spellings(catalogue).items():
        form = _fold(spelling)
        start = low.find(form) if len(form) > 1 else -1
        while start >= 0:
            end = start + len(form)
            if _stands_free(low, start, end):
                hits.append(_Name(company_id, start, end))
            start = low.find(form, start + 1)
    found: list[_Name] = []
    blanked = _blank(low, taken)
    for hit in sorted(hits, key=lambda one: (one.start - one.end, one.start)):
        if _is_within(hit, [(other.start, other.end) for other in found]):
            continue
        company = catalogue.companies[hit.company]
        is_name = _is_plain(low[hit.start : hit.end], company, catalogue)
        if is_name or _is_meant(hit, said, blanked, company, catalogue):
            found.append(hit)
    return sorted(found, key=lambda one: one.start)


def _is_within(hit: _Name, taken: Sequence[tuple[int, int]]) -> bool:
    return any(hit.start < end and start < hit.end for start, end in taken)


def _is_plain(form: str, company: Company, catalogue: Catalogue) -> bool:
    """Whether a name is nothing else, so that it is the company wherever it stands."""
    if len(form) < 3 and form.isascii():
        return False
    if form in {_fold(word) for word in catalogue.everyday_words} or form in _GRAMMAR:
        return company.as_is
    if form in (_fold(company.name), company.id):
        return True
    return any(alias.stands_alone for alias in _aliases(form, company))


def _is_meant(hit: _Name, said: str, low: str, company: Company, catalogue: Catalogue) -> bool:
    """Whether an everyday word is a name here: in a question it is, if nothing speaks against it.

    Written like the name inside a sentence it is one, and so it is where a question has its
    subject ("about visible"). Elsewhere its neighbours may explain it ("to boost").
    """
    form = low[hit.start : hit.end]
    if not form.strip():
        return False
    phrases = [*company.decoys, *catalogue.name_words.idioms]
    aliases = _aliases(form, company)
    phrases += [word for alias in aliases for word in alias.unless]
    if any(len(form) < len(phrase) and _says(low, phrase, form) for phrase in map(_fold, phrases)):
        return False
    written = said[hit.start : hit.end]
    if hit.start and written != written.casefold() and said != said.upper():
        return True
    before = _last_word(low[: hit.start])
    after = _first_word(low[hit.end :])
    if before in _SUBJECT_AFTER or not (before or after):
        return True
    if form in _GRAMMAR:
        return False
    against_before = {_fold(word) for alias in aliases for word in alias.not_after}
    against_after = {_fold(word) for alias in aliases for word in alias.not_before}
    return (
        before not in against_before | _ARTICLES
        and after not in against_after
        and not (before in _TO and after not in _CONNECTIVES)
    )


def _aliases(form: str, company: Company) -> list[Alias]:
    return [alias for alias in company.aliases if _fold(alias.text) == form]


def _says(text: str, phrase: str, form: str) -> bool:
    """Whether ``phrase``, which has ``form`` in it, stands in ``text``."""
    start = text.find(phrase) if form in phrase else -1
    return start >= 0 and _stands_free(text, start, start + len(phrase))


def _join(
    names: Sequence[_Name], low: str, catalogue: Catalogue
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Which of the companies are asked for as alternatives, which besides, and whether a pair is.

    "with" asks for both sides; "and" does between a maker and a carrier, as does nothing at
    all; other lists, and "or", are alternatives.
    """
    ids = tuple(dict.fromkeys(name.company for name in names))
    gaps = [low[one.end : other.start] for one, other in itertools.pairwise(names)]
    if any(_OR.search(gap) for gap in gaps):
        return ids, (), False
    for at, gap in enumerate(gaps, 1):
        if _WITH.search(gap):
            left = tuple(dict.fromkeys(name.company for name in names[:at]))
            right = tuple(name.company for name in names[at:] if name.company not in left)
            return _beside(left, tuple(dict.fromkeys(right)))
    roles = [catalogue.companies[name.company].role for name in names]
    is_joined = any(
        {role, other} == {Role.MAKER, Role.CARRIER} and (_AND.search(gap) or not gap.strip())
        for role, other, gap in zip(roles, roles[1:], gaps, strict=False)
    )
    if not is_joined:
        return ids, (), False
    carriers = tuple(one for one in ids if catalogue.companies[one].role is Role.CARRIER)
    return _beside(tuple(one for one in ids if one not in carriers), carriers)


def _beside(
    left: tuple[str, ...], right: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Both sides asked for; where each has several, pairs of any of them are."""
    if not right:
        return left, (), False
    if len(right) == 1:
        return left, right, False
    if len(left) == 1:
        return right, left, False
    return left + right, (), True


# What is left.


def _find_words(said: str, low: str) -> tuple[str, ...]:
    """Words that say something and were not understood, as they were written."""
    found: list[str] = []
    for piece in _WORD.finditer(_STOPPED_ZH.sub(lambda one: " " * len(one[0]), low)):
        word = piece[0].strip("'’-_.")
        is_short = len(word) < 2 or (word.isascii() and word.isalpha() and len(word) < 3)
        if is_short or word in _GRAMMAR or word in _STOPPED:
            continue
        start = piece.start() + piece[0].index(word)
        found.append(said[start : start + len(word)].removesuffix("'s").removesuffix("’s"))
    words = tuple(dict.fromkeys(found))
    return words if len(words) <= MAX_WORDS else ()


def _fold(text: str) -> str:
    """Small letters, "-" as a space, each sign in its place."""
    return "".join(_small(sign) for sign in text).replace("-", " ")


def _small(sign: str) -> str:
    small = sign.lower()
    return small if len(small) == 1 else sign


def _blank(text: str, taken: Iterable[tuple[int, int]]) -> str:
    for start, end in taken:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _stands_free(text: str, start: int, end: int) -> bool:
    """Whether no letter is glued to ``text[start:end]``; Chinese and the like need no space."""
    return not (
        (start and _is_glued(text[start - 1], text[start]))
        or (end < len(text) and _is_glued(text[end - 1], text[end]))
    )


def _is_glued(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum() and left < "\u1100" and right < "\u1100"


def _last_word(text: str) -> str:
    words = _iter_words(text)
    return words[-1] if words else ""


def _first_word(text: str) -> str:
    words = _iter_words(text)
    return words[0] if words else ""


def _iter_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|[&+,]", text)


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _patterns() -> Iterator[tuple[re.Pattern[str], Scope]]:
    pairs = r"\bpairs?\b|\bmakers? (?:and|with) (?:a )?carriers?\b|厂商(?:和|与|跟)运营商"
    yield re.compile(pairs), Scope.PAIR
    makers = r"\b(?:handset |phone |chinese )?makers\b|\bhersteller\b|\bfabricantes\b|手机厂商|厂商"
    yield re.compile(makers), Scope.MAKERS
    yield re.compile(r"\bcarriers\b|\bmobilfunker\b|\boperadoras\b|运营商"), Scope.CARRIERS


_SCOPES = tuple(_patterns())
_SIGNS = " ?!.,;:？！。，；：…"
_MENTION = re.compile(r"<(?:@[!&]?|#|:\w{1,40}:)\w{1,30}(?:\|[^<>]{0,80})?>")
_HELP = re.compile(
    r"(?:help(?: me)?|hilfe|ayuda|\?|what can you do|what do you do|who are you|how does this work|"
    r"how do you work|commands|start|hi|hello|hey|hallo|hola|"
    r"帮助|幫助|怎么用|你是谁|你能做什么|你好)?"
)
_WHY = re.compile(
    r"(?:why(?: was| did you post| is)?|warum|por qué|为什么|為什麼)\s*"
    r"(?P<about>(?=.*\w).+?)(?: (?:posted|here|gepostet))?[ ?!.？。]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’.&][^\W_]+)*")
_OR = re.compile(r"\b(?:or|oder|o|either)\b|或者|或|还是")
_WITH = re.compile(r"\b(?:with|mit|con|together)\b|跟|连同|一起")
_AND = re.compile(r"\b(?:and|und|y|e|vs|versus|x)\b|[&+×/]|和|与|與|及|同")
_CONNECTIVES = _list("and und y or oder o with mit con vs & + ,")
_ARTICLES = _list("a an the some more most very der die das el la los las un una not no be is are")
_TO = _list("to")
_SUBJECT_AFTER = _CONNECTIVES | _list(
    "about on from by regarding concerning over between at for of über von zu zwischen sobre de "
    "entre 关于"
)
_GRAMMAR = _list(
    # Words that make a sentence a question; none of them is looked for.
    "a an the and or with of on in at by for from to about into over what whats what's when where "
    "who how why which is are was were be been has have had do does did will would can could "
    "should any anything something nothing all everything every some there here it its it's this "
    "that these those them they their i i'm im me my we us our you your he she his her not no yes "
    "so up out off new news newest latest recent recently lately now just please pls thanks thank "
    "show tell give get list find search see look check know happen happens happened happening "
    "going goes say says said story stories headline headlines article articles report reports "
    "update updates current currently between regarding concerning since last past ago than then "
    "more most much many lot lots big top one two few first next other also still yet only open "
    "und oder mit von vom zu zum zur im in am an auf über für was wer wie wo wann gibt gab es "
    "neues neue neuigkeiten nachrichten etwas alles zeig zeige mir ist sind war passiert der die "
    "das den dem ein eine einen bei aktuell aktuelles letzte letzten "
    "y o con de del sobre que qué quien cómo como cuando cuándo hay algo todo noticias nuevas "
    "nuevo novedades el la los las un una en por para es son fue pasó paso ha dime muestra "
    "últimas ultimas entre "
    "s t re ve ll d m"
)
_STOPPED = _list(
    "hey hi hello bot newsbot companies company phone phones handset handsets business "
    "moment week weeks day days month months year years today hours hour"
)
_STOPPED_ZH = re.compile(
    "|".join(
        sorted(
            _list(
                "有没有 有什么 有哪些 有何 什么 怎么样 怎么了 怎样 如何 发生了 发生 关于 有关 消息 "
                "新闻 新聞 新鲜事 最新 最近 近期 近来 目前 现在 情况 动态 进展 事情 请问 告诉我 "
                "告訴我 一下 看看 查查 查一下 给我 帮我 我想 想知道 知道 哪些 的 了 吗 呢 吧 啊 和 "
                "与 與 跟 及 或者 或 还是 在 是 有 被 对 对于 从 自 到 以来 期间 这 那 个 之间 都 "
                "也 我 你 手机 公司 报道 资讯 事 呀 嘛 请 新 些 里 中 内 上 下"
            ),
            key=lambda word: (-len(word), word),
        )
    )
)
