"""Cards on a terminal, plain lines in a pipe."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from bot.model import Digest, Event, Message, Source, Tie, TieKind
from bot.platforms.console import (
    render_digest,
    render_post,
    render_recent,
    render_update,
    show,
)
from tests.builders import NOW, message

OSC_8 = re.compile(r"\x1b]8;[^;]*;([^\x1b]*)\x1b\\")
STYLE = re.compile(r"\x1b\[[0-9;]*m")
HEADLINE = "AT&T walks away from its plan to sell the Huawei Mate 10 Pro in American shops"
HAN = "华为手机无缘美国运营商渠道，消费电子展前夕销售计划突然取消，手机将改为网上销售，双方未予置评"
FIRST = Tie(TieKind.CONFIRMED, "s0", "AT&T may drop Huawei, sources say", "https://a.example/0")
LONG_URL = "https://wire.example/2018/01/08/" + "a-very-long-slug-" * 8


def piped(renderable: RenderableType) -> str:
    file = io.StringIO()
    show(Console(file=file, width=80), renderable)
    return file.getvalue()


def on_terminal(renderable: RenderableType, *, width: int = 80) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system="truecolor")
    show(console, renderable)
    return file.getvalue()


def seen(renderable: RenderableType, *, width: int = 80) -> list[str]:
    """The lines of a terminal as a person sees them."""
    return STYLE.sub("", OSC_8.sub("", on_terminal(renderable, width=width))).splitlines()


def covered(*outlets: str, **changes: Any) -> Message:
    also = tuple(Source(name, f"https://{at}.example/1") for at, name in enumerate(outlets))
    return message(also=also, **changes)


def test_a_post_on_a_terminal_shows_everything() -> None:
    post = covered(
        "Meridian Journal",
        "Pocket Line",
        headline=HEADLINE,
        makers=("Huawei", "Xiaomi"),
        carriers=("AT&T", "Verizon"),
    )

    assert seen(render_post(post)) == [
        "▌ AT&T walks away from its plan to sell the Huawei Mate 10 Pro in American shops",
        "▌ The carrier walked away from the plan, two people said.",
        "▌ PAIR  Huawei, Xiaomi × AT&T, Verizon · deal off",
        "▌ Example Wire · 2018-01-09 08:25 UTC",
        "▌ also covered by Meridian Journal, Pocket Line",
        "▌ https://example-wire.example/1",
        "",
    ]


def test_a_post_in_a_pipe_is_plain_text() -> None:
    post = covered("Meridian Journal", headline=HEADLINE)

    assert piped(render_post(post)).splitlines() == [
        "NEW      AT&T walks away from its plan to sell the Huawei Mate 10 Pro in American shops",
        "         The carrier walked away from the plan, two people said.",
        "         PAIR  Huawei × AT&T · deal off",
        "         Example Wire · 2018-01-09 08:25 UTC",
        "         also covered by Meridian Journal",
        "         https://example-wire.example/1",
        "",
    ]


def test_an_update_shows_who_covers_it_now() -> None:
    post = covered("Meridian Journal", "手机前线", headline=HEADLINE)

    assert piped(render_update(post)).splitlines() == [
        "UPDATED  AT&T walks away from its plan to sell the Huawei Mate 10 Pro in American shops",
        "         PAIR  Huawei × AT&T · deal off",
        "         now at 3 outlets, latest first: 手机前线, Meridian Journal, Example Wire",
        "         https://1.example/1",
        "",
    ]


def test_an_update_without_other_outlets_names_its_own() -> None:
    lines = piped(render_update(message())).splitlines()

    assert lines[2:4] == [
        "         Example Wire · 2018-01-09 08:25 UTC",
        "         https://example-wire.example/1",
    ]


def test_an_update_falls_back_to_the_story_where_the_latest_report_has_no_address() -> None:
    post = message(also=(Source("Meridian Journal", None),))

    assert "https://example-wire.example/1" in piped(render_update(post))


def test_a_turn_says_below_its_headline_what_it_replies_to() -> None:
    post = covered("Meridian Journal", headline=HEADLINE, tie=FIRST)

    assert piped(render_post(post)).splitlines()[:3] == [
        "REPLY    AT&T walks away from its plan to sell the Huawei Mate 10 Pro in American shops",
        "         confirmed, in reply to “AT&T may drop Huawei, sources say”",
        "         The carrier walked away from the plan, two people said.",
    ]
    assert seen(render_post(message(tie=FIRST)))[:2] == [
        "▌ reply  Huawei fails to get AT&T to sell its phones",
        "▌ confirmed, in reply to “AT&T may drop Huawei, sources say”",
    ]


@pytest.mark.parametrize("kind", [TieKind.REVERSED, TieKind.DENIED])
def test_a_reply_says_how_the_story_turned(kind: TieKind) -> None:
    post = message(tie=replace(FIRST, kind=kind))

    assert f"{kind.value}, in reply to “" in piped(render_post(post))


def test_an_update_of_a_turn_is_an_update() -> None:
    post = covered("Meridian Journal", tie=FIRST)

    assert piped(render_update(post)) == piped(render_update(replace(post, tie=None)))


def test_a_merged_post_links_the_story_that_tells_its_news_now() -> None:
    post = message(tie=replace(FIRST, kind=TieKind.MERGED))

    assert piped(render_update(post)).splitlines() == [
        "MERGED   Huawei fails to get AT&T to sell its phones",
        "         now told in “AT&T may drop Huawei, sources say”",
        "         https://a.example/0",
        "",
    ]


@pytest.mark.parametrize("render", [render_post, render_update])
def test_many_outlets_become_a_number(render: Any) -> None:
    text = piped(render(covered(*(f"Outlet {number}" for number in range(9)))))

    assert text.count("Outlet") == 3
    assert re.search(r"Outlet \d \+\d", text)


def test_the_headline_and_the_address_are_links_on_a_terminal() -> None:
    targets = [url for url in OSC_8.findall(on_terminal(render_post(message()))) if url]

    assert targets == ["https://example-wire.example/1"] * 2


@pytest.mark.parametrize("render", [render_post, render_update])
def test_a_long_address_is_never_broken(render: Any) -> None:
    post = message(link=LONG_URL)

    assert f"▌ {LONG_URL}" in seen(render(post), width=40)
    assert f"         {LONG_URL}" in piped(render(post)).splitlines()


def test_a_story_without_an_address_is_posted_without_one() -> None:
    assert "http" not in on_terminal(render_post(message(link=None)))


@pytest.mark.parametrize("headline", [HEADLINE * 3, HAN * 3])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_terminal_in_cells_not_characters(headline: str, width: int) -> None:
    post = covered(HAN, headline=headline, summary=headline, link=None)
    drawn = (
        render_post(post),
        render_update(post),
        render_recent([post], asked="Huawei", now=NOW),
        render_digest(Digest((post, post))),
    )

    for line in (line for one in drawn for line in seen(one, width=width)):
        assert cell_len(line) <= min(width, 100)
        assert line == line.rstrip()


def test_in_a_pipe_no_line_is_wrapped() -> None:
    post = message(headline=HEADLINE * 5, summary=HAN * 5)

    lines = piped(render_post(post)).splitlines()

    assert lines[0].endswith(HEADLINE * 5)
    assert lines[1].endswith(HAN * 5)


def test_in_a_pipe_there_is_neither_colour_nor_drawing() -> None:
    post = covered("Meridian Journal", headline=HEADLINE)
    text = piped(render_post(post)) + piped(render_update(post))
    text += piped(render_recent([post], asked="Huawei", now=NOW))

    assert set(text) - set(map(chr, range(0x20, 0x7F))) == {"\n", "×", "·"}


@pytest.mark.parametrize(
    "hostile",
    [
        "[red]x[/red] :smile:",
        "[/nothing",
        "\x1b[2J\x1b[31mx",
        "x\nNEW      forged",
        "\u202ex\u202c",
    ],
)
def test_feed_text_is_inert_wherever_it_stands(hostile: str) -> None:
    post = message(
        story_id=hostile,
        headline=hostile,
        summary=hostile,
        makers=(hostile,),
        outlet=hostile,
        also=(Source(hostile, f"https://a.example/{hostile}"),),
        link=f"https://a.example/{hostile}",
        tie=Tie(TieKind.DENIED, hostile, hostile, f"https://a.example/{hostile}"),
    )
    pipe = [piped(render) for render in (render_post(post), render_update(post))]
    pipe.append(piped(render_recent([post], asked="Huawei", now=NOW)))
    pipe.append(piped(render_digest(Digest((post, post)))))

    assert [text.count("\n") for text in pipe] == [8, 5, 4, 8]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", "".join(pipe))
    assert not re.search(r"\x1b\[(2J|31m)", on_terminal(render_post(post)))


def test_markup_of_a_feed_is_printed_as_it_stands() -> None:
    assert "NEW      [red]x[/red] :smile:\n" in piped(
        render_post(message(headline="[red]x[/red] :smile:"))
    )


def test_a_story_without_a_pair_claims_none() -> None:
    text = piped(render_post(message(is_pair=False, others=("Qualcomm",))))

    assert "         Huawei, AT&T, Qualcomm · deal off\n" in text
    assert "PAIR" not in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_pipe_of_another_encoding_gets_what_it_can_hold(encoding: str) -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    show(Console(file=file, width=80), render_post(message(headline="手机 AT&T", tie=FIRST)))
    file.flush()

    text = raw.getvalue().decode(encoding)
    assert "REPLY    ?? AT&T\n" in text
    assert 'in reply to "AT&T may drop Huawei, sources say"\n' in text
    assert "PAIR  Huawei x AT&T - deal off\n" in text


def test_a_story_without_headline_says_so() -> None:
    assert "NEW      (no headline)\n" in piped(render_post(message(headline="\x1b[0m ")))


def test_recent_stories_are_listed_newest_first() -> None:
    old = message(
        story_id="s0", headline="Older", is_pair=False, published_at=NOW - timedelta(days=2)
    )
    new = covered("Meridian Journal", headline="Newer")

    assert seen(render_recent([old, new], asked="Huawei with AT&T", now=NOW)) == [
        "2 stories, newest first, about Huawei with AT&T",
        " 5 min ago  PAIR  Newer",
        "                  Huawei × AT&T · deal off · 2 outlets · #s1",
        "                  https://example-wire.example/1",
        "   2 d ago        Older",
        "                  Huawei, AT&T · deal off · 1 outlet · #s0",
        "                  https://example-wire.example/1",
    ]


def test_a_digest_lists_its_stories_in_its_order() -> None:
    first = covered("Meridian Journal", headline="First")
    second = message(story_id="s2", headline="Second", is_pair=False)
    digest = render_digest(Digest((first, second)))

    assert seen(digest) == [
        "▌ 2 stories, times in UTC",
        "01-09 08:25  PAIR  First",
        "                   Huawei × AT&T · deal off · 2 outlets · #s1",
        "                   https://example-wire.example/1",
        "01-09 08:25        Second",
        "                   Huawei, AT&T · deal off · 1 outlet · #s2",
        "                   https://example-wire.example/1",
        "",
    ]
    assert piped(digest).splitlines() == [
        "DIGEST   2 stories, times in UTC",
        "2018-01-09 08:25 UTC  PAIR  First",
        "    Huawei × AT&T · deal off · 2 outlets · #s1",
        "    https://example-wire.example/1",
        "2018-01-09 08:25 UTC        Second",
        "    Huawei, AT&T · deal off · 1 outlet · #s2",
        "    https://example-wire.example/1",
        "",
    ]


def test_a_turn_in_the_list_names_the_story_that_it_replies_to() -> None:
    rows = piped(render_recent([message(tie=FIRST)], asked="Huawei", now=NOW)).splitlines()

    assert rows[2].endswith(" · 1 outlet · #s1 · confirmed, in reply to #s0")


def test_recent_stories_in_a_pipe_carry_their_date() -> None:
    post = message(event=Event.OTHER, makers=(), is_pair=False)

    assert piped(render_recent([post], asked="AT&T", now=NOW)).splitlines() == [
        "1 story about AT&T",
        "2018-01-09 08:25 UTC        Huawei fails to get AT&T to sell its phones",
        "    AT&T · other news · 1 outlet · #s1",
        "    https://example-wire.example/1",
    ]


def test_a_list_without_stories_says_so() -> None:
    assert piped(render_recent([], asked="[b]Honor", now=NOW)) == "No stories about [b]Honor\n"


@pytest.mark.parametrize(
    ("ago", "age"),
    [
        (timedelta(minutes=-50), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "1 d ago"),
        (timedelta(days=6, hours=23), "6 d ago"),
        (timedelta(days=7), "2018-01-02"),
    ],
)
def test_ages_are_short(ago: timedelta, age: str) -> None:
    rows = render_recent([message(published_at=NOW - ago)], asked="Huawei", now=NOW)

    assert seen(rows)[1].startswith(f"{age:>10}  PAIR  ")
