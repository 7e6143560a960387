"""Families of names: spellings, scripts, products, company. All headlines are made up."""

from __future__ import annotations

import pytest

from bot.matching import Matcher

# Every title names these companies and no other: spellings, inflections, scripts, product
# lines, everyday names beside what settles them.
NAMED = {
    "huawei": [
        "Huawei’s new year",
        "Huawei-made gear goes",
        "Two Huaweis on test",
        "Nowy telefon Huaweia",
        "Kupiłem Huaweia",
        "Rozmowa z Huaweiem",
        "Огляд Хуавея",
        "Хуавэй покажет часы",
        "Хуавей показал часы",
        "Компания Хуавея",
        "Huaweille uusi johtaja",
        "화웨이의 새 공장",
        "ファーウェイが工場を建てる",
        "華為在德國設廠",
        "对华为的新要求",
        "ＨＵＡＷＥＩ builds",
        "Kirin 9020 benchmarked",
        "麒麟9020芯片曝光",
        "Mate 80 Pro shown",
        "Mate X6 tested by divers",
        "Pura 90 Ultra seen",
        "nova 16 goes on sale",
        "MatePad Air gets a pen",
        "鸿蒙系统装机破亿",
        "P60 Pro camera explained",
        "昇腾芯片产能翻倍",
    ],
    "honor": [
        "Honor 400 Lite in green",
        "HONOR foldable shown to buyers",
        "Honor denies report",
        "Honor cuts prices in Spain",
        "Magic V5 is thinner than a coin",
        "Honor's chief leaves",
        "荣耀Magic9曝光",
        "荣耀手机海外增长",
        "榮耀手機在台上市",
        "荣耀CEO谈海外",
        "荣耀终端获新投资",
        "MagicOS 10 beta opens",
        "Смартфоны Хонор подорожали",
        "荣耀独立后首款手机",
        "荣耀估值",
        "El jefe de Honor viaja a Madrid",
        "La portavoz de Honor calla",
        "O executivo da Honor fala",
        "L'amministratore delegato di Honor parla",
        "Le patron d’Honor s'explique",
        "Der Chef von Honor reist",
        "Der Honor-Chef reist",
        "中国オナー（Honor）の氏",
        "荣耀 (Honor) 将进军南美",
        "Honor（荣耀）将进军南美",
        "手机厂商Honor换帅",
        "スマホメーカーHonorが日本へ",
        "Honor moves: see hihonor.com",
    ],
    "xiaomi": [
        "Xiaomiego kupię",
        "Ксиаоми откроет магазин",
        "Сяоми откроет магазин",
        "Смартфоны Ксяоми подешевели",
        "샤오미 새 매장",
        "シャオミ、日本に店",
        "小米新机曝光",
        "小米发布新品",
        "小米集团股价创新高",
        "雷军谈小米",
        "小米SU7交付",
        "小米MIX Fold亮相",
        "紅米手機降價",
        "Redmi 15C hits shops",
        "POCO X9 Pro teaser",
        "Poco says no to chargers",
        "Mi 12 gets last update",
        "HyperOS 4 list of devices",
        "Civi phones from Xiaomi",
        "Владельцы Редми жалуются",
        "小米赴港上市",
        "小米反超苹果",
    ],
    "oppo": [
        "Oppo builds in Turkey",
        "OPPO Find N6 folds flat",
        "Find X9 Ultra has two zooms",
        "Reno 15 Pro for Oppo fans",
    ],
    "oneplus": [
        "One Plus opens shop",
        "ONEPLUS opens shop",
        "One‑Plus opens shop",
        "OnePlusa kupię",
        "一加Ace 6发布",
        "一加手机销量",
        "Nord 6 is coming",
        "一加创始人离任",
    ],
    "realme": [
        "realme 20 goes official",
        "Realme’s bigger battery",
        "真我GT9 Pro配置曝光",
        "narzo 90 sale date",
        "真我12 Pro",
    ],
    "vivo": [
        "vivo X400 Pro review",
        "Vivo manager steps down",
        "Vivo sets a day in May",
        "Vivo to open a plant",
        "iQOO 16 launch",
        "vivo宣布新品",
        "Vivo to stay title sponsor of the league",
        "ViVo phones in tests",
    ],
    "zte": [
        "ZTE wins in Peru",
        "中兴通讯中标",
        "中兴手机新品",
        "中兴Axon发布",
        "中兴A股大跌",
        "Axon 60 Ultra sends texts by satellite",
        "Blade V70 Max arrives",
        "中兴缴纳罚金",
        "中兴复牌",
    ],
    "nubia": [
        "nubia Z80 Ultra shown",
        "Nubia says its next phone plays",
        "RedMagic 12 Pro fans",
        "红魔12 Pro散热升级",
        "红魔游戏手机预约",
        "努比亚新机入网",
        "红魔5G",
    ],
    "lenovo": [
        "联想发布新款平板",
        "联想拯救者手机",
        "联想集团财报",
        "聯想推出新機",
        "联想ThinkPad X1降价",
        "杨元庆谈联想",
        "ThinkPad X1 turns twenty",
        "联想乐檬",
        "联想裁员",
    ],
    "motorola": [
        "Motorolę naprawiono",
        "Motoroli ubywa",
        "Z Motorolą na wakacje",
        "摩托罗拉新机",
        "モトローラが折りたたみ",
        "모토로라 폴더블",
        "Моторолу вспомнили",
        "Moto G100 price",
        "Moto G Power leaks",
        "Moto Razr returns",
        "Razr 70 Ultra colors",
        "moto g86 in stores",
        "Droid Turbo gets an update",
        "摩托ME525",
        "MOTO里程碑",
    ],
    "tcl": [
        "TCL 80 XL costs less",
        "Alcatel phone for seniors",
        "TCL Nxtpaper tablet",
    ],
    "meizu": [
        "魅族22发布",
        "Flyme 13 rolls out",
    ],
    "transsion": [
        "传音手机非洲第一",
        "傳音控股上市",
        "传音销量大增",
        "Tecno Phantom V Fold 3",
        "Phantom V Flip2 hands on",
        "Camon 50 Premier launched",
        "Infinix Zero 50 shown",
        "itel A100 costs little",
        "传音起诉",
    ],
    "hisense": [
        "海信手机停产",
        "海信电视降价",
        "Hisense A9 e-ink phone",
    ],
    "coolpad": [
        "酷派新机",
        "Coolpad returns",
    ],
    "att": [
        "At&t drops fee",
        "At & t drops fee",
        "AT &amp; T drops fee",
        "AT&#38;T drops fee",
        "AT&T’s new plan",
        "与AT&T合作",
        "AT&Tが発表",
        "AT&T와 협력",
        "美国电话电报公司收购",
    ],
    "verizon": [
        "Verizon's chief",
        "Verizona nie ma",
        "Веризон поднял цены",
        "Верайзон поднял цены",
        "ベライゾンが値上げ",
        "버라이즌 요금 인상",
        "威瑞森涨价",
    ],
    "tmobile": [
        "T‑Mobile US lifts",
        "T–Mobile lifts forecast",
        "TMobile lifts forecast",
        "T Mobile lifts forecast",
        "T-Mobile'a w USA czeka zmiana",
        "TモバイルUSが値上げ",
        "T모바일 가입자 증가",
        "德国电信旗下T-Mobile US财报",
    ],
    "sprint": [
        "Sprint buys towers",
        "Sprint finance chief retires",
        "Sprint: our network is ready",
        "Softbank wants Sprint",
        "Sprint Nextel cuts",
        "Merger of Sprint and rival nears",
        "米ディッシュ、スプリントに買収提案",
        "软银出售Sprint股份",
        "SoftBank prêt à céder Sprint",
        "Softbank kupuje Sprint",
        "Оператор Sprint продан",
    ],
    "uscellular": [
        "U.S. Cellular names head",
        "US Cellular names head",
        "UScellular names head",
        "U. S. Cellular names head",
        "US-Cellular names head",
    ],
    "cricket": [
        "Cricket Wireless adds phone",
        "CricKet lowers its prepaid fee",
        "电信商Cricket停机",
    ],
    "visible": [
        "Visible cuts its yearly price",
        "Visible adds a watch plan",
        "Visible by Verizon opens",
        "美国运营商Visible的用户",
        "米キャリアVisibleが値下げ",
        "El jefe de Visible dimite",
        "Visible, it says at visible.com, moves",
    ],
    "metro": [
        "Metro by T-Mobile opens",
        "MetroPCS opens",
        "Free streaming for a year with Metro",
    ],
    "boost": [
        "Boost loses lines",
        "Judge clears Boost takeover",
        "EchoStar rethinks Boost",
    ],
    "dish": [
        "Dish weighs a rescue",
        "Dish in talks with DirecTV",
    ],
    "mint": [
        "Mint confirms a theft",
        "运营商Mint换帅",
        "Mint adds a family plan",
    ],
    "googlefi": [
        "Google Fi drops a plan",
        "Project Fi opens",
    ],
    "tracfone": [
        "Straight Talk phones at Walmart",
        "Total Wireless adds perk",
        "Total by Verizon adds perk",
        "Simple Mobile cuts price",
        "NET10 goes away",
        "Tracfone unlocks",
    ],
    "xfinity": [
        "Xfinity Mobile grows",
    ],
    "spectrum": [
        "Spectrum Mobile grows",
    ],
    "consumercellular": [
        "Consumer Cellular moves",
    ],
    "honor vivo": [
        "Honor vs Vivo: the thin ones",
    ],
    "honor oppo": [
        "Honor or Oppo for your money",
    ],
    "oneplus honor": [
        "Rivals OnePlus and Honor trade blows",
    ],
    "tcl cricket": [
        "Cricket brings the TCL 71 to its shelves",
    ],
    "hisense boost": [
        "Boost signs a deal with Hisense",
    ],
    "tmobile sprint": [
        "Tモバイルとスプリント合併",
    ],
    "tmobile mint": [
        "T-Mobile buys Mint",
    ],
    "sprint tmobile": [
        "SPRINT AND T-MOBILE AGREE",
        "米スプリント、TモバイルUSと合併",
        "Sprint y T-Mobile acuerdan fusión",
    ],
    "visible mint": [
        "Visible vs. Mint",
    ],
    "metro boost": [
        "Metro and Boost drop fees",
    ],
    "boost cricket metro": [
        "Boost, Cricket and Metro raise fees",
    ],
    "dish boost": [
        "Dish lends Boost two billion dollars",
    ],
    "mint visible": [
        "Mint or Visible for a student?",
    ],
    "oppo oneplus": [
        "OPPO一加合并",
    ],
    "huawei transsion": [
        "华为诉传音",
    ],
    "zte nubia": [
        "中兴努比亚",
    ],
    "zte huawei": [
        "中兴和华为",
    ],
    "hisense tcl": [
        "海信、TCL",
    ],
    "dish sprint": [
        "디시네트워크, 스프린트 인수전",
    ],
}


@pytest.mark.parametrize(
    ("title", "companies"),
    [(title, names) for names, titles in NAMED.items() for title in titles],
)
def test_a_headline_names_exactly_its_companies(
    matcher: Matcher, title: str, companies: str
) -> None:
    assert sorted(matcher.match(title).companies) == sorted(companies.split())


def test_joined_names_vouch_for_one_another_and_one_alone_does_not(matcher: Matcher) -> None:
    both = matcher.match("Mint or Visible, that is the question")

    assert [(m.text, m.cue) for m in both.mentions] == [("Mint", "Visible"), ("Visible", "Mint")]
    assert matcher.match("Mint or tea, that is the question").companies == ()
    # one of each side says nothing of either
    assert matcher.match("Honor and Boost are words").companies == ()


def test_the_word_nearest_to_the_name_is_the_cue(matcher: Matcher) -> None:
    verdict = matcher.match("Tablet news, and last of all Honor, whose foldable is late")

    assert verdict.mentions[0].cue == "foldable"


def test_a_word_far_from_the_name_does_not_settle_it(matcher: Matcher) -> None:
    far = "Of other things there is much to tell. " * 10

    assert matcher.match("News", f"Honor stands there. {far} A phone rang.").companies == ()
    assert matcher.match("News", f"Honor stands there. A phone rang. {far}").companies == ("honor",)


def test_a_product_settles_a_name_that_its_neighbour_speaks_against(matcher: Matcher) -> None:
    assert matcher.match("How to Honor a promise").companies == ()
    assert matcher.match("A guide to Honor 900 cases").companies == ("honor",)


def test_a_text_full_of_names_is_weighed_only_so_often(matcher: Matcher) -> None:
    verdict = matcher.match("News", body="Sprint, " * 2000)

    assert len(verdict.rejections) == 600
