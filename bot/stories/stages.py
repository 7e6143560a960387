"""At which stages of a product's life a headline sees it, from rumour to the shop and after.

Each stage is news of its own, told in the words of the one before: who announces a price
names the same product, company and parts as who leaked them a week ago.
"""

from __future__ import annotations

import re
from functools import lru_cache

_STAGES = re.compile(
    r"""
    (?P<leak>\b(?:leak|rumou?r|render|alleged|spotted|purported|tipp?ed|tipster|may\b|might\b
      |could\b|filtra|fuite|rumeur|gerücht|durchgesickert|vazam)|爆料|泄露|泄漏|曝光|渲染|传闻|リーク)
    | (?P<tease>\b(?:teas|hint|sneak\ peek|glimpse|first\ look|first\ official|upcoming
      |confirm|live\ image|adelant|aperçu|previews?\b)|预热|予告)
    | (?P<date>\b(?:launch|release|event)\ (?:date|window|set|confirmed|event)
      |\b(?:launch|arriv|com|debut|releas)\w*\ (?:on|in|next|this)\ (?:\d|next|week|month|year
      |jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)
      |\bdate\b|\bset\ (?:to|for)\b|\bnext\ (?:week|month)\b|定档|官宣)
    | (?P<launch>\b(?:launch(?:es|ed)\b|unveil|debut(?:s|ed)?\b|announc|introduc|official\b
      |officially\ (?!confirm)|showcas|\w+\ globally\b|(?:going|goes)\ global\b
      |(?:com(?:es|ing)|arriv(?:es|ed)|lands?)\ (?:to|in)\b|is\ here\b|are\ here\b
      |makes?\ \w+\ official|lanza|presenta|dévoile|lance\b|stellt)|发布|亮相|推出|発表)
    | (?P<price>\b(?:pric(?:e|es|ed|ing)\b|costs?\b|precio|prix\b|preis)|售价|价格)
    | (?P<order>\b(?:pre-?orders?|preventa|précommande|vorbestell|reserv)|\b(?:on\ sale\b
      |now\ available|available\ (?:now|today|to)|ships?\b|shipping|buy\b)|预售|开售|预订|预约)
    | (?P<test>\b(?:durability|teardown|torture|bend|scratch|benchmark|cracks?\b|survive)|拆解|跑分)
    | (?P<update>\b(?:updates?\b|patch|beta\b|roll(?:s|ed|ing)?\ ?out|rollout|bugs?\b|fix(?:es)?\b)
      |更新|推送|升级|アップデート)
    """,
    re.IGNORECASE | re.VERBOSE,
)


@lru_cache(maxsize=8192)
def find_stages(title: str) -> frozenset[str]:
    """The stages that the words of ``title`` speak of, as named in ``_STAGES``; often none."""
    return frozenset(match.lastgroup for match in _STAGES.finditer(title) if match.lastgroup)
