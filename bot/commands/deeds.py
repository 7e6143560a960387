"""Plain words that want something done: "unsubscribe", "mute Xiaomi", "how do I stop this?" Pure.

News is full of the same verbs ("Verizon stops selling phones"), so they count only where a
request begins with one, with nothing before it but the manners of a request. English and
Chinese in full, of German and Spanish what is said most.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.commands.eventwords import find_said_events
from bot.commands.grammar import find_company_or_none
from bot.commands.spans import find_span_or_none
from bot.commands.wishes import are_events, parse_span
from bot.errors import InputInvalid
from bot.model import Catalogue

MAX_ABOUT = 60
"""Characters of what is to be muted or watched; more is a tale."""

MAX_NAME_WORDS = 4
"""Words of the name of a company that is to be watched."""


class Deed(StrEnum):
    """What somebody wants to have done."""

    UNSUBSCRIBE = "unsubscribe"
    SUBSCRIBE = "subscribe"
    SETTINGS = "settings"
    PAUSE = "pause"
    RESUME = "resume"
    MUTE = "mute"
    UNMUTE = "unmute"
    WATCH = "watch"
    UNWATCH = "unwatch"
    CHAT = "chat"  # thanks, a greeting, a bare "why?": nothing is to be done


@dataclass(frozen=True, slots=True)
class Wish:
    """A deed and what it is about.

    Attributes:
        about: a company by its usual name where it is known, else as it was said; for how long
            of a pause; "" where nothing was said.
        is_known: ``about`` is a company that is known already.
    """

    deed: Deed
    about: str = ""
    is_known: bool = False


def find_wish_or_none(text: str, catalogue: Catalogue, *, now: datetime) -> Wish | None:
    """What ``text`` wants done; None where it asks for news.

    Args:
        catalogue: as whoever asks knows it.
        now: aware UTC.
    """
    said = " ".join(unicodedata.normalize("NFKC", _MARK.sub(" ", text)).split()).strip(_SIGNS)
    if _CHAT.fullmatch(said):
        return Wish(Deed.CHAT)
    led = _LEAD.match(said)
    rest = said[led.end() :] if led else said
    is_led = bool(led and led[0].strip())
    for pattern, deed in _RULES:
        if not (found := pattern.fullmatch(rest)):
            continue
        about = _trim(found.groupdict().get("about") or "")
        if wish := _judge(deed, about, catalogue, now=now, is_led=is_led):
            return wish
    return None


def _judge(
    deed: Deed, about: str, catalogue: Catalogue, *, now: datetime, is_led: bool
) -> Wish | None:
    """The wish, unless ``about`` shows that a piece of news is meant."""
    who, lasting = _cut_span(about) if deed is Deed.MUTE else (about, "")
    company = find_company_or_none(who, catalogue) if who else None
    if company and deed not in _TAKE_NO_COMPANY:
        name = f"{catalogue.name_of(company)}{lasting}"
        return Wish(Deed.MUTE if deed is Deed.UNSUBSCRIBE else deed, name, is_known=True)
    if about and not _may_be_about(deed, about, now=now, is_led=is_led):
        return None
    if deed is Deed.UNSUBSCRIBE or (deed is Deed.SUBSCRIBE and not are_events(about)):
        about = ""
    return Wish(deed, about)


def _may_be_about(deed: Deed, about: str, *, now: datetime, is_led: bool) -> bool:
    """Whether somebody who wants ``deed`` may say ``about`` of it, which is no company we know."""
    match deed:
        case _ if len(about) > MAX_ABOUT:
            return False
        case Deed.UNSUBSCRIBE:
            return is_led
        case Deed.PAUSE:
            return _is_span(about)
        case Deed.RESUME | Deed.SETTINGS:
            return False
        case Deed.WATCH:
            return len(about.split()) <= MAX_NAME_WORDS and not _is_news(about, now)
        case _:
            return True


def _cut_span(about: str) -> tuple[str, str]:
    """Whom "Xiaomi for 7d" is about, and " for 7d"."""
    who, lasts, span = about.rpartition(" for ")
    return (who, f"{lasts}{span}") if who and _is_span(span) else (about, "")


def _is_news(about: str, now: datetime) -> bool:
    low = about.casefold()
    return any(find_said_events(low)) or find_span_or_none(low, now=now) is not None


def _is_span(about: str) -> bool:
    try:
        parse_span(about)
    except InputInvalid:
        return False
    return True


def _trim(about: str) -> str:
    """``about`` without the small words and signs around it."""
    before = ""
    while about != before:
        before, about = about, _END.sub("", _START.sub("", about)).strip(_SIGNS)
    return about


_TAKE_NO_COMPANY = frozenset({Deed.PAUSE, Deed.RESUME, Deed.SETTINGS})

_SIGNS = " ?!.,;:？！。，；：…~"
_MARK = re.compile(r"<(?:@[!&]?|:\w{1,40}:)\w{1,30}(?:\|[^<>]{0,80})?>|@newsbot\b", re.IGNORECASE)
_POLITE = (
    r"please|pls|hey|hi|hello|ok|okay|bot|newsbot|can (?:you|i|we)|could (?:you|i|we)|"
    r"would you|will you|how (?:do|can|could|would|should) (?:i|we|you)|how to|"
    r"i (?:want|need|wish|would like)(?: you)? to|i['’]?d like(?: you)? to|i wanna|let['’]?s|"
    r"just|now|"
    r"bitte|wie (?:kann|soll) ich|kannst du|ich (?:will|möchte)|"
    r"por favor|(?:cómo|como) (?:puedo|se puede)|puedes|quiero|quisiera"
)
_POLITE_ZH = (
    "请问|请|請|怎么样?|怎麼|怎样|如何|我想要?|我要|帮我|幫我|能不能|可不可以|可以|能|想要?|给我|先"
)
_LEAD = re.compile(
    rf"(?:(?:{_POLITE})\b[\s,:;!?]*|(?:{_POLITE_ZH})\s*)*",
    re.IGNORECASE,
)
_SMALL = (
    r"it|this|that|these|those|all|everything|anything|any|some|more|new|news|posts?|posting|"
    r"messages?|messaging|updates?|alerts?|notifications?|stor(?:y|ies)|sending|showing|telling|"
    r"giving|getting|receiving|hearing|spam(?:ming)?|me|us|here|there|now|please|pls|the|of|from|"
    r"about|for(?= (?:me|us|now))|on|to|with|in|at|channel|thread|bot|newsbot|compan(?:y|ies)|"
    r"my|our|your?|again|any ?more|subscription|thing|things|stuff|out|off|"
    r"bitte|alles|das|die|den|der|diese[nrms]?|nachrichten|meldungen|kanal|von|über|mir|uns|hier|"
    r"esto|todo|todas?|las?|los?|el|noticias|mensajes|de|del|sobre|canal|aquí|por favor|a|an"
)
_SMALL_ZH = (
    "这个|此|频道|頻道|新闻|新聞|消息|推送|通知|提醒|订阅|所有|全部|"
    "一下|关于|的|吗|吧|呢|啊|了|公司|它|给我|发"
)
_START = re.compile(rf"^(?:(?:{_SMALL})(?![\w&])[\s,]*|(?:{_SMALL_ZH})\s*)", re.IGNORECASE)
_END = re.compile(rf"(?:(?:^|\s)(?:{_SMALL})|(?:{_SMALL_ZH}))$", re.IGNORECASE)
_CHAT = re.compile(
    r"(?:(?:(?:many )?thanks(?: a lot| so much)?|thank (?:you|u)(?: very much| so much)?|thx|ty|"
    r"cheers|great|nice|cool|good (?:bot|job|morning|evening|night)|well done|ok|okay|bye|"
    r"hello|hi|hey|why|how so|"
    r"danke(?: schön)?|hallo|guten (?:tag|morgen|abend)|warum|"
    r"(?:muchas )?gracias|hola|buen[oa]s (?:días|tardes|noches)|por ?qué|"
    r"谢谢(?:你|您)?|多谢|感谢|谢啦|謝謝|你好|您好|早上好|晚上好|嗨|再见|为什么|為什麼)"
    r"(?:[\s,!.]*(?:there|bot|newsbot|everyone|all))?[\s,!.，！]*)+",
    re.IGNORECASE,
)


def _make_rules() -> Iterator[tuple[str, Deed]]:
    """In this order: "unmute" before "mute", "stop watching" before "stop"."""
    about = r"(?:\b[\s:]*(?P<about>.*))?"
    about_zh = r"\s*(?P<about>.*)"
    yield rf"(?:un-?mute|unsilence|hear (?:again )?(?:of|about)){about}", Deed.UNMUTE
    yield rf"(?:取消静音|解除静音|取消屏蔽|解除屏蔽|取消靜音){about_zh}", Deed.UNMUTE
    yield rf"(?:unwatch|unfollow|stop (?:watching|following|tracking)){about}", Deed.UNWATCH
    yield rf"(?:取消关注|不再关注|取關|取关){about_zh}", Deed.UNWATCH
    yield rf"(?:mute|silence|ignore|stummschalten|silenciar?){about}", Deed.MUTE
    no_more = (
        r"(?:no more|less|not so much|i (?:don['’]?t|do not) (?:want|care)(?: to)?(?: about)?)"
    )
    yield rf"{no_more}\b[\s:]*(?P<about>.*)", Deed.UNSUBSCRIBE
    yield rf"(?:静音|靜音|屏蔽|不想看|不要看|不看|别发|不要发){about_zh}", Deed.MUTE
    yield r"(?:把|将)?(?P<about>.+?)\s*(?:静音|靜音|屏蔽)(?:掉|吧|了|一下)?", Deed.MUTE
    yield r"(?P<about>.+?) (?:stummschalten|stumm schalten)", Deed.MUTE
    stop = (
        r"unsubscribe|un-?sub|stop it|stopp?|cancel|opt out|quit|end|turn (?:it )?off|switch off|"
        r"disable|shut up|be quiet|go away|leave me alone|enough|"
        r"abbestellen|abmelden|aufhören|hör auf|cancelar|darme de baja|date de baja|detener|"
        r"parar|detente|basta"
    )
    yield rf"(?:{stop}){about}", Deed.UNSUBSCRIBE
    yield r"(?:das |mein |den kanal )?(?:abo kündigen|abbestellen|abmelden)", Deed.UNSUBSCRIBE
    yield r"para(?: ya)?|cancelar (?:la |mi )?suscripci[oó]n", Deed.UNSUBSCRIBE
    yield (
        rf"(?:退订|退訂|取消订阅|取消訂閱|停止|停掉|关闭|关掉|别再发|不要再发|别发了|不要发了){about_zh}",
        Deed.UNSUBSCRIBE,
    )
    yield rf"(?:pause|suspend|hold|snooze|pausieren?|pausar?)(?: for)?{about}", Deed.PAUSE
    yield rf"(?:暂停|暫停|停一下|停){about_zh}", Deed.PAUSE
    yield rf"(?:resume|un-?pause|continue|fortsetzen|reanudar?){about}", Deed.RESUME
    yield rf"(?:恢复|恢復|继续|繼續){about_zh}", Deed.RESUME
    changed = (
        r"settings?|preferences|options|configuration|config|schedule|language|time ?zone|"
        r"filters?|mode|quiet hours|times?|frequency|how often you post"
    )
    verbs = r"change|edit|show|open|adjust|set|see|configure|update|customi[sz]e"
    yield rf"(?:{verbs}) (?:the |my |our |your |me the )?(?:{changed}){about}", Deed.SETTINGS
    yield r"(?:settings|preferences|configure|config|set ?up)", Deed.SETTINGS
    yield r"(?:die )?einstellungen(?: ändern)?", Deed.SETTINGS
    yield r"(?:cambiar )?(?:la |los )?(?:configuraci[oó]n|ajustes)", Deed.SETTINGS
    yield r"(?:更改|修改|查看|改|打开)?(?:设置|設置|設定|设定|配置)", Deed.SETTINGS
    subscribe = (
        r"subscribe|sign (?:me |us )?up|notify (?:me|us)|alert (?:me|us)|"
        r"abonnieren|suscrib(?:ir|irme|irse)|suscríbeme"
    )
    yield rf"(?:{subscribe})(?: to| for| about| of)?{about}", Deed.SUBSCRIBE
    yield rf"(?:订阅|訂閱){about_zh}", Deed.SUBSCRIBE
    watch = r"watch|follow|track|monitor|keep an eye on|add|beobachten?|folge|vigilar?|seguir|sigue"
    yield rf"(?:{watch})(?: out)?(?: for| a)?\b[\s:]*(?P<about>.*)", Deed.WATCH
    yield r"(?P<about>.+?) beobachten", Deed.WATCH
    yield rf"(?:关注|關注|追踪|跟踪|添加){about_zh}", Deed.WATCH


_RULES = tuple((re.compile(pattern, re.IGNORECASE), deed) for pattern, deed in _make_rules())
