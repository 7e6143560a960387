from __future__ import annotations

from bot.matching import Matcher, describe_match, flag_line, watched_company
from bot.model import Catalogue


def test_a_line_holds_what_the_scorers_read(catalogue: Catalogue) -> None:
    matcher = Matcher(catalogue, watched=[watched_company("Fairphone")])
    item = {
        "id": "a1",
        "title": "AT&T walks away from Huawei",
        "desc": "Fairphone waits.",
        "lang": "en",
    }

    assert flag_line(matcher, item) == {
        "id": "a1",
        "makers": ["huawei"],
        "carriers": ["att"],
        "extra": ["fairphone"],
        "relevant": 1,
        "event": "deal-off",
    }


def test_missing_and_null_values_are_empty_texts(matcher: Matcher) -> None:
    assert flag_line(matcher, {"title": "Rain", "desc": None}) == {
        "id": None,
        "makers": [],
        "carriers": [],
        "extra": [],
        "relevant": 0,
        "event": "other",
    }


def test_the_language_of_the_item_is_heeded(matcher: Matcher) -> None:
    item = {"id": 1, "title": "T-Mobile obniża opłaty", "lang": "pl"}

    assert flag_line(matcher, item)["carriers"] == []


def test_a_verdict_is_told_with_every_span(matcher: Matcher) -> None:
    title = "Honor a poet: ZTE walks away from AT&T"

    told = describe_match(matcher.match(title, "A phone."), matcher.name_of)

    zte = {
        "company": "zte",
        "name": "ZTE",
        "role": "maker",
        "where": "title",
        "start": 14,
        "end": 17,
        "text": "ZTE",
        "prominence": "headline",
        "cue": None,
    }
    att = {**zte, "company": "att", "name": "AT&T", "role": "carrier", "start": 34, "end": 38}
    att["text"] = "AT&T"
    event = told.pop("event")
    assert event["type"] == "deal-off"
    assert told == {
        "verdict": "Flagged: ZTE, AT&T, a pair; event: deal off.",
        "makers": ["zte"],
        "carriers": ["att"],
        "others": [],
        "named": [zte, att],
        "rejected": [
            {
                "company": "honor",
                "name": "Honor",
                "where": "title",
                "start": 0,
                "end": 5,
                "text": "Honor",
                "reason": 'another word before "a"',
            }
        ],
        "is_pair": True,
        "pair": {
            "maker": zte,
            "carrier": att,
            "gap": 17,
            "sentence": title,
            "is_one_sentence": True,
            "is_passing": False,
        },
        "relevant": True,
        "relevance": "relevant: a maker and a carrier close together",
        "watched": [],
        "reasons": list(matcher.match(title, "A phone.").reasons),
    }
    assert set(event) == {"type", "label", "cue", "reason"}


def test_a_verdict_on_nothing_has_the_same_keys(matcher: Matcher) -> None:
    nothing = describe_match(matcher.match("Rain"), matcher.name_of)

    assert nothing.keys() == describe_match(matcher.match("ZTE"), matcher.name_of).keys()
    assert (nothing["verdict"], nothing["pair"], nothing["relevance"]) == (
        "Not flagged: no watched company is named.",
        None,
        None,
    )
