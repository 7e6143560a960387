"""Whether what a case brought did harm: against what it must come to, and in what is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.model import Delivery, Digest, Message, Platform
from bot.platforms.discord import card as discord_card
from bot.platforms.discord import digest as discord_digest
from bot.platforms.preview.markdown import Node, tell
from bot.platforms.slack import card as slack_card
from bot.platforms.slack import digest as slack_digest
from tests.hostile.lab import Outcome
from tests.platforms.discord import judge as discord
from tests.platforms.slack import judge as slack

Harm = Iterator[str]

LONGEST_LINE = 1000
"""Characters of an error that a person may have to read."""

SOME_TIME = (0.0, 9 * 86_400.0)
"""No feed is forgotten: within these seconds it is asked again, whatever it did."""

OURS = {"code"}
"""Kinds of text that a card writes itself: the marks, and the command that lists the rest."""


def find_harm(outcome: Outcome) -> list[str]:
    """What is not as the case says it must be; nothing, if all went well."""
    return [
        *_find_wrong_state(outcome),
        *_find_wrong_schedule(outcome),
        *_find_growth(outcome),
        *_find_wrong_posts(outcome),
        *find_live_text(outcome),
    ]


def find_live_text(outcome: Outcome) -> list[str]:
    """Whatever in the posts for Discord and Slack does something that a stranger wrote."""
    return [
        *(
            harm
            for owed, shown in outcome.given[Platform.DISCORD]
            for harm in _on_discord(owed, shown)
        ),
        *(harm for owed, shown in outcome.given[Platform.SLACK] for harm in _on_slack(owed, shown)),
    ]


def _find_wrong_state(outcome: Outcome) -> Harm:
    expect, feed = outcome.case.expect, outcome.feed
    if outcome.touched:
        yield f"the canary was touched at {outcome.touched}"
    if feed.trouble != expect.trouble:
        yield f'the trouble is "{feed.trouble}", not "{expect.trouble}": {feed.error}'
    if bool(feed.error) != bool(expect.trouble):
        yield f'the error is "{feed.error}"'
    if not re.search(expect.says, feed.error):
        yield f'"{feed.error}" does not say "{expect.says}"'
    if "\n" in feed.error or "secret" in feed.error or len(feed.error) > LONGEST_LINE:
        yield f'"{feed.error[:2000]}" is no line to show'


def _find_wrong_schedule(outcome: Outcome) -> Harm:
    expect, feed = outcome.case.expect, outcome.feed
    if not feed.url.endswith(expect.moved):
        yield f"it is not polled at {expect.moved}, but {feed.url}"
    if not expect.moved and feed.url != outcome.address:
        yield f"it is polled at {feed.url}, not {outcome.address}"
    least, most = expect.due_s or SOME_TIME
    if not least <= outcome.due_in_s <= most:
        yield f"it is due in {outcome.due_in_s:.0f} s, not within {least:.0f} to {most:.0f}"


def _find_growth(outcome: Outcome) -> Harm:
    if outcome.own_mb > outcome.case.most_mb:
        yield f"the bot grew by {outcome.own_mb:.0f} MB at its largest"
    if outcome.left_mb > outcome.case.most_mb:
        yield f"bot and workers are left {outcome.left_mb:.0f} MB larger"


def _find_wrong_posts(outcome: Outcome) -> Harm:
    expect = outcome.case.expect
    if len(outcome.titles) != expect.entries:
        yield f"{len(outcome.titles)} entries are stored, not {expect.entries}"
    if outcome.posts != expect.posts:
        yield f"{outcome.posts} entries were told, not {expect.posts}"
    if outcome.twice:
        yield f"posted more than once: {outcome.twice}"
    if outcome.edits > expect.edits:
        yield f"{outcome.edits} edits were posted, more than {expect.edits}"
    if expect.shows and tuple(outcome.titles) != expect.shows:
        yield f"the titles are {outcome.titles}"


def _on_discord(owed: Delivery, shown: Message | Digest) -> Harm:
    if isinstance(shown, Digest):
        drawn = discord_digest.draw_digest(owed, shown)
    else:
        drawn = discord_card.draw_post(owed, shown)
    nodes = discord.nodes_of(discord.texts_of(drawn))
    yield from _judge(nodes, discord.CAUSED - OURS)
    yield from _judge_buttons(discord.buttons_of(drawn))


def _on_slack(owed: Delivery, shown: Message | Digest) -> Harm:
    if isinstance(shown, Digest):
        drawn = slack_digest.draw_digest(owed, shown)
    else:
        drawn = slack_card.draw_post(owed, shown)
    nodes = slack.nodes_of(slack.texts_of(drawn))
    yield from _judge(nodes, slack.CAUSED - OURS)
    yield from _judge(slack.nodes_of([drawn.text]), slack.CAUSED)
    yield from _judge_buttons(slack.buttons_of(drawn))


def _judge(nodes: list[Node], caused: frozenset[str]) -> Harm:
    for node in nodes:
        if node.kind in caused:
            yield f"a post holds a {node.kind}: {tell([node])!r}"
        if node.kind == "link":
            if urlsplit(node.target).scheme not in {"http", "https"}:
                yield f"a post leads to {node.target!r}"
            if "://" in tell([node]):
                yield f"a link to {node.target!r} is called {tell([node])!r}"


def _judge_buttons(buttons: list[dict[str, str]]) -> Harm:
    for button in buttons:
        if "url" in button and urlsplit(button["url"]).scheme not in {"http", "https"}:
            yield f"a button leads to {button['url']!r}"
