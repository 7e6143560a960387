from __future__ import annotations

from bot.matching import Matcher, flag_line, watched_company
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
