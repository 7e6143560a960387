"""Imported by the fork server alone, before it forks: what every worker needs is there then.

Reading a document of each kind makes what the parsers make once. Frozen, it is left alone
by the collector, whose marks would copy each page it shares with the workers.
"""

from __future__ import annotations

import gc

import pebble.pool.process  # noqa: F401 - which the workers run

import bot.scheduling.workers  # noqa: F401 - whose functions they are told to call
from bot.parsing import parse_feed

RSS = (
    b"<rss version='2.0'><channel><title>Wire</title><item><title>Story</title><link>/1</link>"
    b"<pubDate>Mon, 08 Jan 2018 12:00:00 GMT</pubDate>"
    b"<description>&lt;p&gt;Text&lt;/p&gt;</description></item></channel></rss>"
)
ATOM = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>Wire</title><entry><title>Story</title>"
    b"<link href='/1'/><updated>2018-01-08T12:00:00Z</updated>"
    b"<summary type='html'>&lt;p&gt;Text&lt;/p&gt;</summary></entry></feed>"
)
JSON = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "Wire",'
    b' "items": [{"id": "1", "content_html": "<p>Text</p>"}]}'
)

for _body in (RSS, ATOM, JSON):
    parse_feed(_body, url="https://wire.example/")
gc.collect()
gc.freeze()
