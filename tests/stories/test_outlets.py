"""One name for an outlet, and titles without it."""

from __future__ import annotations

import pytest

from bot.catalogue import load_catalogue
from bot.model import Outlet
from bot.stories import OutletNames
from tests.builders import entry
from tests.conftest import ROOT

WIRE = Outlet(
    "wire", "Example Wire", ("wire.example",), ("Wire News", "样本通讯社"), lang="en", country="US"
)
ASIA = Outlet("wire-asia", "Wire Asia", ("asia.wire.example",), (), lang="en", country="HK")
TIMES = Outlet("times", "The Example Times", ("times.example",), ("Ex Times",))
BASKET = Outlet("basket", "News Basket", ("basket.example",), (), is_aggregator=True)
NAMES = OutletNames({o.id: o for o in (WIRE, ASIA, TIMES, BASKET)})
ELSEWHERE = "https://blog.elsewhere.example/1"


def test_the_outlet_an_aggregator_names_comes_first() -> None:
    item = entry(link="https://basket.example/1", outlet_name="wire news")

    assert NAMES.resolve(item, feed_outlet="basket") == WIRE


def test_the_address_an_aggregator_gives_decides_over_the_name() -> None:
    item = entry(outlet_name="The Wire", outlet_url="https://www.wire.example")

    assert NAMES.resolve(item) == WIRE


def test_a_named_outlet_outside_the_catalogue_keeps_its_name() -> None:
    item = entry(link="https://basket.example/1", outlet_name="Village Post")

    assert NAMES.resolve(item, feed_outlet="basket") == Outlet(id="", name="Village Post")


def test_the_configured_outlet_comes_before_the_link() -> None:
    assert NAMES.resolve(entry(link="https://wire.example/1"), feed_outlet="times") == TIMES


def test_the_link_gives_the_outlet_with_the_longest_domain() -> None:
    assert NAMES.resolve(entry(link="https://m.asia.wire.example/1")) == ASIA
    assert NAMES.resolve(entry(link="https://www.wire.example/1")) == WIRE
    assert NAMES.resolve(entry(link="https://notwire.example/1")).id == ""


def test_an_aggregated_link_to_an_outlet_is_that_outlets() -> None:
    assert NAMES.resolve(entry(link="https://wire.example/1"), feed_outlet="basket") == WIRE


def test_an_aggregated_title_may_sign_for_its_outlet() -> None:
    item = entry("Huawei loses deal - Example Times", link="https://basket.example/1")

    assert NAMES.resolve(item, feed_outlet="basket") == TIMES


def test_an_aggregator_is_the_outlet_only_where_nothing_else_is_known() -> None:
    item = entry("Huawei loses deal", link="https://basket.example/1")

    assert NAMES.resolve(item, feed_title="“huawei” - News Basket") == BASKET


@pytest.mark.parametrize(
    ("feed_title", "name"),
    [
        ("Village Post - Latest News RSS", "Village Post"),
        ("Technology | Elsewhere", "Elsewhere"),
        ("样本村报 - 最新文章", "样本村报"),
        ("RSS Feed", "blog.elsewhere.example"),
        ("", "blog.elsewhere.example"),
    ],
)
def test_outside_the_catalogue_the_feeds_title_is_cleaned_and_else_the_host_serves(
    feed_title: str, name: str
) -> None:
    assert NAMES.resolve(entry(link=ELSEWHERE), feed_title=feed_title).name == name


def test_an_entry_without_anything_has_an_unknown_outlet() -> None:
    assert NAMES.resolve(entry(link=None)).name == "unknown outlet"
    assert NAMES.resolve(entry(link="http://[broken")).name == "unknown outlet"


@pytest.mark.parametrize(
    "title",
    [
        "Huawei loses deal - Example Wire",
        "Huawei loses deal | EXAMPLE WIRE",
        "Huawei loses deal – Wire News",
        "Huawei loses deal — wire.example",
        "Huawei loses deal - Example Wire | Example Times",
        "Huawei loses deal - The Example Wire",
        "Example Wire - Huawei loses deal",
    ],
)
def test_signatures_are_cut_in_all_their_spellings(title: str) -> None:
    assert NAMES.strip_outlet(title, "Example Wire") == "Huawei loses deal"


def test_a_name_outside_the_catalogue_is_cut_as_well() -> None:
    assert NAMES.strip_outlet("Huawei loses deal - Village Post", "Village Post") == (
        "Huawei loses deal"
    )


def test_chinese_signatures_need_no_space() -> None:
    assert NAMES.strip_outlet("华为失去合作-样本通讯社", "Example Wire") == "华为失去合作"
    assert NAMES.strip_outlet("华为失去合作_样本通讯社", "Example Wire") == "华为失去合作"


@pytest.mark.parametrize(
    "title",
    [
        "Huawei - AT&T deal is off",
        "Wi-Fi at Example Wire",
        "Example Wire",
        "Who owns the Ex-Times",
        "Verizon | T-Mobile",
        "",
    ],
)
def test_titles_that_are_no_signature_stay(title: str) -> None:
    assert NAMES.strip_outlet(title, "Example Wire") == title


def test_the_shipped_outlets_cover_the_beat() -> None:
    outlets = load_catalogue(ROOT / "config").outlets

    assert len(outlets) >= 60
    assert sum(outlet.lang == "zh" for outlet in outlets.values()) >= 10
    assert {outlet.name for outlet in outlets.values() if outlet.is_aggregator} >= {
        "Google News",
        "Bing News",
        "MSN",
        "Yahoo",
    }


def test_no_spelling_speaks_for_two_shipped_outlets() -> None:
    outlets = load_catalogue(ROOT / "config").outlets
    names = OutletNames(outlets)

    for outlet in outlets.values():
        if outlet.is_aggregator:
            continue
        for name in (outlet.name, *outlet.variants, *outlet.domains):
            found = names.resolve(entry(link=None, outlet_name=name))
            assert found == outlet, name
