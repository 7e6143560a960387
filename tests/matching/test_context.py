"""Names that mean the company, and the same letters that do not. All headlines are made up."""

from __future__ import annotations

import pytest

from bot.matching import Matcher

OURS = [
    # written forms
    ("Huawei's quiet year", "huawei"),
    ("Why two Huaweis beat one", "huawei"),
    ("HuaWei sets a date", "huawei"),
    ("The Huawei-backed fund grows", "huawei"),
    ("At&t lifts its outlook", "att"),
    ("At & t lifts its outlook", "att"),
    ("AT&amp;T lifts its outlook", "att"),
    ("ＡＴ＆Ｔ lifts its outlook", "att"),
    ("T\u2011Mobile lifts its outlook", "tmobile"),
    ("TMobile lifts its outlook", "tmobile"),
    ("One Plus to skip a number", "oneplus"),
    ("One-Plus to skip a number", "oneplus"),
    ("某厂为AT&T定制新机", "att"),
    ("华为公布新计划", "huawei"),
    ("華為公布新計畫", "huawei"),
    ("ファーウェイの新しい計画", "huawei"),
    ("화웨이가 새 계획을 밝혔다", "huawei"),
    ("Хуавей готовит новинку", "huawei"),
    # product lines speak for their maker
    ("Redmi Note 99 seen in blue", "xiaomi"),
    ("iQOO 77 gets a date", "vivo"),
    ("A Razr that folds three ways", "motorola"),
    ("HyperOS 9 reaches old devices", "xiaomi"),
    ("RedMagic 44 runs cool", "nubia"),
    ("Infinix opens a lab", "transsion"),
    # everyday names with something that settles them
    ("Honor 900 lands in May", "honor"),
    ("Honor says foldables will double", "honor"),
    ("New phones from Huawei and Honor", "honor"),
    ("荣耀新手机下月发布", "honor"),
    ("小米15开卖", "xiaomi"),
    ("vivo X400 has a bigger sensor", "vivo"),
    ("Moto G99 for less", "motorola"),
    ("Poco X99 on its way", "xiaomi"),
    ("Sprint chairman wants a bigger partner", "sprint"),
    ("T-Mobile and Sprint talk again", "sprint"),
    ("Cricket drops its prepaid fee", "cricket"),
    ("Visible adds a yearly unlimited plan", "visible"),
    ("Boost Mobile moves shop", "boost"),
    ("Boost loses prepaid subscribers", "boost"),
    ("Dish Network bids again", "dish"),
    ("Mint Mobile tries a longer plan", "mint"),
    ("Metro by T-Mobile tries a longer plan", "metro"),
    ("Spectrum Mobile signs a million lines", "spectrum"),
    ("US Cellular sells towers", "uscellular"),
    ("Straight Talk brings back its wireless router", "tracfone"),
]

NOT_OURS = [
    # the letters inside another word
    "A golden opportunity for vivosaurs",
    "Multicolored magic and AI-powered magic shows",
    "Survivors of the motorway",
    # other companies of that name
    "T-Mobile Polska builds in Gdynia",
    "T-Mobile Austria and T-Mobile Netherlands trade places",
    "Vivo Brasil adds fibre in Recife",
    "A thin Vivobook for students",
    "The Vivo IPL season opens",
    "Drug works in vivo, not in vitro",
    "Concierto en vivo en la plaza",
    "Honor of Kings passes another record",
    "Heroes receive the Medal of Honor",
    "Linux Mint 99 is out",
    "Royal Mint strikes a coin for the comet",
    "TCL Chinese Theatre hosts a premiere",
    "Moto Guzzi shows a bike",
    # plain words
    "Town to Honor the fallen on Monday",
    "Runners gather in her Honor",
    "honor guard leads the parade",
    "The campaign's oppo research fell flat",
    "Tcl scripting turns thirty",
    "A sprint to the line in the 100m",
    "Sprint Race moved after storm at the Grand Prix",
    "Cricket World Cup tickets sell out",
    "Comet Visible tonight over the lake",
    "Ten Dishes and a Dish for spring",
    "Metro station closes for repairs",
    "New law to Boost wind power",
    "A Boost for bees",
    "mint tea and metro maps, visible from the spectrum of a dish",
    "US cellular bands explained",
    "Lansing, MI 4th of July parade",
    "Deska ma 13 cm, a mi 13 cm brakuje",
    "Straight talk about debt",
    # glory, millet, to be reminded of, one plus, the true self, a revival, to carry sound
    "球队的荣耀时刻",
    "农民收获小米和高粱",
    "这幅画让人联想到大海",
    "一加一等于二",
    "寻找真我的旅程",
    "王朝的中兴之路",
    "古庙传音三里",
]


@pytest.mark.parametrize(("title", "company"), OURS)
def test_a_name_that_means_the_company_is_taken(matcher: Matcher, title: str, company: str) -> None:
    assert company in matcher.match(title).companies


@pytest.mark.parametrize("title", NOT_OURS)
def test_a_name_that_means_something_else_is_not(matcher: Matcher, title: str) -> None:
    verdict = matcher.match(title)

    assert verdict.companies == ()
    assert not verdict.relevant


def test_a_name_is_somebody_elses_abroad_unless_the_text_says_otherwise(matcher: Matcher) -> None:
    title = "T-Mobile obniża opłaty"

    assert matcher.match(title).carriers == ("tmobile",)
    assert matcher.match(title, lang="pl-PL").carriers == ()
    assert matcher.match(title, outlet_country="PL").carriers == ()
    assert matcher.match(f"{title} w USA", lang="pl").carriers == ("tmobile",)
    assert matcher.match(f"{title} jak Verizon", lang="pl").carriers == ("tmobile", "verizon")


def test_the_summary_settles_a_name_of_the_title(matcher: Matcher) -> None:
    title = "Cricket has a new idea"

    assert matcher.match(title).carriers == ()
    assert matcher.match(title, "The prepaid brand drops its fees.").carriers == ("cricket",)


def test_in_a_body_only_words_nearby_settle_a_name(matcher: Matcher) -> None:
    far = "Nothing to see in this long sentence. " * 20

    near = matcher.match("News", body="Cricket drops the prepaid fee.")
    apart = matcher.match("News", body=f"Cricket is loved here. {far} A prepaid card costs more.")

    assert (near.carriers, apart.carriers) == (("cricket",), ())


def test_an_unmistakable_name_settles_the_short_one(matcher: Matcher) -> None:
    verdict = matcher.match("Boost Mobile in court: Boost denies all")

    assert [(m.text, m.cue) for m in verdict.mentions] == [
        ("Boost Mobile", ""),
        ("Boost", "Boost Mobile"),
    ]


def test_a_rejection_says_why(matcher: Matcher) -> None:
    reasons = {
        title: matcher.match(title).rejections[0].reason
        for title in ("Town to Honor a poet", "Sprint to Olympic gold", "honor", "Honor of Kings")
    }

    assert reasons == {
        "Town to Honor a poet": 'another word after "to"',
        "Sprint to Olympic gold": '"Olympic" shows another meaning',
        "honor": 'the company writes itself "Honor"',
        "Honor of Kings": "means something else",
    }
