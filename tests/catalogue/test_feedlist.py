from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import load_catalogue
from bot.catalogue.feedlist import load_feed_list, sift_feed_list, write_opml
from bot.errors import InputInvalid
from bot.model import Alias, Company, FeedSpec, Role
from tests.builders import feed

CONFIG = Path(__file__).parents[2] / "config"

HUAWEI = Company("huawei", "Huawei", Role.MAKER, (Alias("Huawei"), Alias("华为")))
VIVO = Company("vivo", "vivo", Role.MAKER, (Alias("vivo"),))
ATT = Company("att", "AT&T", Role.CARRIER, (Alias("AT&T"),))
COMPANIES = (HUAWEI, VIVO, ATT)


def load(tmp_path: Path, content: str | bytes, name: str = "list.txt") -> tuple[FeedSpec, ...]:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_feed_list(file, companies=COMPANIES)


def urls(specs: tuple[FeedSpec, ...]) -> list[str]:
    return [spec.url for spec in specs]


def mistakes(tmp_path: Path, content: str | bytes, name: str = "list.txt") -> list[str]:
    with pytest.raises(InputInvalid) as caught:
        load(tmp_path, content, name)
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


# One URL a line


def test_a_plain_list_has_a_url_a_line_with_or_without_a_title(tmp_path: Path) -> None:
    text = (
        "# my feeds\n\nhttps://a.example/rss\n  https://b.example/rss#top  Example B \n"
        "https://c.example/rss # Example C\n"
    )

    assert load(tmp_path, text) == (
        FeedSpec("https://a.example/rss"),
        FeedSpec("https://b.example/rss#top", title="Example B"),
        FeedSpec("https://c.example/rss", title="Example C"),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_from_windows_is_read(tmp_path: Path, encoding: str) -> None:
    text = "https://a.example/rss 新闻\r\nhttps://b.example/rss\r\n"

    assert load(tmp_path, text.encode(encoding)) == (
        FeedSpec("https://a.example/rss", title="新闻"),
        FeedSpec("https://b.example/rss"),
    )


def test_the_same_address_counts_once_and_the_first_wins(tmp_path: Path) -> None:
    text = (
        "https://a.example/rss First\nhttps://b.example/rss\nHTTPS://A.example/rss#top Second\n"
        "https://a.example/RSS\n"
    )

    assert load(tmp_path, text) == (
        FeedSpec("https://a.example/rss", title="First"),
        FeedSpec("https://b.example/rss"),
        FeedSpec("https://a.example/RSS"),
    )


def test_every_wrong_line_is_told_with_its_number(tmp_path: Path) -> None:
    text = (
        "ftp://a.example/rss\nhttps://good.example/rss\na.example/f\nhttps:///rss\n"
        "https://[::1/rss\nhttp://h.example:99999/\nhttps://h.example/<b>\nwords\nhttps://x y\n"
    )

    assert mistakes(tmp_path, text) == [
        'list.txt:1: "ftp://a.example/rss" is no http or https address',
        'list.txt:3: "a.example/f" is no http or https address; did you mean https://a.example/f?',
        'list.txt:4: "https:///rss" is no http or https address',
        'list.txt:5: "https://[::1/rss" is no address: Invalid IPv6 URL',
        'list.txt:6: "http://h.example:99999/" is no address: Port out of range 0-65535',
        'list.txt:7: "https://h.example/<b>" holds signs that no address has',
        'list.txt:8: "words" is no http or https address',
        'list.txt:9: "https://x" is no whole address: a name without a dot, and nothing behind it',
    ]


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, "https://me:unseen@h.example/rss")

    assert line == (
        "list.txt:1: an address on h.example has a user name or password, which is refused"
    )


def test_a_file_of_another_kind_does_not_flood_the_screen(tmp_path: Path) -> None:
    told = mistakes(tmp_path, "word\n" * 500)

    assert len(told) == 21
    assert told[-1] == "list.txt: and 480 more"


def test_a_list_is_sifted_into_feeds_and_what_cannot_be_one(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("https://a.example/\n" + "word\n" * 500, encoding="utf-8")

    specs, refused = sift_feed_list(file)

    assert urls(specs) == ["https://a.example/"]
    assert len(refused) == 500
    assert refused[-1] == f'{file}:501: "word" is no http or https address'


def test_a_list_of_which_nothing_can_be_a_feed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("word\n" * 500, encoding="utf-8")

    with pytest.raises(InputInvalid, match=r"list\.txt: and 480 more"):
        sift_feed_list(file)


def test_a_list_that_names_nothing_is_refused(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "# only remarks\n") == ["list.txt: names no feed"]
    assert mistakes(tmp_path, "<opml version='2.0'><body/></opml>") == ["list.txt: names no feed"]


def test_a_list_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputInvalid, match=r"gone\.txt: cannot be read: No such file"):
        load_feed_list(tmp_path / "gone.txt")
    assert mistakes(tmp_path, b"https://a.example/\n# Gr\xfc\xdfe") == [
        "list.txt:2: is not UTF-8; save the file in UTF-8"
    ]


# OPML

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1">
  <head><title>Mine</title></head>
  <body>
    <outline text="Phones">
      <outline text="Deep">
        <outline type="rss" text="A &amp; B" xmlUrl="https://a.example/rss?x=1&amp;y=2" />
      </outline>
      <outline text="text" title=" Title\n wins " xmlurl="https://b.example/rss" language="zh-CN"/>
    </outline>
    <outline text="https://c.example/rss" xmlUrl="https://c.example/rss" language="unknown"/>
    <outline type="link" text="A page" url="https://d.example/"/>
  </body>
</opml>
"""


@pytest.mark.parametrize("name", ["feeds.opml", "feeds.xml", "feeds.txt"])
def test_opml_is_known_by_its_content_and_read_at_every_depth(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, OPML, name) == (
        FeedSpec("https://a.example/rss?x=1&y=2", title="A & B"),
        FeedSpec("https://b.example/rss", title="Title wins", lang="zh-CN"),
        FeedSpec("https://c.example/rss"),
    )


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_opml_in_another_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = OPML.replace("UTF-8", encoding).replace("A &amp; B", "Größe")

    assert load(tmp_path, text.encode(encoding))[0].title == "Größe"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE opml SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE opml>",
    ],
)
def test_opml_with_a_document_type_is_refused(tmp_path: Path, doctype: str) -> None:
    opml = OPML.replace("<opml", f"{doctype}\n<opml", 1)

    assert mistakes(tmp_path, opml) == ["list.txt:2: has a document type, which is refused"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("<rss version='2.0'></rss>", "list.txt:1: is no OPML: it begins with <rss>"),
        ("<!-- x -->\n<html>", "list.txt:2: is no OPML: it begins with <html>"),
        ("<opml>\n<body>\n</opml>", "list.txt:3: is no OPML: mismatched tag"),
        (
            '<opml><body>\n<outline xmlUrl="feed://a.example/"/></body></opml>',
            'list.txt:2: "feed://a.example/" is no http or https address',
        ),
    ],
)
def test_what_is_no_opml_is_told_with_its_line(tmp_path: Path, content: str, line: str) -> None:
    assert mistakes(tmp_path, content) == [line]


def test_opml_in_an_encoding_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, OPML.replace("UTF-8", "gb2312").encode("gb2312"))

    assert line.startswith("list.txt:1: is no OPML: ")
    assert line.endswith("save the file in UTF-8")


def test_feeds_written_as_opml_are_read_back(tmp_path: Path) -> None:
    specs = (
        FeedSpec("https://a.example/rss?a=1&b=%22", title='"A" & <B>', outlet="a", lang="en"),
        FeedSpec("https://b.example/rss"),
        FeedSpec("https://c.example/rss", title="华为 & 小米", lang="zh-Hans"),
    )
    opml = write_opml(replace(feed(), spec=spec) for spec in specs)

    assert load(tmp_path, opml) == specs


@given(title=st.text())
def test_no_title_breaks_the_opml(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    spec = FeedSpec("https://a.example/rss", title=title)
    folder = tmp_path_factory.mktemp("opml")
    opml = write_opml([replace(feed(), spec=spec)])

    assert urls(load(folder, opml)) == [spec.url]


# feeds.toml

SEARCH = """
[[search]]
url = "https://s.example/rss?q={query}&hl=en"
title = "Example Search"
for = %s
lang = "%s"
"""


def test_a_toml_list_names_feeds_in_order(tmp_path: Path) -> None:
    text = """
[[feed]]
url = "https://a.example/rss"
title = "A"
outlet = "a"
lang = "en"

[[feed]]
url = "https://b.example/rss"
"""

    assert load(tmp_path, text, "feeds.toml") == (
        FeedSpec("https://a.example/rss", title="A", outlet="a", lang="en"),
        FeedSpec("https://b.example/rss"),
    )


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ('"makers"', ["Huawei", "vivo"]),
        ('"carriers"', ["AT&T"]),
        ('"all"', ["Huawei", "vivo", "AT&T"]),
        ('["att", "huawei"]', ["Huawei", "AT&T"]),
        ('["makers", "att"]', ["Huawei", "vivo", "AT&T"]),
    ],
)
def test_a_search_makes_one_feed_for_each_company(
    tmp_path: Path, wanted: str, names: list[str]
) -> None:
    specs = load(tmp_path, SEARCH % (wanted, "en"), "feeds.toml")

    assert [spec.title for spec in specs] == [f"Example Search: {name}" for name in names]
    assert all(spec.lang == "en" for spec in specs)


def test_a_name_is_searched_as_a_phrase_and_written_for_a_url(tmp_path: Path) -> None:
    (spec,) = load(tmp_path, SEARCH % ('"carriers"', "en"), "feeds.toml")

    assert spec.url == "https://s.example/rss?q=%22AT%26T%22&hl=en"


def test_a_chinese_search_uses_the_chinese_name_where_there_is_one(tmp_path: Path) -> None:
    specs = load(tmp_path, SEARCH % ('"makers"', "zh-CN"), "feeds.toml")

    assert [spec.title for spec in specs] == ["Example Search: 华为", "Example Search: vivo"]
    assert specs[0].url == "https://s.example/rss?q=%22%E5%8D%8E%E4%B8%BA%22&hl=en"


def test_without_companies_searches_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text('[[feed]]\nurl = "https://a.example/"\n' + SEARCH % ('["huawei"]', "en"))

    assert urls(load_feed_list(file)) == ["https://a.example/"]


def test_an_empty_toml_list_is_a_list(tmp_path: Path) -> None:
    assert load(tmp_path, "# every feed is added by people\n", "feeds.toml") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[feed]]\ntitle = "A"', '1: feed: "url" is missing'),
        ('[[feed]]\nurl = "https://a.example/"\nlang = 3', '3: feed: "lang" should be text'),
        ('[[feed]]\ntitle = "x"\nurl = "a b"', '3: "a b" holds signs that no address has'),
        ('\n[feed]\nurl = "x"', '2: "feed" should be [[feed]], with two brackets'),
        ("[[feeds]]", '1: "feeds" should be [[feed]] or [[search]]'),
        ("feed = [3]", '1: "feed" should be [[feed]], with two brackets'),
        ('[[search]]\nurl = "https://s.example/{query}"', '1: search: "for" is missing'),
        (
            '[[search]]\nfor = "att"\nurl = "https://s.example/"',
            '3: search: "url" should hold {query} where the name goes',
        ),
        (
            '[[search]]\nurl = "https://s.example/{query}"\nfor = 3',
            '3: search: "for" should be makers, carriers, all, or a list of company ids',
        ),
        (
            '[[search]]\nurl = "s.example/{query}"\nfor = "att"',
            '2: "s.example/%22AT%26T%22" is no http or https address; did you mean https://',
        ),
        ('[[feed]]\nurl = "', "2: is no TOML: "),
    ],
)
def test_what_is_wrong_in_a_toml_list_is_told_with_its_line(
    tmp_path: Path, text: str, told: str
) -> None:
    (line,) = mistakes(tmp_path, text, "feeds.toml")

    assert line.startswith(f"feeds.toml:{told}")


def test_all_that_is_wrong_in_a_toml_list_is_told_at_once(tmp_path: Path) -> None:
    text = """[[feed]]
url = "https://a.example/"

[[feed]]
# a remark
url = "https://b.example/"
outlets = "b"

[[search]]
url = "https://s.example/"
for = ["huawi"]
"""

    assert mistakes(tmp_path, text, "feeds.toml") == [
        'feeds.toml:7: feed: "outlets" is no key of it; did you mean "outlet"?',
        'feeds.toml:10: search: "url" should hold {query} where the name goes',
        'feeds.toml:11: search: "for": "huawi" is no company; did you mean "huawei"?',
    ]


# The list that is shipped


def test_the_shipped_list_covers_the_beat() -> None:
    catalogue = load_catalogue(CONFIG)
    plain = load_feed_list(CONFIG / "feeds.toml")
    whole = load_feed_list(CONFIG / "feeds.toml", companies=catalogue.companies.values())
    makers = [c for c in catalogue.companies.values() if c.role is Role.MAKER]

    assert len(plain) >= 40
    assert sum(spec.lang == "zh" for spec in plain) >= 10
    assert len(whole) >= len(plain) + 2 * len(makers)


def test_every_outlet_of_the_shipped_list_is_in_the_catalogue() -> None:
    known = load_catalogue(CONFIG).outlets

    for spec in load_feed_list(CONFIG / "feeds.toml"):
        assert not spec.outlet or spec.outlet in known, spec
        assert spec.title
        assert spec.lang in {"en", "zh"}
