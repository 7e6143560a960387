"""What headlines say of the standing of their news. Every headline here is made up."""

from __future__ import annotations

import pytest

from bot.stories.steps import Standing, read_standing

DENIED = (
    "Huawei denies report of talks with AT&T",
    "AT&T denied rumors that it will sell the phone",
    "Verizon rejects claims of slower service",
    "ZTE says allegations are false",
    "Lenovo calls the spying claims 'baseless'",
    "Sprint says the merger story is not true",
    "T-Mobile: no plans to buy the carrier",
    "No truth to Xiaomi rumour, says its founder",
    "OnePlus shoots down rumour of a T-Mobile deal",
    "Honor disputes the leak of its next phone",
    "Huawei executive denies fraud charges",
    "Xiaomi dismisses speculation about a ban",
    "AT&T denied merger talks",
    "Xiaomi denies: 'Who needs a carrier?'",
    "Huawei desmiente un acuerdo con AT&T",
    "Huawei niega haber espiado a sus clientes",
    "Huawei dément être en discussion avec AT&T",
    "Huawei dementiert Gespräche mit AT&T",
    "ZTE weist Vorwürfe aus den USA zurück",
    "Huawei smentisce l'accordo con AT&T",
    "Huawei desmente acordo com a AT&T",
    "Huawei zaprzecza doniesieniom o umowie z AT&T",
    "Huawei опровергла слухи о сделке с AT&T",
    "华为否认与AT&T谈判",
    "小米辟谣：不会退出美国市场",
    "華為否認出售手機業務",
    "ファーウェイ、AT&Tとの交渉を否定し「事実無根」",
    "샤오미, AT&T와 협상설 사실무근",
)
NOT_DENIED = (
    "ZTE denied export licence",
    "Huawei denied bail",
    "Huawei executive is denied bail in Vancouver",
    "US denies ZTE's request for more time",
    "Carrier denies refunds to customers",
    "FCC denies China Mobile's application",
    "Judge denies Huawei motion",
    "Judge dismisses Huawei's claims against the US",
    "Appeals court rejects T-Mobile claim on spectrum",
    "Huawei neither confirms nor denies AT&T talks",
    "AT&T won't deny reports of Huawei talks",
    "AT&T declines to deny report on Huawei",
    "Did Huawei deny the reports too early?",
    "Verizon sends false emergency alert",
    "Verizon says false alarm was sent by mistake",
    "Huawei says ban is based on false claims",
    "AT&T rejects Huawei phones",
    "Sprint rejects T-Mobile's call for talks",
    "Nothing Phone sold out within hours",
    "Huawei se niega a vender su negocio",
    "华为拒绝否认与AT&T谈判",
    "小米未否认收购传闻",
    "AT&T verneint nichts und bestätigt nichts",
)
CONFIRMED = (
    "AT&T confirms Huawei deal is off",
    "T-Mobile acknowledges data breach",
    "Sprint admits hack of customer accounts",
    "It's official: AT&T drops Huawei",
    "Huawei ban is now official",
    "AT&T confirma el acuerdo con Huawei",
    "Huawei confirmó el acuerdo",
    "AT&T confirme l'accord avec Huawei",
    "AT&T bestätigt Aus für Huawei",
    "AT&T conferma l'accordo con Huawei",
    "AT&T potwierdza umowę z Huawei",
    "AT&T подтвердила сделку с Huawei",
    "AT&T证实与华为的合作告吹",
    "華為確認與AT&T合作",
    "シャオミが米国参入を認めた",
    "화웨이, AT&T 계약 확인",
)
NOT_CONFIRMED = (
    "SoftBank boss confirms interest in T-Mobile",
    "OnePlus 12 colours confirmed by leak",
    "Razr design confirmed by leaked renders",
    "Deal with AT&T confirmed by two sources",
    "Leak confirms Huawei phone for AT&T",
    "FCC filing confirms Xiaomi phone",
    "Sources confirm Huawei talks with AT&T",
    "Report confirms AT&T deal",
    "AT&T won't confirm Huawei deal",
    "AT&T has not confirmed the deal",
    "AT&T refuses to confirm the Huawei deal",
    "AT&T declined to publicly confirm the talks",
    "AT&T didn't confirm the deal",
    "AT&T is yet to confirm the hack",
    "Unconfirmed: Huawei to sell phones with AT&T",
    "Has AT&T confirmed the Huawei deal?",
    "Huawei denies that AT&T confirmed reports",
    "AT&T no confirma el acuerdo",
    "AT&T bestätigt nicht",
    "Das hat AT&T nicht bestätigt",
    "AT&T nie potwierdza umowy",
    "AT&T не подтвердила сделку",
    "该消息尚未确认",
    "AT&T未证实与华为的合作",
    "AT&T拒绝证实",
    "ファーウェイは交渉を認めなかった",
)
HEARD = (
    "Huawei to sell phones with AT&T, sources say",
    "Huawei reportedly drops AT&T",
    "US may ban ZTE",
    "FCC could block China Mobile",
    "US weighs ban on Xiaomi",
    "White House considers ban on Huawei",
    "Sprint and T-Mobile in merger talks",
    "AT&T in talks with Huawei",
    "T-Mobile nears deal for Sprint",
    "Leak shows Huawei phone for AT&T",
    "Xiaomi is expected to enter the US",
    "Will AT&T sell Huawei phones?",
    "EE.UU. podría vetar a Huawei",
    "Washington envisage une interdiction de Huawei",
    "USA erwägen Verbot von Huawei",
    "USA rozważa zakaz dla Huawei",
    "США рассматривают запрет Huawei",
    "传华为将与AT&T合作",
    "消息称美国或将封杀小米",
    "美国拟禁止华为",
    "米、ファーウェイ禁止を検討",
    "미국, 화웨이 금지 검토",
)
NOT_HEARD = (
    "US bans Huawei",
    "ZTE ban begins in May",
    "ZTE ban starts on May 9",
    "Profit at ZTE better than expected after ban is lifted",
    "Huawei opens source code of its software",
    "US lifts ZTE ban after trade talks",
    "T-Mobile confirms leak of customer data",
    "Leaked passwords of T-Mobile customers on sale",
    "美国禁止虚拟运营商使用华为设备",
)
LIFTED = (
    "US lifts ban on ZTE",
    "Commerce Department lifts ZTE ban",
    "ZTE ban lifted after fine",
    "Ban on ZTE is lifted",
    "Judge suspends Xiaomi ban",
    "Court overturns blacklisting of Xiaomi",
    "US removes Xiaomi from blacklist",
    "US temporarily eases restrictions on Huawei",
    "Huawei gets 90-day reprieve from ban",
    "US delays Huawei ban",
    "Sanctions on ZTE have been dropped",
    "EE.UU. levanta el veto a ZTE",
    "Les États-Unis lèvent l'interdiction de ZTE",
    "USA heben Verbot gegen ZTE auf",
    "Gli Stati Uniti revocano il bando a ZTE",
    "EUA suspendem proibição da ZTE",
    "USA znoszą zakaz dla ZTE",
    "США сняли запрет с ZTE",
    "美国解除对中兴的禁令",
    "美国将小米移出黑名单",
    "米、ZTEへの禁輸を解除",
    "미국, ZTE 제재 해제",
)
NOT_LIFTED = (
    "US suspends export licences for Huawei",
    "Best Buy drops Huawei phones",
    "Huawei sales drop after ban",
    "Shares of ZTE drop on ban",
    "ZTE ban drops shares to a low",
    "Operator removes Huawei equipment from its network",
    "Huawei asks court to overturn ban",
    "Huawei urges US to lift ban",
    "China calls on US to lift Huawei ban",
    "US refuses to lift ban on Huawei",
    "US won't lift Huawei ban",
    "Senate votes against lifting ZTE ban",
    "US may lift ban on ZTE",
    "US weighs easing ban on ZTE",
    "Will the US lift its ban on ZTE?",
    "US revokes licences to sell to Huawei despite restrictions",
    "ChatGPT frenzy lifts PC sales",
    "中国敦促美国取消对华为的制裁",
    "美国不会解除华为禁令",
    "EE.UU. no levanta el veto a Huawei",
)
DECIDED = (
    "US bans Huawei from government networks",
    "FCC votes to ban ZTE gear",
    "Trump signs order against Huawei",
    "India blocks Xiaomi apps",
    "España prohíbe a Huawei",
    "Deutschland verbietet Huawei",
    "美国禁止使用华为设备",
)
NOT_DECIDED = (
    "US may ban Huawei",
    "Bill would ban ZTE",
    "Signs of trouble at Huawei",
    "Is the US about to ban Huawei?",
)


def yes(field: str, *titles: str) -> list[tuple[str, str]]:
    return [(field, title) for title in titles]


@pytest.mark.parametrize(
    ("field", "title"),
    [
        *yes("is_denied", *DENIED),
        *yes("is_confirmed", *CONFIRMED),
        *yes("is_heard", *HEARD),
        *yes("is_lifted", *LIFTED),
        *yes("is_decided", *DECIDED),
    ],
)
def test_a_headline_says_how_its_news_stands(field: str, title: str) -> None:
    assert getattr(read_standing(title), field)


@pytest.mark.parametrize(
    ("field", "title"),
    [
        *yes("is_denied", *NOT_DENIED, *CONFIRMED, *LIFTED),
        *yes("is_confirmed", *NOT_CONFIRMED, *DENIED),
        *yes("is_heard", *NOT_HEARD, *DECIDED, *LIFTED),
        *yes("is_lifted", *NOT_LIFTED, *DECIDED, *DENIED, *CONFIRMED),
        *yes("is_decided", *NOT_DECIDED, *HEARD),
    ],
)
def test_a_headline_does_not_say_so_in_like_words(field: str, title: str) -> None:
    assert not getattr(read_standing(title), field)


@pytest.mark.parametrize(
    "title",
    [
        "Huawei deal with AT&T is back on",
        "AT&T signs Huawei after all",
        "Xiaomi revives plan for the US",
        "Huawei retoma el acuerdo con AT&T",
        "华为重启与AT&T的合作",
    ],
)
def test_what_had_ended_begins_again(title: str) -> None:
    assert read_standing(title).is_renewed


@pytest.mark.parametrize(
    "title",
    ["", "Huawei Mate 10 Pro review", "What the AT&T deal meant for Huawei", "Signs of the times"],
)
def test_most_headlines_say_nothing_of_it(title: str) -> None:
    assert read_standing(title) == Standing(*[False] * 7)
