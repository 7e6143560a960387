from __future__ import annotations

import pytest

from bot.matching import Matcher

OURS = [
    "Xiaomi phone with a car-sized battery",
    "T-Mobile customers get Hulu free",
    "Verizon sued over fees",
    "Huawei fined in patent case",
    "Xiaomi profit jumps 40% as car sales grow",
    "AT&T to spin off DirecTV, shares fall",
    "Lenovo earnings beat forecast",
    "Huawei watch with ECG",
    "Huawei 5G core contract in Peru",
    "Honor earbuds translate speech",
    "OnePlus tablet leaks",
    "Oppo smart glasses",
    "Motorola tracker tag goes on sale",
    "Dish misses 5G deadline",
    "Verizon brings home internet to Ohio",
    "AT&T lays fiber in Texas",
    "Huawei finance chief freed",
    "ZTE export ban lifted",
    "Verizon strike ends",
    "Sprint names new chief",
    "realme opens flagship store",
    "T-Mobile phones on planes",
    "T-Mobile and MLS strike streaming perk for customers",
    "小米手机销量第一",
    "华为Mate90发布",
    "联想折叠手机",
    "联想收购摩托罗拉",
    "海信阅读手机",
    "Xiaomi rezygnuje z ładowarek",
    "Huawei pokazał zegarek",
    "Lenovo tablet z rysikiem",
    "Xiaomi-Handy fällt durch",
    "Huawei verklagt Netgear",
    "Motorola stellt Klapphandy vor",
    "Transsion shares jump on debut",
]

THEIRS = [
    "Xiaomi opens car plant",
    "Xiaomi SU7 tops sales",
    "Xiaomi electric scooter recalled in Italy",
    "Xiaomi robot vacuum on sale",
    "Xiaomi TV 100 inch",
    "Xiaomi air fryer bakes bread",
    "Xiaomi monitor for gamers",
    "Hisense laser TV",
    "Hisense fridge talks",
    "Hisense sponsors the World Cup",
    "TCL QLED for less",
    "TCL opens solar plant",
    "Lenovo Yoga slims down",
    "ThinkPad keyboard returns",
    "Lenovo Legion Go 3 handheld",
    "Lenovo server wins",
    "Huawei inverters for Spain",
    "Huawei MateBook laptop",
    "Huawei electric cars with Seres",
    "Concert at T-Mobile Arena",
    "Game at AT&T Stadium moved",
    "Verizon Center hosts Capitals",
    "US Cellular Field renamed",
    "AT&T ends HBO Max bundle talk with film stars",
    "HBO drops off Dish",
    "Motorola Solutions radios for sheriff",
    "Motorola body cameras for police",
    "OnePlus TV gets smaller",
    "realme TV launched",
    "realme laptop goes on sale",
    "Honor MagicBook laptop",
    "小米汽车交付破万",
    "小米电视降价",
    "小米空调热销",
    "小米扫地机器人",
    "海信电视销量第一",
    "海信空调促销",
    "联想笔记本降价",
    "联想扬天台式机",
    "联想服务器中标",
    "华为问界上市",
    "华为光伏逆变器",
    "TCL冰箱新品",
    "Xiaomi rozdaje telewizory",
    "Hulajnoga Xiaomi tanieje",
    "Odkurzacz Xiaomi w promocji",
    "Laptop Lenovo za grosze",
    "Monitor Xiaomi w promocji",
    "Xiaomi-Fernseher im Angebot",
    "Lenovo-Notebook im Test",
    "Saugroboter von Xiaomi",
    "Elektroauto von Xiaomi",
    "E-Scooter von Xiaomi zurückgerufen",
    "Patinete de Xiaomi retirado",
    "Televisor Hisense barato",
    "Voiture électrique de Xiaomi",
    "シャオミの電気自動車",
    "ハイセンスのテレビ",
    "샤오미 전기차",
]


@pytest.mark.parametrize("title", OURS)
def test_phones_service_law_and_money_are_ours(matcher: Matcher, title: str) -> None:
    assert matcher.match(title).relevant


@pytest.mark.parametrize("title", THEIRS)
def test_cars_sets_and_stadiums_are_not_ours(matcher: Matcher, title: str) -> None:
    assert not matcher.match(title).relevant


def test_the_headline_outweighs_the_summary(matcher: Matcher) -> None:
    assert matcher.match("Xiaomi phone fails", "Its car sells well.").relevant
    assert not matcher.match("Xiaomi car fails", "Its phone sells well.").relevant


def test_the_law_and_money_of_somebody_else_are_not_ours(matcher: Matcher) -> None:
    summary = "Its washing machine looks like one of Xiaomi."

    assert matcher.match("Xiaomi sued", summary).relevant
    assert not matcher.match("Bakery sued", summary).relevant


def test_the_reason_is_the_word_that_decided(matcher: Matcher) -> None:
    said = {
        title: matcher.match(title).relevance
        for title in ("Xiaomi car wins", "Verizon sued over a TV advert", "Phone maker ZTE opens")
    }

    assert said == {
        "Xiaomi car wins": 'not relevant: "car" in the title',
        "Verizon sued over a TV advert": 'relevant: "sued" in the title',
        # what the press calls a company is not what the news is about
        "Phone maker ZTE opens": "relevant: nothing says that it is about another business",
    }


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Xiaomi phone charges in four minutes", ""),
        ("AT&T raises fees", ""),
        ("Lenovo shows a tablet with a handle", ""),
        ("TCL shows a thing", "The phone has a paper screen."),
        ("Verizon adds a TV channel for unlimited plan subscribers", ""),
        ("Motorola laptop for AT&T leaks", ""),
    ],
)
def test_news_of_handsets_and_carriers_is_relevant(
    matcher: Matcher, title: str, summary: str
) -> None:
    assert matcher.match(title, summary).relevant


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Xiaomi car reaches the coast", ""),
        ("Hisense TV grows by a metre", ""),
        ("Lenovo laptop opens like a book", ""),
        ("Lenovo opens an office", ""),
        ("Concert at AT&T Stadium moved", ""),
        ("Xiaomi has something new", "The robot can play the drums."),
        ("Baker wins prize", f"{'He bakes. ' * 40}He once worked at Huawei."),
        ("Baker wins prize", ""),
    ],
)
def test_their_other_business_is_not(matcher: Matcher, title: str, summary: str) -> None:
    assert not matcher.match(title, summary).relevant


def test_a_company_in_the_body_alone_is_passing_by_but_a_pair_is_not(matcher: Matcher) -> None:
    alone = matcher.match("A day in town", body="She carried a Huawei bag.")
    pair = matcher.match("A day in town", body="Huawei spoke with AT&T.")

    assert (alone.makers, alone.relevant) == (("huawei",), False)
    assert (pair.relevant, pair.is_pair) == (True, True)
