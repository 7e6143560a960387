"""What is in the database and in the channels at the end, held against what was published."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bot.model import Destination
from tests.fleet.chats import Post
from tests.fleet.news import MARK, Truth

MOST_SHOWN = 12
OUTLET = re.compile(r"Outlet (\d+)\b")


@dataclass
class Findings:
    """What was found; good where all of these are empty.

    Attributes:
        lost_entries, double_entries, stale_entries: of a feed: not stored, more than once, with
            a title that is not its latest.
        lost_stories: news that no story was opened for.
        double_stories: news told by several stories.
        mixed_stories: stories that tell of several news.
        lost_posts, double_posts: a news in a channel: not posted, more than once.
        stale_posts: without an outlet that tells of the news too.
        unsettled: deliveries that are not sent as they are, by state.
        jobs: left over, by queue and status; but for polls that wait for their time.
    """

    entries: int = 0
    news: int = 0
    posts: int = 0
    edits: int = 0
    lost_entries: list[str] = field(default_factory=list)
    double_entries: list[str] = field(default_factory=list)
    stale_entries: list[str] = field(default_factory=list)
    lost_stories: list[str] = field(default_factory=list)
    double_stories: list[str] = field(default_factory=list)
    mixed_stories: list[str] = field(default_factory=list)
    lost_posts: list[str] = field(default_factory=list)
    double_posts: list[str] = field(default_factory=list)
    stale_posts: list[str] = field(default_factory=list)
    unsettled: Counter[str] = field(default_factory=Counter)
    jobs: Counter[str] = field(default_factory=Counter)

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, twice, or left over."""
        lists = [value for value in vars(self).values() if isinstance(value, list | Counter)]
        return not any(lists)

    def tell(self) -> str:
        """The figures, and what is wrong by name."""
        lines = [
            f"entries published     {self.entries}",
            f"news, posts, edits    {self.news}, {self.posts}, {self.edits}",
        ]
        kinds = ("entries", "stories", "posts")
        for kind in kinds:
            lost, twice = getattr(self, f"lost_{kind}"), getattr(self, f"double_{kind}")
            lines.append(f"{kind:8} LOST/TWICE   {len(lost)} / {len(twice)}")
        lines += [
            f"titles, posts stale   {len(self.stale_entries)}, {len(self.stale_posts)}",
            f"stories of two news   {len(self.mixed_stories)}",
            f"deliveries not sent   {dict(self.unsettled) or 0}",
            f"jobs left over        {dict(self.jobs) or 0}",
        ]
        for name, value in vars(self).items():
            if isinstance(value, list) and value:
                word = "LOST" if name.startswith("lost") else "TWICE"
                word = word if name.startswith(("lost", "double")) else "WRONG"
                lines += [f"{word} {name}: {one}" for one in value[:MOST_SHOWN]]
        return "\n".join(lines)


@dataclass(frozen=True)
class Stored:
    """What the database holds.

    Attributes:
        entries: address of the feed, guid, title, and story or "".
        unsettled: deliveries that are not sent as they are, by state.
        jobs: by queue and status, but for polls and chores that wait for their time.
    """

    entries: tuple[tuple[str, str, str, str], ...]
    unsettled: Counter[str] = field(default_factory=Counter)
    jobs: Counter[str] = field(default_factory=Counter)


def read_stored(conninfo: str) -> Stored:
    """Look at the database at ``conninfo``, as libpq takes it."""
    with psycopg.connect(conninfo) as connection:
        entries: list[tuple[Any, ...]] = connection.execute(
            "SELECT f.url, e.guid, e.title, e.story_id FROM entries e"
            " JOIN feeds f ON f.id = e.feed_id"
        ).fetchall()
        states: list[tuple[Any, ...]] = connection.execute(
            "SELECT platform || ' ' || state || CASE WHEN sent_revision < revision"
            " THEN ' of an older revision' ELSE '' END, count(*) FROM deliveries"
            " WHERE state <> 'sent' OR sent_revision < revision GROUP BY 1"
        ).fetchall()
        jobs: list[tuple[Any, ...]] = connection.execute(
            "SELECT queue_name || ' ' || status, count(*) FROM procrastinate_jobs"
            " WHERE NOT (queue_name = 'poll' OR queue_name LIKE 'chores.%') OR status <> 'todo'"
            " GROUP BY 1"
        ).fetchall()
    return Stored(tuple(entries), Counter(dict(states)), Counter(dict(jobs)))


def judge(
    truth: Truth,
    urls: Sequence[str],
    stored: Stored,
    posts: Sequence[Post],
    places: Sequence[Destination],
) -> Findings:
    """Hold what is stored and posted against the truth.

    Args:
        urls: of the feeds, in their order.
        places: the channels that want all news.
    """
    found = Findings(entries=truth.entries, news=len(truth.news), posts=len(posts))
    found.edits = sum(post.edits for post in posts)
    found.unsettled, found.jobs = stored.unsettled, stored.jobs
    _count_entries(found, truth, {url: n for n, url in enumerate(urls)}, stored)
    _count_stories(found, truth, stored)
    _count_posts(found, truth, posts, places)
    return found


def _count_entries(found: Findings, truth: Truth, feeds: dict[str, int], stored: Stored) -> None:
    titles_of: dict[str, list[str]] = defaultdict(list)
    for url, guid, title, _ in stored.entries:
        titles_of[guid].append(title)
        if guid.partition("-")[0] != str(feeds.get(url)):
            found.double_entries.append(f"{guid} stands in the feed {url}")
    for feed, titles in enumerate(truth.titles):
        for index, title in enumerate(titles):
            there = titles_of.pop(f"{feed}-{index}", [])
            name = f"entry {index} of {len(titles)} of feed {feed}: {title!r}"
            if not there:
                found.lost_entries.append(name)
            elif len(there) > 1:
                found.double_entries.append(name)
            elif there != [title]:
                found.stale_entries.append(f"{name} is {there[0]!r}")
    found.double_entries += [f"{guid} was never published" for guid in titles_of]


def _count_stories(found: Findings, truth: Truth, stored: Stored) -> None:
    stories: dict[int, set[str]] = {number: set() for number in truth.news}
    news: dict[str, set[int]] = defaultdict(set)
    for _, _, title, story in stored.entries:
        if (mark := MARK.search(title)) and story:
            stories[int(mark[1])].add(story)
            news[story].add(int(mark[1]))
    for number, ids in stories.items():
        if not ids:
            found.lost_stories.append(_name(truth, number))
        elif len(ids) > 1:
            found.double_stories.append(f"{_name(truth, number)} in {sorted(ids)}")
    found.mixed_stories = [f"{id_}: {sorted(of)}" for id_, of in news.items() if len(of) > 1]


def _count_posts(
    found: Findings, truth: Truth, posts: Sequence[Post], places: Sequence[Destination]
) -> None:
    seen: Counter[tuple[int, str]] = Counter()
    for post in posts:
        marks = {int(mark) for mark in MARK.findall(post.text)}
        if len(marks) != 1:
            found.double_posts.append(f"{post.place.key}: a post of {sorted(marks)}: {post.text!r}")
            continue
        (number,) = marks
        seen[number, post.place.key] += 1
        shown = {int(outlet) for outlet in OUTLET.findall(post.text)}
        told = truth.news.get(number)
        if told and (missing := set(told.feeds) - shown):
            found.stale_posts.append(f"{post.place.key}: {_name(truth, number)} lacks {missing}")
    for number in truth.news:
        for place in places:
            times = seen[number, place.key]
            if not times:
                found.lost_posts.append(f"{place.key}: {_name(truth, number)}")
            elif times > 1:
                found.double_posts.append(f"{place.key}: {times} times {_name(truth, number)}")


def _name(truth: Truth, number: int) -> str:
    told = truth.news[number]
    return f"news {number} of outlets {told.feeds}: {told.title[:60]!r}"
