"""From which side a headline tells the news: as news, as an answer to it, or beside it.

An event is news once. Reviews, comparisons, guides, bargains and round-ups speak of the
same products in the same words for weeks; and what China says to a ban is not the ban.
"""

from __future__ import annotations

import re

_BESIDE = re.compile(
    r"""
    \breview(?:ed|s)?\b(?!\s+(?:board|process|of\s+(?:the\s+)?(?:deal|merger|bid)))
    | \bhands[\s-]?on\b | \beyes[\s-]?on\b | \bunboxing\b | \bfirst\ impressions?\b
    | \bvs\b\.? | \bversus\b | \bcompared\b | \bcomparison\b | \balternatives?\b
    | ^(?:the\ )?(?:\d+\ )?best\b | \btop\ \d+\b
    | ^\d+\ (?:\w+\ ){0,2}(?:ways|things|reasons|tips|tricks|cases)\b
    | \bhow\ (?:to|much|i|we)\b | \bshould\ (?:you|i|we)\b | \bwhat\ to\ expect\b
    | \bwhat\ we\ (?:know|want)\b | \beverything\ (?:we|you|announced)\b | \bneed\ to\ know\b
    | \bwhy\ (?:i|you|we|it)\b | \bworth\ (?:it|buying)\b | \bopinion\b
    | \bdeals?\ (?:of|on|alert)\b | \bdeal:\ | \bsave\b.*(?:\$|%|€|£|₹) | (?:\$|€|£|₹)[\d,.]+\ off\b
    | \d%\ off\b | \bon\ sale\b | \bhalf\ off\b | \bdiscount(?:ed|s)?\b | \blowest\ price\b
    | \ball-time\ low\b | \bclaim\b.*\b(?:refund|money|settlement|part|share|payout)\b
    | \bowed\ money\b | \bdays?\ left\b
    | \blive\ ?blog\b | \blaunch\ live\b | \blive\ updates\b | ^live:
    | \bdaily\b.*: | \bweekly\b.*: | \bmorning\ after\b | \bnewsletter\b | \bpodcast\b
    | \bround-?\ ?up\b | \brecap\b | \bcircuit:\ | \bthis\ week\b | \bmajor\ announcements\b
    | 评测 | 体验 | 上手 | 对比 | 优惠 | 降价 | 盘点 | 汇总 | 早报 | 晚报 | 日报 | レビュー | まとめ
    | \banálisis\b | \btest\ d[eu]\b | \bim\ test\b | \bprise\ en\ main\b | \brecensione\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ANSWER = re.compile(
    r"""
    \b(?:respond|react|retaliat|hit\ back|hits\ back|fire\ back|fires\ back|fired\ back|lash|slam
       |attack|condemn|criticis|criticiz|denounc|protest|oppos|vow|urge|deni(?:es|ed)|deny|denying
       |refut|reject|rebut|dismiss|apologis|apologiz|concerned|angry|anger|outrag|backlash|welcom
       |defend)\w*
    | \b(?:shares|stocks?)\b.{0,30}
      \b(?:fall|drop|slump|sink|rise|jump|surge|tumble|slide|plunge)\w*
    | 回应 | 否认 | 辟谣 | 谴责 | 反对 | 抗议 | 道歉 | 强烈不满 | 股价 | 反応 | 否定
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_beside(title: str) -> bool:
    """Whether ``title`` announces a review, guide, bargain, comparison or round-up."""
    return _BESIDE.search(title) is not None


def is_answer(title: str) -> bool:
    """Whether ``title`` tells how somebody takes the news: denial, protest, fall of shares."""
    return _ANSWER.search(title) is not None
