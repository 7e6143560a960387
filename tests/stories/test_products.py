"""Products and kinds of product in headlines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.products import Product, find_brands, find_kinds, find_products


def names(title: str) -> list[str]:
    return [product.name for product in find_products(title)]


@pytest.mark.parametrize(
    ("title", "models"),
    [
        ("OnePlus 11R renders leak", ["11r"]),
        ("OnePlus 11 arrives in China", ["11"]),
        ("OnePlus has no plans for a OnePlus 14 Pro", ["14 pro"]),
        ("Redmi Note 12 Pro Plus on sale", ["12 pro plus"]),
        ("小米13 Ultra发布", ["13 ultra"]),
        ("Oppo Find N7 Flip in our hands", ["n7 flip"]),
        ("Example Phone in 2023", []),
        ("Motorola's 3 new handsets", []),
        ("Example has 7,000mAh, 120W and 5G", []),
        ("AT&T loses 37 million users", []),
        ("Verizon customers have 2 days left", []),
        ("Motorola Days 5 weeks long", []),
        ("Launch set for Feb. 7", []),
        ("Lenovo shows 14.5-inch slab", []),
        ("Example Phone has a Snapdragon 8 Gen 2", []),
    ],
)
def test_models_are_told_from_dates_measures_parts_and_counts(
    title: str, models: list[str]
) -> None:
    assert names(title) == models


def test_the_product_a_title_opens_with_comes_first() -> None:
    assert names("OnePlus Buds 3 to launch beside the OnePlus 12") == ["3", "12"]


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("OnePlus Pad gets a keyboard", {"pad"}),
        ("Motorola Edge shown", {"edge"}),
        ("On the Edge: Verizon waits", None),
        ("Find out what AT&T owes", None),
        ("Motorola brings back the Razr", {"razr"}),
    ],
)
def test_a_line_that_is_a_plain_word_needs_a_maker_before_it(
    title: str, lines: set[str] | None
) -> None:
    assert [set(product.lines) for product in find_products(title)] == ([lines] if lines else [])


def test_what_a_maker_is_held_against_is_not_its_product() -> None:
    assert names("Oppo Find N3 takes on the Galaxy Z Fold 5") == ["n3"]
    assert names("Oppo answers Samsung's Z Flip 4") == []
    assert names("Galaxy S23 appears at AT&T") == ["s23"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Redmi Note 12", "Note 12", True),
        ("OnePlus 11", "OnePlus 11 Pro", False),
        ("Lenovo Yoga Book 9i", "Lenovo YogaBook 9i", True),
        ("OnePlus Buds 2", "OnePlus Watch 2", False),
        ("OnePlus Buds", "OnePlus Buds 2", True),
        ("OnePlus Pad", "OnePlus 11", False),
        ("Xiaomi 13 series", "Xiaomi 13 Pro", True),
        ("Realme GT 3", "Realme GT3", True),
        ("Realme GT 3", "Realme Note 3", False),
        ("Honor Magic 5 Ultra Pro", "Honor Magic 5 Pro Ultra", True),
    ],
)
def test_one_name_may_leave_out_what_the_other_says(one: str, other: str, same: bool) -> None:
    (first,), (second,) = find_products(one), find_products(other)

    assert first.is_same(second) is second.is_same(first) is same


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("OnePlus' first tablet", {"tablet"}),
        ("A folding smartphone", {"foldable"}),
        ("OPPO折叠屏手机", {"foldable"}),
        ("Honor et ses écouteurs", {"earbuds"}),
        ("Watch Oppo unveil its tablet", {"tablet"}),
        ("A watch by Oppo", {"watch"}),
        ("Dual-screen-laptop", {"laptop"}),
        ("T-Mobile hacked", set()),
    ],
)
def test_kinds_are_named_in_many_languages(text: str, kinds: set[str]) -> None:
    assert find_kinds(text) == kinds


@given(st.text(max_size=300))
def test_any_text_gives_products_that_are_the_same_as_themselves(text: str) -> None:
    find_kinds(text)
    for product in find_products(text):
        assert isinstance(product, Product)
        assert product.is_same(product)
        assert product.name


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Lenovo laptop grows at the flip of a switch", {"laptop"}),
        ("Lenovo shows a rollable laptop", {"laptop"}),
        ("Motorola shows a new Flip", {"foldable"}),
        ("Police keep a tab on stolen phones", {"phone"}),
        ("OnePlus has a cooler for any smartphone", {"accessory", "phone"}),
    ],
)
def test_plain_words_are_no_kinds_in_small_letters(title: str, kinds: set[str]) -> None:
    assert find_kinds(title) == kinds


@pytest.mark.parametrize(
    ("title", "brands"),
    [
        ("Nothing Phone 3 has no lights", {"nothing"}),
        ("A skin for every phone by Nothing", {"nothing"}),
        ("Nothing’s new earbuds are yellow", {"nothing"}),
        ("This phone has nothing to hide", set()),
        ("Nothing is decided in Brussels", set()),
    ],
)
def test_a_brand_is_named_in_capitals_and_beside_products(title: str, brands: set[str]) -> None:
    assert find_brands(title) == brands
