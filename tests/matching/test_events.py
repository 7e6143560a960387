from __future__ import annotations

import pytest

from bot.matching import Matcher
from bot.matching.events import EventReader
from bot.matching.folding import fold
from bot.matching.passages import Passage
from bot.model import Event, EventRule


@pytest.mark.parametrize(
    ("title", "event"),
    [
        ("AT&T walks away from the Huawei plan", Event.DEAL_OFF),
        ("Verizon won't sell the new Huawei phone", Event.DEAL_OFF),
        ("OnePlus 99 not on T-Mobile this year", Event.DEAL_OFF),
        ("The OnePlus 99 arrives on T-Mobile in May", Event.DEAL),
        ("Oppo signs distribution agreement in Chile", Event.DEAL),
        ("Realme unveils a slim phone", Event.LAUNCH),
        ("Realme 88 renders leak", Event.LEAK),
        ("Norway bans ZTE gear", Event.BAN),
        ("Judge rules in Verizon data breach lawsuit", Event.LAWSUIT),
        ("Hackers hit T-Mobile again", Event.SECURITY),
        ("Verizon to acquire a rival", Event.MERGER),
        ("Sources: Verizon to acquire a rival", Event.MERGER),
        ("Xiaomi profit beats forecast", Event.EARNINGS),
        ("AT&T outage spreads", Event.NETWORK),
        ("Verizon price hike starts in June", Event.PRICING),
        ("Verizon finance chief resigns", Event.PEOPLE),
        ("Honor 900 review: light and quick", Event.REVIEW),
        ("Redmi Note 99 review: worth it after the price cut?", Event.REVIEW),
        ("ColorOS 99 beta opens for older phones", Event.SOFTWARE),
        ("华为手机评测", Event.REVIEW),
        ("运营商AT&T放弃销售华为手机", Event.DEAL_OFF),
        ("华为发布新手机", Event.LAUNCH),
        ("小米手机曝光", Event.LEAK),
        ("Huawei in its own words", Event.OTHER),
    ],
)
def test_the_words_tell_what_happened(matcher: Matcher, title: str, event: Event) -> None:
    assert matcher.match(title).event is event


def test_the_word_that_decided_is_named_as_written(matcher: Matcher) -> None:
    assert matcher.match("AT&T Walks Away from the Huawei plan").event_cue == "Walks Away"


def title(text: str) -> Passage:
    return Passage("title", text, fold(text))


def summary(text: str) -> Passage:
    return Passage("summary", text, fold(text))


def test_a_summary_counts_by_half_and_a_word_counts_once() -> None:
    reader = EventReader([EventRule(Event.LAUNCH, ("new",)), EventRule(Event.LEAK, ("leak",))])

    assert reader.read([title("new"), summary("leak leak leak")], is_pair=False)[0] is Event.LAUNCH


def test_equal_weights_go_to_the_type_named_first() -> None:
    rules = [EventRule(Event.LEAK, ("leak",)), EventRule(Event.LAUNCH, ("new",))]

    assert EventReader(rules).read([title("new leak")], is_pair=False) == (Event.LEAK, "leak")
    assert EventReader(rules[::-1]).read([title("new leak")], is_pair=False)[0] is Event.LAUNCH


def test_rules_for_titles_and_for_pairs_keep_to_them() -> None:
    reader = EventReader(
        [
            EventRule(Event.REVIEW, ("test",), title_only=True),
            EventRule(Event.DEAL_OFF, ("not",), pair_only=True),
        ]
    )

    assert reader.read([summary("test")], is_pair=False) == (Event.OTHER, "")
    assert reader.read([title("not")], is_pair=False) == (Event.OTHER, "")
    assert reader.read([title("not")], is_pair=True) == (Event.DEAL_OFF, "not")
