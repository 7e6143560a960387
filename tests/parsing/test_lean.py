"""What is kept of elements is what feedparser keeps; test_strict.py has documents of any kind."""

from __future__ import annotations

import warnings

import pytest
from feedparser.util import FeedParserDict
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing.lean import Fields, LeanReader
from tests.parsing.documents import item, rss
from tests.parsing.test_strict import ATOM, agrees

NAMES = [
    *FeedParserDict.keymap,
    *("title", "summary", "subtitle", "links", "tags", "license", "category", "enclosures"),
    *("updated", "updated_parsed", "published", "published_parsed", "href", "rights", "id"),
]
STEPS = st.tuples(
    st.sampled_from(["set", "get", "in", "[]", "setdefault"]), st.sampled_from(NAMES), st.text()
)


def act(fields: FeedParserDict, step: str, name: str, value: str) -> object:
    match step:
        case "set":
            fields[name] = value
            return None
        case "get":
            return fields.get(name, value)
        case "in":
            return name in fields
        case "setdefault":
            return fields.setdefault(name, value)
        case _:
            return fields[name]


def outcome(fields: FeedParserDict, step: tuple[str, str, str]) -> object:
    try:
        return act(fields, *step)
    except (KeyError, TypeError) as error:  # a text where feedparser has links or tags
        return type(error)


@given(st.lists(STEPS, max_size=12))
def test_fields_are_found_under_every_name_feedparser_knows_them_by(
    steps: list[tuple[str, str, str]],
) -> None:
    ours, theirs = Fields(), FeedParserDict()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert [outcome(ours, step) for step in steps] == [outcome(theirs, step) for step in steps]
    assert dict(ours) == dict(theirs)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(
            rss(item("One", description="first", summary="second", content="third"), item("Two")),
            id="texts beside each other",
        ),
        pytest.param(
            rss(item("<![CDATA[<b>Bold</b> &amp; R&D]]>", description="x")), id="HTML in a title"
        ),
        pytest.param(
            rss(item("Z\u00c3\u00bcrich \x85 \u00c2\u00a0", description="caf\u00e9")),
            id="UTF-8 encoded twice",
        ),
        pytest.param(
            rss(
                item("One", link="https:////wire.example/?a=1&amp;amp;b;=2&amp;copy;=3", guid="g"),
                item("Two", guid="https:///wire.example/2", comments="https:///c"),
                item("Three", link="", guid="not a link"),
            ),
            id="links that feedparser mends",
        ),
        pytest.param(
            rss(
                item("One", group="<title>deep</title><id>deep</id>", id="i", name="<id>late</id>")
            ),
            id="what is deeper does not count",
        ),
        pytest.param(
            rss(
                item(
                    "One",
                    source="Paper<title>Its</title><link>https://p.example/?a&amp;lt;</link>",
                    image="<url>u</url><title>Picture</title><link>l</link>",
                ),
                channel="<title>T</title><title>Again</title><description>D</description>"
                "<link>https://wire.example/?x=1&amp;amp;y=2</link>",
            ),
            id="what stands in other contexts",
        ),
        pytest.param(
            ATOM.replace(
                "<title>A</title>", '<title type="a/b" mode="base64">QmFzZTY0</title>'
            ).replace("</entry>", '<summary type="a/b" mode="base64">Ym9keQ==</summary></entry>'),
            id="texts in base64",
        ),
        pytest.param(
            ATOM.replace(
                "<title>A</title>", '<title type="xhtml"><div>A<div>x</div></div></title>'
            ).replace("<p>x<b>y</b></p>", "x &amp;amp; &lt;b> y"),
            id="wrappers around markup",
        ),
        pytest.param(
            rss(
                item(
                    "One",
                    description="a<div>b</div>c<p>d</p><svg><title>e</title>"
                    "<description>f</description></svg>g &amp;lt; h",
                ),
                item("Two", description="x"),
            ),
            id="markup that is not declared",
        ),
        pytest.param(
            rss(
                "<item lastmod='2018-01-08' href='https://wire.example/1'><plain>x</plain></item>",
                "<item><guid isPermaLink='false'>2</guid><link>https://wire.example/2</link></item>",
            ),
            id="attributes of items",
        ),
        pytest.param(
            rss(
                "<item><x:id xmlns:x='urn:x'>no id</x:id></item>",
                "<item><x:id xmlns:x='http://purl.org/rss/1.0/'>2</x:id></item>",
                "<item xmlns:y='urn:x'><x:id xmlns:x='urn:x'>no id</x:id><y:id>3</y:id></item>",
            ),
            id="prefixes that change their meaning",
        ),
    ],
)
def test_it_agrees_with_feedparser(document: str) -> None:
    assert agrees(document)


def test_details_of_texts_are_not_kept() -> None:
    reader = LeanReader()
    reader.infeed = reader.inentry = 1
    reader._start_item({})
    reader._start_title({})
    reader.handle_data("One")
    reader._end_title()

    assert dict(reader.entries[0]) == {"title": "One"}
