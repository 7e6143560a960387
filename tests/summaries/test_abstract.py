from __future__ import annotations

import pytest

from bot.summaries import check_abstract, find_named
from bot.summaries.lead import MAX_CHARS

TEXT = (
    "Carrier drops plan to sell Huawei phones\n\n"
    "Meridian Mobile has walked away from a plan to sell Huawei's next phone in its shops, two "
    "people said on Jan. 8. JD.com sold 1.2 million of the phones last year.\n\n"
    "The Mate 10 costs $799. Huawei shipped 37 million phones between July and September."
)
NAMES = {"huawei": {"Huawei"}, "meridian": {"Meridian", "Meridian Mobile"}, "nokia": {"Nokia"}}
GOOD = "Meridian Mobile will not sell Huawei's next phone, two people said."


def check(candidate: str, text: str = TEXT) -> str:
    return check_abstract(candidate, text=text, names=NAMES)


@pytest.mark.parametrize(
    "candidate",
    [
        GOOD,
        f"{GOOD} It shipped 37M phones in one quarter.",
        f"{GOOD} It costs $799.",
        f"{GOOD} JD.com sold 1,200,000 of them.",
        "Meridian dropped a plan for the Huawei Mate 10.",
        f"\n {GOOD} \n",
    ],
)
def test_what_is_right_in_every_respect_is_taken(candidate: str) -> None:
    assert check(candidate) == candidate.strip()


@pytest.mark.parametrize(
    "candidate",
    [
        "",
        "Meridian Mobile dropped a plan.",  # Huawei is missing
        "The carrier will not sell Huawei's next phone.",
        "Meridian Mobile will not sell the HuaweiX phone.",
        "It will not sell the phone: Meridian Mobile has walked away from Huawei.",
        "The carrier will not sell it: Meridian Mobile has walked away from Huawei.",
        f"{GOOD} It costs $899.",
        f"{GOOD} It shipped 37 phones.",
        f"{GOOD} It shipped 37 billion phones.",
        f"{GOOD} Three carriers remain.",
        GOOD.replace("two", "three"),
        f"{GOOD} The P20 is next.",
        f"{GOOD} See example.com now.",
        f"{GOOD} See https://wire.example/a now.",
        f"**{GOOD}**",
        f"- {GOOD}",
        f"<b>{GOOD}</b>",
        f"[Meridian](a) will not sell Huawei. {GOOD}",
        f"{GOOD} @everyone look.",
        f"{GOOD}\n{GOOD}",
        f"{GOOD} {GOOD} {GOOD}",
        GOOD.removesuffix("."),
        f"{GOOD} It is" + " very" * 100 + " good.",
        GOOD.replace("phone", "pho\u202ene"),
        "Meridian Mobile Huawei：运营商已放弃销售该公司新款手机的计划，两名知情人士说。",
        "Оператор Meridian Mobile отказался продавать новый телефон компании Huawei.",
    ],
)
def test_what_is_wrong_in_one_respect_is_refused(candidate: str) -> None:
    assert check(candidate) == ""


def test_a_company_that_the_text_does_not_name_need_not_be_named() -> None:
    assert check("Huawei fell.", "Huawei fell by a lot on Monday.") == "Huawei fell."


def test_the_length_includes_its_edge() -> None:
    start, end = "Huawei sells phones in ", "Paris."
    filler = "a" * (MAX_CHARS - len(start) - len(end) - 1)
    exact = f"{start}{filler} {end}"

    assert len(exact) == MAX_CHARS
    assert check(exact, "Huawei sells phones.") == exact
    assert check(exact.replace("aaa", "aaaa", 1), "Huawei sells phones.") == ""


CHINESE = (
    "运营商放弃销售华为手机\n\n美国电话电报公司已放弃销售华为新款手机的计划，两名知情人士周一说。"
    "华为第三季度售出3700万部手机。"
)
CHINESE_NAMES = {"huawei": {"华为"}, "att": {"美国电话电报公司"}}


@pytest.mark.parametrize(
    ("candidate", "is_taken"),
    [
        ("美国电话电报公司放弃了销售华为手机的计划。", True),
        ("美国电话电报公司放弃了销售华为手机的计划，后者一季售出0.37亿部。", True),
        ("美国电话电报公司放弃了销售华为手机的计划，三名知情人士说。", False),
        ("美国电话电报公司は华为のスマートフォンを販売する計画を取りやめた。", False),
        ("AT&T, 美国电话电报公司, has dropped its plan to sell phones made by 华为.", False),
        ("美国电话电报公司放弃了计划。", False),
    ],
)
def test_chinese_is_held_to_the_same(candidate: str, is_taken: bool) -> None:
    found = check_abstract(candidate, text=CHINESE, names=CHINESE_NAMES)

    assert found == (candidate if is_taken else "")


def test_names_are_found_as_the_text_writes_them_in_its_order() -> None:
    assert find_named(TEXT, NAMES) == ("Huawei", "Meridian Mobile")
    assert find_named("Nothing of ours.", NAMES) == ()
