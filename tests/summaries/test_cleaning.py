"""What is no news goes; the news stays as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.summaries.cleaning import clean_text, cut_dots, is_prompt, is_stopped

NEWS = "Huawei lost its only U.S. carrier on Monday."


@pytest.mark.parametrize(
    "front",
    [
        "By Jane Doe | ",
        "By Jane Doe and John van Roe — ",
        "By . Jane Doe . PUBLISHED: . 14:11 EST, 25 October 2013 . | . ",
        "By . Jo Roe . PUBLISHED: . 4:11 EST, 2 May 2013 . | . UPDATED: . 9:36 EST, 3 May 2013 . ",
        "Last updated at 1:25 AM on 3rd August 2011 . ",
        "Updated: Jan 9, 2018 10:15 AM ",
        "(CNN) -- ",
        "BERLIN, Germany (CNN) -- ",
        "NEW YORK, Jan 8 (Reuters) - ",
        "SHENZHEN (AP) — ",
        "LAS VEGAS — ",
        "LAS VEGAS, Nev., Jan. 9, 2018 (GLOBE NEWSWIRE) -- ",
        "Image: Somebody / The Verge ",
        "COLUMBUS, Ohio, Feb. 18 (Sample Wire) — ",
        "IRVINE, Calif., Jan. 9, 2026 /SampleLine/ -- ",
        "Madrid, 9 ene (Muestra).- ",
        "BERLIN (dpa) - ",
        "Por Ana Roe | ",
        "11:05 h | ",
        "14:05 ",
        "Update, Jan. 9: ",
        "BREAKING: ",
        "Advertisement ",
    ],
)
def test_bylines_and_datelines_go(front: str) -> None:
    assert clean_text(front + NEWS) == NEWS


@pytest.mark.parametrize(
    "front",
    [
        "新华社北京1月9日电 ",
        "样本网 1 月 9 日消息，",
        "【样本网报道】",
        "本报讯（记者 某某）",
        "（樣本社記者某某台北9日電）",
        "（東京＝某某）",
        "［東京　９日　ロイター］ - ",
        "【午前11時5分】",
        "更新：",
    ],
)
def test_chinese_datelines_go(front: str) -> None:
    assert clean_text(front + "华为失去合作。") == "华为失去合作。"


@pytest.mark.parametrize(
    "back",
    [
        " Read more",
        " Read more »",
        " (Read More...)",
        " Read the full story at Example Wire.",
        " Continue reading…",
        " Click here to see all pictures",
        " The post Huawei loses carrier appeared first on Example Wire.",
        " This article originally appeared on Example Wire.",
        " Follow us on Twitter. Like us on Facebook.",
        " Sign up for our newsletter.",
        " Share this:",
        " [+1234 chars]",
        " Article URL: https://wire.example/1 Comments URL: https://talk.example/2 Points: 3",
        " 阅读全文",
        " 続きを読む",
        " Leer más",
        " Weiterlesen",
        " Lire la suite »",
        " Leia mais",
        " Читать далее",
        " 더보기",
        " La entrada Huawei pierde apareció primero en Muestra.",
        " Der Beitrag Huawei verliert erschien zuerst auf Muster.",
    ],
)
def test_prompts_behind_the_news_go(back: str) -> None:
    assert clean_text(NEWS + back) == NEWS


@pytest.mark.parametrize(
    "text",
    [
        "By Tuesday Huawei had lost, analysts said.",
        "By launching early, AT&T Inc. won. Tweet storms followed.",
        "Users can read more of their mail. It is free.",
        "Published figures fell. Updated rules help.",
        "AT&T (the carrier) left. CNN reported it.",
        "China Mobile and Verizon met — again.",
        "Related costs rose. Subscribers left.",
        "The post office sells phones now.",
    ],
)
def test_news_that_looks_like_boilerplate_stays(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    "paragraph",
    [
        "Share this: Here There Everywhere",
        "Editor's note: An earlier version misspelled a name.",
        "Tags: AT&T, Huawei, ZTE",
        "Follow us on every platform. We are there.",
        "We use cookies to make this site work.",
        "A crew at work on Friday. (Sample Pool / Jo Roe)",
        "FOTO: Una tienda, el martes. (Archivo)",
        "Sobre la autora: Ana Roe escribe sobre Huawei.",
        "原标题：华为败诉",
        "写真：充電器",
        "責任編輯：某某",
    ],
)
def test_paragraphs_about_the_page_go(paragraph: str) -> None:
    assert clean_text(f"{paragraph}\n\n{NEWS}\n\n{paragraph}") == NEWS


def test_a_writers_address_takes_its_paragraph_along() -> None:
    assert clean_text(f"{NEWS}\n\nJo Roe is a friend. Reach Jo at jo@wire.example.") == NEWS


def test_nothing_after_the_heading_of_what_is_no_news_stays() -> None:
    about = "About Sample Inc\n\nSample Inc is a leader in phones."

    assert clean_text(f"{NEWS}\n\n{about}") == NEWS


def test_white_space_is_one_space_and_paragraphs_stay_apart() -> None:
    assert clean_text(" A b\n c \n\n \n d ") == "A b c\n\nd"


@pytest.mark.parametrize(
    "sentence",
    [
        "Read also: Huawei's year.",
        "Photo by Jane Doe / Example Images",
        "© 2018 Example Wire",
        "Reporting by Jane Doe; editing by John Roe.",
        "We may earn a commission.",
        "责任编辑：某某",
        "Jo Roe covers AT&T and Verizon for the Sample Observer.",
        "Ann Roe is a senior reporter at the Sample Wire.",
        "Suscríbete a nuestro boletín y recibe las noticias.",
        "Abonnez-vous pour lire.",
        "更多资讯请关注本站微博",
        "無断転載を禁じます。",
        "Get the best of it in your inbox every morning.",
    ],
)
def test_sentences_about_the_page_are_known(sentence: str) -> None:
    assert is_prompt(sentence)


def test_sentences_of_news_are_no_prompts() -> None:
    assert not is_prompt("Readers follow AT&T.")
    assert not is_prompt("Shares fell.")
    assert not is_prompt("For more than a decade Huawei grew.")
    assert not is_prompt("Related costs rose at Verizon.")
    assert not is_prompt("More users left AT&T.")


@pytest.mark.parametrize("sentence", ["It fell.", "“It fell.”", "下跌。", "「まだない」", "Why?"])
def test_sentences_have_a_stop(sentence: str) -> None:
    assert is_stopped(sentence)


@pytest.mark.parametrize("heading", ["Minute by minute", "ツイート", "(Sample Pool)", ""])
def test_headings_and_buttons_have_none(heading: str) -> None:
    assert not is_stopped(heading)


@pytest.mark.parametrize("dots", ["...", "…", " [...]", " […]", " (...)", "....", " ..."])
def test_truncation_dots_are_cut_and_told(dots: str) -> None:
    assert cut_dots(f"Huawei lost{dots}") == ("Huawei lost", True)


def test_a_bracket_at_the_end_is_no_truncation() -> None:
    assert cut_dots("Huawei lost (badly)") == ("Huawei lost (badly)", False)


@given(st.text(max_size=200))
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)

    assert clean_text(cleaned) == cleaned
