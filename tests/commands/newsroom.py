"""Stories of a few days, as the store has them, for tests of questions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.matching import company_of
from bot.model import Event, Platform, Story, Watch
from bot.ports import NewEntry, Store
from tests.builders import NOW, coverage, story
from tests.contract.polls import add_feed, new_entry, outcome

DEAL, BAN, PHONE, OLD, OWN = (f"abcdefghi{number}" for number in "23456")
LINK = "https://wire.example/deal"
OTHERS_WATCH = Watch("Quarzon", platform=Platform.DISCORD, workspace="g2")


async def fill(store: Store) -> None:
    """A deal that fell through, a ban, a new phone, an old story, and one that g2 alone sees."""
    feed = await add_feed(store, title="Wire")
    await store.save_watch(OTHERS_WATCH, now=NOW)
    (own,) = [watch for watch in await store.find_watches() if watch.name == "Quarzon"]
    opener = _entry("Huawei fails to get AT&T to sell its phones", DEAL, link=LINK)
    second = _entry("AT&T drops Huawei phones", DEAL, outlet="Meridian", filed="joined: both")
    await store.commit_poll(
        outcome(
            feed,
            opener,
            second,
            _entry("Huawei ban looms in Norway", BAN),
            _entry("Xiaomi shows a foldable phone", PHONE),
            _entry("Quarzon buys a factory", OWN),
            _entry("Xiaomi car at the coast", link="https://wire.example/car"),
            stories=(
                _story(DEAL, hours=2, reasons=("about the deal",), coverage=_reports()),
                _story(
                    BAN,
                    hours=30,
                    headline="Huawei ban looms in Norway",
                    carriers=(),
                    event=Event.BAN,
                ),
                _story(
                    PHONE,
                    hours=50,
                    headline="Xiaomi shows a foldable phone",
                    makers=("xiaomi",),
                    carriers=(),
                    event=Event.LAUNCH,
                ),
                _story(
                    OLD,
                    hours=24 * 20,
                    headline="ZTE signs with Verizon",
                    makers=("zte",),
                    carriers=("verizon",),
                ),
                _story(
                    OWN,
                    hours=1,
                    headline="Quarzon buys a factory",
                    makers=(),
                    carriers=(),
                    others=(_id_of(own),),
                    watched=(_id_of(own),),
                    is_relevant=False,
                ),
            ),
        )
    )


def _id_of(watch: Watch) -> str:

    return company_of(watch).id


def _reports() -> tuple[Any, ...]:
    return (coverage(), coverage("Meridian", title="AT&T drops Huawei phones"))


def _story(story_id: str, *, hours: float, **changes: Any) -> Story:
    published_at = NOW - timedelta(hours=hours)
    made: dict[str, Any] = {
        "published_at": published_at,
        "opened_at": published_at,
        "updated_at": published_at,
    }
    if "headline" in changes:
        made["coverage"] = (coverage(title=changes["headline"]),)
    is_pair = bool(changes.get("makers", True)) and bool(changes.get("carriers", True))
    return story(story_id, **{"is_pair": is_pair, **made, **changes})


def _entry(title: str, story_id: str = "", *, link: str = "", **changes: Any) -> NewEntry:
    given = {"entry": {"link": link}} if link else {}
    reasons = (f"Huawei in the title, character 1: maker; about {title}",)
    return new_entry(title, story_id=story_id, reasons=reasons, **given, **changes)
