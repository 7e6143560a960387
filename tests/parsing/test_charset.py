from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing.charset import decode


def declared(encoding: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><t>{text}</t>'


@pytest.mark.parametrize(
    ("label", "written_in", "text"),
    [
        ("gb2312", "gb18030", "华为手机㐂镕"),
        ("GBK", "gb18030", "小米€𠮷"),
        ("shift_jis", "cp932", "①ソニー髙島"),
        ("Shift-JIS", "cp932", "携帯電話㈱"),
        ("euc-kr", "cp949", "삼성 똠방각하"),
        ("big5", "big5hkscs", "華為手機喺"),
        ("iso-8859-1", "cp1252", "“Mate” – €"),
        ("us-ascii", "cp1252", "café’s"),
        ("windows-1251", "cp1251", "Хуавей"),
        ("euc-jp", "euc_jp", "携帯電話"),
        ("iso-2022-jp", "iso2022_jp", "携帯電話"),
        ("utf-8", "utf-8", "华为"),
    ],
)
def test_a_declared_charset_is_read_as_its_superset(label: str, written_in: str, text: str) -> None:
    in_declaration = declared(label, text)
    in_header = f"<t>{text}</t>"

    assert decode(in_declaration.encode(written_in)) == in_declaration
    assert decode(in_header.encode(written_in), f'text/xml; charset="{label}"') == in_header


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "utf-32-le"),
        (b"", "utf-32-be"),
    ],
)
def test_a_mark_or_the_width_of_the_first_character_decides(mark: bytes, encoding: str) -> None:
    text = declared("iso-8859-1", "华为")

    assert decode(mark + text.encode(encoding), "text/xml; charset=gb2312") == text


@pytest.mark.parametrize("label", ["iso-8859-1", "gb2312", "windows-1251", "nonsense", "zlib"])
def test_utf_8_is_read_as_such_whatever_is_declared(label: str) -> None:
    text = declared(label, "Huawei’s “Mate” — 华为")

    assert decode(text.encode(), f"application/rss+xml; charset={label}") == text


def test_the_header_comes_before_the_declaration() -> None:
    text = declared("windows-1252", "Хуавей")

    assert decode(text.encode("cp1251"), "text/xml; charset=windows-1251") == text


def test_a_declaration_that_does_not_fit_is_passed_over() -> None:
    text = declared("windows-1251", "Хуавей")

    assert decode(text.encode("cp1251"), "text/xml; charset=utf-8") == text


def test_one_broken_character_does_not_spoil_the_others() -> None:
    assert decode(declared("gb2312", "华为").encode("gb18030") + b"\xff") == (
        declared("gb2312", "华为") + "\ufffd"
    )
    assert decode("华为 caf".encode() + b"\xe9 \x93Mate\x94") == "华为 café “Mate”"


def test_what_declares_nothing_and_is_no_utf_8_is_read_as_windows_1252() -> None:
    assert decode("d'études – été".encode("cp1252")) == "d'études – été"


@pytest.mark.parametrize(
    "label", ["utf-7", "idna", "punycode", "unicode_escape", "rot13", "x" * 99]
)
def test_python_s_other_codecs_are_no_charsets(label: str) -> None:
    body = declared(label, "+ADwAIQ-ENTITY \\u003c").encode()

    assert decode(body, f"text/xml; charset={label}") == body.decode()


@given(st.binary(), st.sampled_from(["", "text/xml; charset=", "text/xml; charset=big5"]))
def test_any_bytes_become_text(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type), str)
