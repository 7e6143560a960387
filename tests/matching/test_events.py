from __future__ import annotations

import pytest

from bot.matching import Matcher
from bot.matching.events import EventReader, Reading
from bot.matching.folding import fold
from bot.matching.frames import FrameInvalid
from bot.matching.passages import Passage
from bot.model import Event, EventRule, Role
from tests.builders import mention

ENGLISH = [
    # ties given up
    ("AT&T walks away from the Huawei plan", Event.DEAL_OFF),
    ("Verizon won't sell the Tecno 77 to anyone", Event.DEAL_OFF),
    ("OnePlus 99 not on T-Mobile this year", Event.DEAL_OFF),
    ("No Verizon version of the Xiaomi 88", Event.DEAL_OFF),
    ("Sprint snubs ZTE at the last minute", Event.DEAL_OFF),
    ("Honor's agreement with AT&T falls through", Event.DEAL_OFF),
    ("Motorola and Verizon go their separate ways", Event.DEAL_OFF),
    ("Retailer will no longer list Tecno phones", Event.DEAL_OFF),
    # ties made
    ("The OnePlus 99 arrives on T-Mobile in May", Event.DEAL),
    ("Oppo signs distribution agreement in Chile", Event.DEAL),
    ("Cricket adds the TCL 99 to its line-up", Event.DEAL),
    ("ZTE wins core network contract in Peru", Event.DEAL),
    # products, official and not
    ("Realme unveils a slim phone", Event.LAUNCH),
    ("Vivo teases X900 camera", Event.LAUNCH),
    ("Realme 88 renders leak", Event.LEAK),
    ("Poco F99 price slips out", Event.LEAK),
    ("OnePlus may skip a Pro model", Event.LEAK),
    ("Vivo X900 spotted at a certification body", Event.LEAK),
    # what states and courts do
    ("Norway bans ZTE gear", Event.BAN),
    ("Norway to strip Huawei from 5G core", Event.BAN),
    ("Senators want ZTE back on the entity list", Event.BAN),
    ("Judge rules in Verizon data breach lawsuit", Event.LAWSUIT),
    ("FCC fines Verizon over robocalls", Event.LAWSUIT),
    ("Oppo and Nokia end patent fight", Event.LAWSUIT),
    ("States sue to block the Sprint merger with T-Mobile", Event.LAWSUIT),
    ("Regulator clears T-Mobile takeover of Sprint", Event.MERGER),
    # firms and money
    ("Verizon to acquire a rival", Event.MERGER),
    ("Sources: Verizon to acquire a rival", Event.MERGER),
    ("Xiaomi profit beats forecast", Event.EARNINGS),
    ("ZTE stock slides after the ban", Event.EARNINGS),
    ("Verizon finance chief resigns", Event.PEOPLE),
    ("Oppo cuts 500 software jobs", Event.PEOPLE),
    ("Verizon price hike starts in June", Event.PRICING),
    ("Best Motorola deals this weekend", Event.PRICING),
    ("Verizon gives away the Motorola Razr for free", Event.PRICING),
    # services
    ("Hackers hit T-Mobile again", Event.SECURITY),
    ("Outage at T-Mobile was the work of hackers", Event.SECURITY),
    ("AT&T outage spreads", Event.NETWORK),
    ("T-Mobile lights up C-band in Ohio", Event.NETWORK),
    ("ColorOS 99 beta opens for older phones", Event.SOFTWARE),
    ("Xiaomi unveils HyperOS 9", Event.SOFTWARE),
    # form before topic
    ("Honor 900 review: light and quick", Event.REVIEW),
    ("Redmi Note 99 review: worth it after the price cut?", Event.REVIEW),
    ("How to unlock a Verizon phone", Event.REVIEW),
    ("Mint or Visible: which suits you?", Event.REVIEW),
    ("Phones in short: this week in Xiaomi, ZTE and Oppo", Event.OTHER),
    ("Carrier AT&T shuts downtown store", Event.OTHER),
    ("Huawei in its own words", Event.LAUNCH),
    ("Verizon in its own words", Event.LAUNCH),
]

ELSEWHERE = [
    ("zh", "华为手机评测", Event.REVIEW),
    ("zh", "运营商AT&T放弃销售华为手机", Event.DEAL_OFF),
    ("zh", "华为发布新手机", Event.LAUNCH),
    ("zh", "小米手机曝光", Event.LEAK),
    ("zh", "華為遭列入黑名單", Event.BAN),
    ("ja", "ファーウェイが新型スマホを発表", Event.LAUNCH),
    ("ja", "モトローラ買収を検討", Event.MERGER),
    ("ko", "화웨이 신제품 출시", Event.LAUNCH),
    ("ko", "샤오미 스마트폰 실적 급증", Event.EARNINGS),
    ("pl", "Recenzja smartfona Huawei", Event.REVIEW),
    ("pl", "Xiaomi zwalnia setki osób", Event.PEOPLE),
    ("pl", "Huawei z zakazem w kraju", Event.BAN),
    ("de", "Verizon nimmt Abstand von Huawei-Handys", Event.DEAL_OFF),
    ("de", "Huawei stellt neues Handy vor", Event.LAUNCH),
    ("es", "AT&T no venderá el móvil de Huawei", Event.DEAL_OFF),
    ("es", "Se filtra el nuevo móvil de Xiaomi", Event.LEAK),
    ("fr", "Huawei dévoile un smartphone", Event.LAUNCH),
    ("fr", "Verizon : fuite de données massive", Event.SECURITY),
    ("it", "Verizon, salta l'accordo con Huawei", Event.DEAL_OFF),
    ("it", "Multa a Xiaomi dal tribunale", Event.LAWSUIT),
    ("pt", "Xiaomi lança celular no Brasil", Event.LAUNCH),
    ("ru", "Huawei представила смартфон", Event.LAUNCH),
    ("ru", "Xiaomi увольняет сотрудников", Event.PEOPLE),
]


@pytest.mark.parametrize(("title", "event"), ENGLISH)
def test_the_words_tell_what_happened(matcher: Matcher, title: str, event: Event) -> None:
    assert matcher.match(title).event is event


@pytest.mark.parametrize(("lang", "title", "event"), ELSEWHERE)
def test_other_languages_tell_it_too_known_or_not(
    matcher: Matcher, lang: str, title: str, event: Event
) -> None:
    assert matcher.match(title, lang=lang).event is event
    assert matcher.match(title).event is event


def test_the_words_that_decided_are_named_as_written(matcher: Matcher) -> None:
    assert (
        matcher.match("AT&T Walks Away from the Huawei plan").event_cue
        == "AT&T Walks Away from … Huawei"
    )


def test_a_word_of_another_language_means_nothing_in_english(matcher: Matcher) -> None:
    assert matcher.match("Huawei test in Ohio", lang="en").event is not Event.REVIEW
    assert matcher.match("Huawei test", lang="pl").event is Event.REVIEW


def title(text: str) -> Passage:
    return Passage("title", text, fold(text))


def summary(text: str) -> Passage:
    return Passage("summary", text, fold(text))


LAUNCH = EventRule(Event.LAUNCH, ("new",), weight=4)
LEAK = EventRule(Event.LEAK, ("leak",), weight=4)


def test_the_title_speaks_before_the_summary() -> None:
    reader = EventReader([LAUNCH, LEAK])

    assert reader.read([title("new"), summary("leak")]).event is Event.LAUNCH
    assert reader.read([title("x"), summary("leak")]) == Reading(Event.LEAK, "leak", "summary")


def test_a_strong_summary_speaks_where_the_title_says_little() -> None:
    reader = EventReader([EventRule(Event.LAUNCH, ("new",)), LEAK])

    assert reader.read([title("new"), summary("leak")]).event is Event.LEAK


def test_the_body_is_not_read() -> None:
    body = Passage("body", "leak", fold("leak"))

    assert EventReader([LEAK]).read([title("x"), body]) == Reading()


def test_the_strongest_rule_decides_however_many_faint_words_there_are() -> None:
    faint = [EventRule(Event.LAUNCH, (word,), weight=2) for word in ("a", "b", "c", "d", "e", "f")]

    reading = EventReader([*faint, LEAK]).read([title("a b c d e f leak")])

    assert (reading.event, reading.cue) == (Event.LEAK, "leak")
    assert (reading.next_event, reading.next_cue) == (Event.LAUNCH, "a")


def test_of_equals_the_one_with_more_support_wins_and_then_the_front_of_the_title() -> None:
    more = EventRule(Event.LEAK, ("render",), weight=4)

    assert EventReader([LAUNCH, LEAK, more]).read([title("new leak")]).event is Event.LAUNCH
    assert EventReader([LAUNCH, LEAK, more]).read([title("leak new")]).event is Event.LEAK
    assert EventReader([LAUNCH, LEAK, more]).read([title("new leak render")]).event is Event.LEAK


def test_a_word_repeated_supports_nothing() -> None:
    text = "leak new new new new"

    assert EventReader([LAUNCH, LEAK]).read([title(text)]).event is Event.LEAK


def test_a_longer_finding_hides_what_lies_inside_it() -> None:
    war = EventRule(Event.PRICING, ("price war",), weight=1)
    price = EventRule(Event.MERGER, ("price",), weight=4)
    reader = EventReader([war, price])

    assert reader.read([title("price war")]).event is Event.PRICING
    assert reader.read([title("price war, low price")]).event is Event.MERGER


def test_the_words_between_the_parts_of_a_frame_are_not_hidden() -> None:
    reader = EventReader([EventRule(Event.DEAL_OFF, ("won't … sell",)), LEAK])

    assert reader.read([title("won't, says a leak, sell")]).event is Event.LEAK


def test_title_only_words_say_nothing_in_a_summary() -> None:
    reader = EventReader([EventRule(Event.REVIEW, ("test",), title_only=True)])

    assert reader.read([summary("test")]) == Reading()
    assert reader.read([title("test")]).event is Event.REVIEW


def test_what_a_rule_needs_may_stand_in_the_other_field() -> None:
    reader = EventReader([EventRule(Event.DEAL_OFF, ("not",), needs=("<maker>", "<carrier>"))])
    named = "Huawei meets Verizon"
    maker = mention("Huawei", Role.MAKER, within=named)
    carrier = mention("Verizon", Role.CARRIER, within=named)

    assert reader.read([title(f"{named}, not")], [maker]) == Reading()
    assert reader.read([title(f"{named}, not")], [maker, carrier]).event is Event.DEAL_OFF


def test_unless_silences_a_rule_in_its_own_field_alone() -> None:
    reader = EventReader([EventRule(Event.DEAL_OFF, ("drops",), weight=9, unless=("price*",))])

    assert reader.read([title("Shop drops prices")]) == Reading()
    assert reader.read([title("Shop drops phone"), summary("The price is")]).event is Event.DEAL_OFF


@pytest.mark.parametrize(
    ("text", "lang", "event"),
    [
        ("test", "pl", Event.REVIEW),
        ("test", "pl-PL", Event.REVIEW),
        ("test się", "en", Event.REVIEW),
        ("test się", "", Event.REVIEW),
        ("test", "", Event.OTHER),
        ("test", "en", Event.OTHER),
    ],
)
def test_words_of_one_language_need_it_told_or_shown(text: str, lang: str, event: Event) -> None:
    rules = [EventRule(Event.REVIEW, ("test",), lang="pl")]

    assert EventReader(rules, {"pl": ("się",)}).read([title(text)], lang=lang).event is event


def test_the_reason_names_the_words_the_field_and_the_next_best() -> None:
    reader = EventReader([LAUNCH, LEAK])

    assert reader.read([title("a New leak")]).reason == (
        'event launch: "New" in the title; next leak or rumour: "leak"'
    )
    assert reader.read([summary("leak")]).reason == 'event leak or rumour: "leak" in the summary'
    assert reader.read([title("x")]).reason == "event other news: no words that tell of another"


def test_a_condition_is_plain_words() -> None:
    with pytest.raises(FrameInvalid, match='"a … b" is a frame'):
        EventReader([EventRule(Event.LAUNCH, ("x",), unless=("a … b",))])
