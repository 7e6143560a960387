"""Which sentences say nothing without the one before them."""

from __future__ import annotations

import pytest

from bot.summaries.hanging import is_describing, is_pointing


@pytest.mark.parametrize(
    "sentence",
    [
        "It gave no reason.",
        "It’s a blow to the maker's plans.",
        "He called the talks a failure.",
        "They meet again in May.",
        "Its price is a secret in China.",
        "Both companies declined to speak.",
        "This comes a week after the show.",
        "The carrier named security concerns.",
        "The carrier on Tuesday told Huawei to wait.",
        "The U.S. carrier said so.",
        "The Plano-based company's shares fell.",
        "The new phone costs $400.",
        "The two had planned a launch in May.",
        "Der Konzern nannte keine Gründe.",
        "Das Unternehmen wollte nichts sagen.",
        "Sie treffen sich im Mai wieder.",
        "Diese Entscheidung fiel im Mai.",
        "L’opérateur n'a pas donné de raison.",
        "Il a refusé d'en dire plus.",
        "Cette décision surprend.",
        "La compañía no dio razones.",
        "Este teléfono cuesta 400 dólares.",
        "El operador no quiso comentar.",
        "Il gruppo non ha dato motivi.",
        "Questo telefono costa 400 euro.",
        "A operadora não deu motivos.",
        "O aparelho custa 400 reais.",
        "Firma nie podała powodu.",
        "To jest pierwszy taki przypadek.",
        "Компания не назвала причин.",
        "Он стоит 400 долларов.",
        "该公司没有说明原因。",
        "它没有说明原因。",
        "這款手機售價三千元。",
        "同社は理由を明らかにしていない。",
        "この端末は五月に発売される。",
        "회사는 이유를 밝히지 않았다.",
        "이번 조치는 예상 밖이다.",
        "“He never called,” the head of Huawei said.",
        '"This is a blow," Verizon said.',
        "'They walked away,' Huawei said.",
        "„Das ist ein Rückschlag“, sagte Huawei.",
        "« Cette décision surprend », dit Huawei.",
        "«Эта новость удивила», заявили в Huawei.",
        "「這款手機很貴」，華為表示。",
        "– It gave no reason.",
    ],
)
def test_a_sentence_that_begins_by_pointing_back_hangs(sentence: str) -> None:
    assert is_pointing(sentence) or is_describing(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Verizon gave no reason.",
        "This week Verizon gave its reasons.",
        "This past Monday Verizon gave its reasons.",
        "Those who wait pay less.",
        "Both Verizon and AT&T gave reasons.",
        "It is unclear why Verizon waits.",
        "Itself a carrier, Dish waits.",
        "His company, Nubia, showed a phone.",
        "The carrier Verizon gave no reason.",
        "The carrier, Verizon, gave no reason.",
        "The company behind the Axon 9 gave no reason.",
        "The company called Nubia gave no reason.",
        "The price of the Axon 9 is $400.",
        "To buy the Axon 9, wait until May.",
        "On Monday Verizon gave its reasons.",
        "Der Hersteller Huawei nennt Gründe.",
        "Es gibt das Axon 9 nun auch bei Verizon.",
        "Diese Woche startet das Axon 9.",
        "L'opérateur Verizon a donné ses raisons.",
        "Cette semaine Verizon lance l'Axon 9.",
        "La compañía china Huawei dio sus razones.",
        "Este lunes Verizon dio sus razones.",
        "Il governo ha vietato l'Axon 9.",
        "A operadora Verizon deu motivos.",
        "Firma Huawei podała powody.",
        "Компания «Хуавэй» назвала причины.",
        "Этой осенью Huawei покажет телефон.",
        "其他公司没有回应。",
        "此前，华为公布了计划。",
        "この夏、ファーウェイは新機種を出す。",
        "이번 주 삼성은 새 폰을 공개한다.",
        "“We gave our reasons,” Verizon said.",
        "“It is unclear why Verizon waits,” Huawei said.",
        "“The carrier Verizon gave no reason,” Huawei said.",
    ],
)
def test_a_sentence_that_says_whom_it_is_about_stands_by_itself(sentence: str) -> None:
    assert not is_pointing(sentence)
    assert not is_describing(sentence)
