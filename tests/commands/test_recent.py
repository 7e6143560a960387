from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands.recent import find_recent
from bot.errors import InputInvalid
from bot.model import Alias, Catalogue, Company, Role, Story
from bot.store import SqlStore, open_store
from tests.builders import NOW, coverage, story
from tests.contract.polls import commit_stories

CATALOGUE = Catalogue(
    companies={
        "huawei": Company("huawei", "Huawei", Role.MAKER, (Alias("华为"),)),
        "zte": Company("zte", "ZTE", Role.MAKER),
        "att": Company("att", "AT&T", Role.CARRIER),
        "verizon": Company("verizon", "Verizon", Role.CARRIER),
    }
)


def told(story_id: str, *makers: str, carriers: tuple[str, ...] = (), days_ago: float = 0) -> Story:
    return story(
        story_id,
        makers=makers,
        carriers=carriers,
        published_at=NOW - timedelta(days=days_ago),
        coverage=(coverage(), coverage("Meridian Journal")),
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        await commit_stories(
            opened,
            told("pair", "huawei", carriers=("att",), days_ago=1),
            told("maker", "zte", days_ago=2),
            told("other pair", "zte", carriers=("att", "verizon"), days_ago=3),
            told("carrier", carriers=("verizon",), days_ago=4),
            told("old", "huawei", days_ago=8),
        )
        yield opened


async def ask(store: SqlStore, *companies: str, **question: Any) -> list[str]:
    found = await find_recent(store, CATALOGUE, companies=companies, now=NOW, **question)
    return [message.story_id for message in found.messages]


async def test_without_names_it_is_the_last_week_newest_first(store: SqlStore) -> None:
    assert await ask(store) == ["pair", "maker", "other pair", "carrier"]


@pytest.mark.parametrize(
    ("companies", "also", "expected"),
    [
        (["Huawei"], [], ["pair"]),
        (["zte", "VERIZON"], [], ["maker", "other pair", "carrier"]),
        (["ZTE"], ["AT&T"], ["other pair"]),
        ([], ["att", "verizon"], ["other pair"]),
        (["华为"], ["Verizon"], []),
    ],
)
async def test_names_ask_for_any_and_with_asks_for_each(
    store: SqlStore, companies: list[str], also: list[str], expected: list[str]
) -> None:
    assert await ask(store, *companies, also=also) == expected


@pytest.mark.parametrize(("since", "count"), [("36h", 1), ("2018-01-06", 3), ("2 weeks", 5)])
async def test_how_far_back_is_said_as_people_write_it(
    store: SqlStore, since: str, count: int
) -> None:
    assert len(await ask(store, since=since)) == count


async def test_the_newest_are_shown_up_to_the_limit(store: SqlStore) -> None:
    assert await ask(store, limit=2) == ["pair", "maker"]


async def test_the_answer_has_names_for_people_and_the_question_in_words(store: SqlStore) -> None:
    names = ["zte", "Huawei", "ZTE"]
    answer = await find_recent(store, CATALOGUE, companies=names, also=["att"], now=NOW)
    everything = await find_recent(store, CATALOGUE, now=NOW)

    assert answer.asked == "ZTE or Huawei with AT&T"
    assert everything.asked == "any watched company"
    assert answer.since == NOW - timedelta(days=7)
    first = answer.messages[0]
    assert (first.makers, first.carriers) == (("Huawei",), ("AT&T",))
    assert [source.outlet for source in first.also] == ["Meridian Journal"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"companies": ["Huawie"]}, 'I don\'t know "Huawie". Did you mean Huawei?'),
        ({"also": ["Verizom"]}, 'I don\'t know "Verizom". Did you mean Verizon?'),
        ({"since": "lately"}, 'I can\'t read "lately" as a time'),
    ],
)
async def test_what_is_not_understood_is_said_back_with_advice(
    store: SqlStore, question: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputInvalid) as caught:
        await find_recent(store, CATALOGUE, now=NOW, **question)

    assert str(caught.value).startswith(said)
