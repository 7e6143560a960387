"""Text as nobody should publish it, for properties of what is drawn from it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.model import Event, Message, Source, Tie, TieKind

SIGNS = (
    *"*_~`|<>[]()#@:/\\!&+-.'\"1 \n\t",
    "**",
    "__",
    "~~",
    "||",
    "```",
    "](",
    "[x](https://evil.example)",
    "](https://evil.example)",
    "https://evil.example/a_b",
    "http://",
    "discord.gg/evil",
    "<https://evil.example>",
    "<@123>",
    "<@!123>",
    "<@&123>",
    "<#123>",
    "</ban all:123>",
    "<t:1:R>",
    "<:evil:123>",
    "<a:evil:123>",
    "<id:guide>",
    "<evil@evil.example>",
    "<+49 123 456>",
    "<!channel>",
    "<!here|here>",
    "<!subteam^S1|desk>",
    "<@U1>",
    "<#C1|news>",
    "<!date^1^{time}|x>",
    "<https://evil.example|x>",
    "*b*",
    "_i_",
    "~no~",
    "`c`",
    "&amp;amp;",
    "&lt;!channel&gt;",
    "&gt; ",
    "\n&gt;&gt;&gt; ",
    ":white_check_mark:",
    "10:30:45",
    "a_b_c",
    "5*3",
    "a * b",
    "|",
    "@everyone",
    "@here",
    ":smile:",
    "\n# ",
    "\n-# ",
    "\n- ",
    "\n> ",
    "\n>>> ",
    "\n1. ",
    "1. ",
    "2) ",
    "-# ",
    "### ",
    "word",
    "AT&amp;T",
    "华为手机",
    "👩‍💻",
    "🇺🇸",
    "👍🏽",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\U000e0041",
    "\U000e0101",
    "\u3164",
    "\x1b[31m",
    "e\u0301\u0301\u0301\u0301\u0301",
    "\ud800",
)

STARTS = ("", "# ", "## ", "-# ", "- ", "+ ", "> ", ">>> ", "12. ", "3) ", "```")
bombs = st.builds(
    lambda start, signs: start + "".join(signs),
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(SIGNS), max_size=40),
)
short_bombs = st.lists(st.sampled_from(SIGNS), max_size=6).map("".join)
long_bombs = st.builds(lambda one, times: (one * times)[:2000], bombs, st.integers(2, 100))
texts = st.one_of(bombs, st.text(max_size=60), long_bombs)
links = st.one_of(
    st.none(),
    st.builds("https://news.example/{}".format, st.one_of(bombs, st.text(max_size=40))),
    st.builds(lambda n: "https://news.example/" + "a" * n, st.sampled_from([280, 479, 980, 5000])),
    st.builds(lambda n: "https://news.example/?" + "a&" * n, st.sampled_from([40, 240, 480])),
    texts,
)
moments = st.integers(0, 253_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
names = st.lists(
    st.one_of(st.sampled_from(["Huawei", "AT&T", "小米"]), short_bombs), max_size=8
).map(lambda some: tuple(some * (1 if len(some) < 4 else 9)))
sources = st.builds(Source, st.one_of(st.just("Pocket Line"), texts), links)
ties = st.builds(Tie, st.sampled_from(TieKind), st.just("s0"), texts, links)


def _many(one: list[Source], times: int) -> tuple[Source, ...]:
    return tuple(one * times)


messages = st.builds(
    Message,
    story_id=st.one_of(st.just("k4wz7q2m5a"), bombs),
    headline=texts,
    link=links,
    summary=texts,
    makers=names,
    carriers=names,
    others=names,
    is_pair=st.booleans(),
    event=st.sampled_from(Event),
    outlet=texts,
    published_at=moments,
    also=st.builds(_many, st.lists(sources, max_size=4), st.sampled_from([1, 2, 100])),
    tie=st.one_of(st.none(), ties),
)
