from __future__ import annotations

import logging

import pytest

from bot.parsing import read_article
from bot.parsing.text import MAX_BODY
from tests.parsing.pages import ARTICLE, PARAGRAPHS, json_ld, page

URL = "https://wire.example/plan-dropped"


def read(html: str | bytes, content_type: str = "text/html; charset=utf-8") -> str:
    body = html.encode() if isinstance(html, str) else html
    return read_article(body, url=URL, content_type=content_type)


def test_the_article_is_read_without_what_stands_around_it() -> None:
    assert read(page()) == ARTICLE


def test_reading_a_page_twice_gives_the_same() -> None:
    assert read(page()) == read(page())


def test_headings_and_tables_are_left_out_and_lists_are_kept() -> None:
    after = (
        "<h2>What it means</h2><ul><li>The phone will not be in the shops this year.</li></ul>"
        "<table><tr><td>Price</td><td>$799</td></tr></table>"
    )

    assert read(page(after=after)) == f"{ARTICLE}\n\nThe phone will not be in the shops this year."


def test_a_line_break_within_a_sentence_is_a_space_and_after_it_a_new_paragraph() -> None:
    first, second, third = PARAGRAPHS
    broken = first.replace(" in its shops", "<br>in its shops")
    html = page("Nothing else.").replace(
        "<p>Nothing else.</p>", f"<p>{broken}<br>{second} <br><br>{third}</p>"
    )

    assert read(html) == ARTICLE


def test_line_breaks_and_tags_within_a_sentence_are_no_paragraphs() -> None:
    html = page().replace("walked away", "<b>walked</b>\n   <a href='/away'>away</a>")

    assert read(html) == ARTICLE


@pytest.mark.parametrize(
    ("declared", "content_type"),
    [("utf-8", "text/html"), ("gb2312", "text/html"), ("gb2312", "text/html; charset=gb2312")],
)
def test_the_charset_is_found_in_header_or_page(declared: str, content_type: str) -> None:
    told = (
        "美国运营商已放弃销售华为新款手机的计划，两名知情人士周一表示，该公司没有说明原因。",
        "华为原定于第二天在拉斯维加斯的展会上宣布这项合作，目前是全球第三大手机厂商。",
    )
    html = page(*told, title="计划取消").replace("utf-8", declared)

    assert read(html.encode(declared), content_type) == "\n\n".join(told)


def test_nobody_is_steered_by_invisible_characters() -> None:
    hidden = page().replace("walked", "wal\u202eked\u200b")

    assert read(hidden) == ARTICLE


def test_a_long_article_is_cut_between_words() -> None:
    text = read(page(*(f"{PARAGRAPHS[0]} Part {part}." for part in range(400))))

    assert MAX_BODY - 20 < len(text) <= MAX_BODY
    assert text.startswith(PARAGRAPHS[0])


@pytest.mark.parametrize("free", [False, "False", "false", "http://schema.org/False"])
@pytest.mark.parametrize("kind", ["NewsArticle", ["Thing", "ReportageNewsArticle"], None])
def test_a_page_that_says_it_costs_is_left_unread(free: object, kind: object) -> None:
    said = {"@type": kind} if kind else {}

    assert read(page(head=json_ld(isAccessibleForFree=free, **said))) == ""


@pytest.mark.parametrize(
    "head",
    [
        json_ld(**{"@graph": [{"@type": "NewsArticle", "isAccessibleForFree": False}]}),
        json_ld(
            **{
                "@type": "NewsArticle",
                "hasPart": [{"@type": "WebPageElement", "isAccessibleForFree": False}],
            }
        ),
        '<script type="application/ld+json">{"isAccessibleForFree": false, broken}</script>',
        '<meta itemprop="isAccessibleForFree" content="False">',
        '<meta property="article:content_tier" content="locked">',
    ],
)
def test_every_way_to_say_so_counts(head: str) -> None:
    assert read(page(head=head)) == ""


@pytest.mark.parametrize(
    "head",
    [
        json_ld(**{"@type": "NewsArticle", "isAccessibleForFree": True}),
        json_ld(**{"@type": "Event", "isAccessibleForFree": False}),
        json_ld(**{"@type": "NewsArticle", "headline": "isAccessibleForFree"}),
        '<script type="application/ld+json">{broken</script>',
        '<script>{"@type": "NewsArticle", "isAccessibleForFree": false}</script>',
        '<meta property="article:content_tier" content="metered">',
    ],
)
def test_what_says_nothing_of_the_kind_does_not_count(head: str) -> None:
    assert read(page(head=head)) == ARTICLE


@pytest.mark.parametrize(
    "prompt",
    [
        "Subscribe now to continue reading this article.",
        "Already a subscriber? Log in.",
        "This article is available to subscribers only.",
        "You have reached your limit of free articles.",
        "Please enable JavaScript and cookies to view this page.",
        "To continue, please click the box below to let us know you're not a robot.",
        "登录后阅读全文",
        "本文为付费内容，订阅后继续阅读。",
        "この記事は有料会員限定です。残り 1,204文字",
        "Este contenido es exclusivo para suscriptores.",
        "Suscríbete para seguir leyendo.",
        "Jetzt abonnieren und weiterlesen.",
        "Cet article est réservé aux abonnés.",
        "유료 회원 전용 기사입니다.",
    ],
)
def test_a_prompt_in_the_texts_place_is_no_article(prompt: str) -> None:
    assert read(page(PARAGRAPHS[0], prompt)) == ""
    assert read(page(prompt)) == ""


def test_a_prompt_beside_the_whole_text_is_only_left_out() -> None:
    told = PARAGRAPHS * 2

    assert read(page(*told[:3], "Subscribe to keep reading us.", *told[3:])) == "\n\n".join(told)


def test_an_article_about_subscriptions_is_an_article() -> None:
    told = (
        "Meridian Mobile will ask its customers to log in before they can subscribe to keep "
        "watching films abroad, the carrier said on Monday, and it named the countries where "
        "that begins in March, among them Canada, Mexico and most of the European Union, where "
        "it has agreements with the largest networks and pays them for every hour that is seen."
    )

    assert read(page(told)) == told


@pytest.mark.parametrize(
    "html",
    [
        "",
        " \n",
        "<html><body></body></html>",
        page("Loading …"),
        page("Photo: Example Wire"),
        "<html><body><script>render()</script><div id='root'></div></body></html>",
        "\x00" * 1000,
        "just text",
    ],
)
def test_a_page_without_a_sentence_has_no_article(html: str) -> None:
    assert read(html) == ""


@pytest.mark.parametrize("tag", ["<div>", "<ul><li>", "<blockquote>", "<table><tr><td>", "<b>"])
def test_tags_nested_past_every_stack_are_no_article(tag: str) -> None:
    assert read(f"<html><body>{tag * 50_000}<p>{PARAGRAPHS[0]}</p></body></html>") == ""


def test_the_library_writes_no_log_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        read("<html></html>")
    finally:
        root.handlers = handlers

    assert capsys.readouterr().err == ""
