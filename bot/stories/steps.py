"""What a headline says of the standing of its news: only heard of, certain, denied, undone.

A small list of verbs for each language; what they are about is settled in
stories/turns.py, which compares the report with the story that it would turn. A question
and a refusal to say settle nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = r"[\w’'.&-]+"
_CLAIM = (
    r"(?:reports?|rumou?rs?|claims?|allegations?|accusations?|charges|speculation|talk\ of"
    r"|stor(?:y|ies)|leaks?|wrongdoing|involvement|spying)"
)
# What authorities and shops deny to somebody: that is no word against a report.
_GRANTED = (
    r"(?:export|licen[cs]e|visa|entry|access|bail|requests?|petition|permi(?:t|ssion)|application"
    r"|motion|appeal|approval|stay|injunction|relief|rehearing|review|trial|waiver|exemption"
    r"|extension|extradition|service|refunds?|credit|warranty|coverage|support)s?"
)
_BANNED = (
    r"(?:bans?|restrictions?|sanctions?|embargo(?:es)?|curbs?|blacklist(?:ing)?|blockade|block"
    r"|prohibition|order|injunction|export\ controls?|entity\ list|moratorium|limits?|penalty)"
)

_DENIED = re.compile(
    rf"""
    \b(?:denies|denying|refutes?|refuted|debunks?|debunked|rebuts?|rebutted)\b
      (?!\s+(?:{_WORD}\s+){{0,3}}{_GRANTED}\b)
    | \b(?:den(?:y|ied)|reject(?:s|ed)?|dismiss(?:es|ed)?|disput(?:es|ed)|quash(?:es|ed))\b
      \s+(?:{_WORD}\s+){{0,4}}{_CLAIM}\b
    | \bden(?:y|ied)\s+(?:{_WORD}\s+){{0,2}}talks\b
    | \bshoots?\ down\s+(?:{_WORD}\s+){{0,3}}{_CLAIM}\b
    | \b(?:says?|said|calls?|called|brands?|labels?)\b
      [^.:;]{{0,60}}?\b(?:{_CLAIM}|it|that|this|they|these|those)\b\s+(?:{_WORD}\s+){{0,6}}
      ["“'‘]?(?:not\ true|untrue|false|baseless|unfounded|groundless|inaccurate|fake|nonsense
        |without\ merit)\b
    | \bno\ truth\ (?:to|in)\b | \bno\ plans?\ (?:to|for)\b
    | \b(?:desmient\w+|desminti\w+|niega[n]?(?<!se\ niega)(?<!se\ niegan)
        |negó(?<!se\ negó)|nega[m]?|desmente[m]?
        |smentisc\w+|smentit\w+|dément|démentent|démenti[te]?s?|dementier\w*|bestreite[nt]
        |zaprzecz\w+|dementuj\w+|опроверг\w*|отрица\w+)\b
      (?!\s+(?:{_WORD}\s+){{0,2}}
        (?:entrada|visado|visto|permiso|licencia|licença|acceso|acesso|visum)\b)
    | \bweis(?:t|en)\b.*\bzurück\b
    | 否认(?<![未不]否认)(?<!拒绝否认) | 否認(?<![未不]否認)(?!せ) | 辟谣 | 闢謠 | 不属实 | 不屬實
    | 不实(?:消息|传闻) | 谣言 | 事実無根 | 사실무근 | 사실\ ?아니
    | 부인(?<![가-힣]부인)(?:했|하|해|$|\W)
    """,
    re.VERBOSE,
)
_CONFIRMED = re.compile(
    rf"""
    \b(?:confirms?|confirmed|confirming|acknowledges?|acknowledged|admits?|admitted)\b
      (?!\s+(?:{_WORD}\s+){{0,2}}interest\b)
      (?!\s+by\s+(?:{_WORD}\s+){{0,2}}(?:leak|render|listing|certification|insider|tipster|source
        |report|poster|teaser|benchmark|image|photo)e?s?\b)
    | \b(?:makes?|made|is|are|it['’]?s)\ (?:it\ |now\ )?official\b
    | \bconfirma[n]?\b | \bconfirm(?:ó|ou|ent?|e)\b | \b(?:admite[mn]?|reconoce[n]?|reconnaît)\b
    | \bbestätig\w+ | \bräumt\b.*\bein\b | \bpotwierdz\w+
    | \bconferma(?:no|to|ta)?\b | \bподтвер\w+ | \bпризна(?:л|ла|ли|ет|ют|ёт)\b
    | 证实 | 證實 | 确认 | 確認 | 承认 | 承認 | 坐实 | 官宣 | 認め(?!な|られな) | 正式に発表
    | 확인(?<![가-힣]확인)(?:했|됐|돼|해|$|\W) | 인정(?<![가-힣]인정)(?:했|하|해|$|\W)
    """,
    re.VERBOSE,
)
# Whoever knows from hearsay confirms nothing.
_CONFIRMED_BY_HEARSAY = re.compile(
    r"""
    \b(?:leak|render|listing|certification|insider|tipster|source|report|image|photo|poster|benchmark
      |rumou?r|analyst|teardown|survey|study|poll|filing|database)e?s?
      (?:\s+(?:from|of|on|by)\s+[\w’'-]+)?
      \s+(?:\w+ly\ |all\ but\ )?(?:confirms?|confirmed|acknowledges?)\b
    """,
    re.VERBOSE,
)
_UNSAID = re.compile(
    r"""
    \bneither\b | \bnor\b | \bunconfirmed\b
    | \b(?:not|yet\ to|cannot|never|without|before|until|unless|if
        |refus(?:es|ed|ing)\ to|declin(?:es|ed|ing)\ to|fail(?:s|ed)?\ to)\b
      \s+(?:\w+\s+){0,2}?(?:confirm|deny|acknowledge|admit|reject|dispute)\w*\b
    | \w+n['’]t\s+(?:\w+\s+)?(?:confirm|deny|acknowledge|admit|reject|dispute)\w*\b
    | \b(?:no|sin|não|non|ne|nicht|nie|не)\s+(?:\w+\s+)?
      (?:confirm\w*|conferm\w*|bestätig\w*|potwierdz\w*|подтвер\w*|nieg\w*|desm\w*)
    | (?:confirm|bestätig)\w*\s+(?:noch\ )?nicht\b
    | (?:未|不|无法|拒绝|拒絕)(?:经|予|被|得到)?(?:证实|證實|确认|確認|承认|承認|否认|否認)
    | 認めな | 認めず | 미확인
    """,
    re.VERBOSE,
)
# A court that rejects a claim decides on it.
_RULING = re.compile(
    r"\b(?:judges?|courts?|jury|tribunal|arbitrators?|appeals\ panel|justices|juez|tribunal|gericht"
    r"|cour|corte|sąd|суд)\b|法院|法官|裁判所|地裁|법원"
)
_HEARD = re.compile(
    r"""
    \b(?:reportedly|allegedly|apparently|supposedly|rumou?r(?:s|ed)?|insiders?|tipped|tipster
      |might|could|would|likely|poised|set\ to|said\ to|about\ to|close\ to|near(?:s|ing)
      |plans?|planning|weighs?|weighing|considers?|considering|mulls?|mulling|eyes|eyeing|seeks?
      |proposes?|proposed|exploring|explores|preparing|prepares|ponders?|threatens?|pushes\ for
      |reports?\ (?:say|claim)s?|report\s*:|according\ to|people\ familiar
      |podría[n]?|estudia[n]?|sopesa|pourrai(?:t|ent)|envisage\w*|könnte[n]?|erwäg\w+|soll(?:en)?|offenbar
      |poderia|estuda|potrebbe|valuta|może|mogą|rozważa|может|могут|рассматрива\w+)\b
    | \bexpected\b(?<!than\ expected)(?<!as\ expected)
    | \bsources\b(?<!open\ sources)(?<!power\ sources) | \bsource\ (?:says|said|close)\b
    | \bmay\b(?<!in\ may)(?<!by\ may)(?<!of\ may)(?<!on\ may)(?<!since\ may)(?<!until\ may)
      (?<!this\ may)(?<!last\ may)(?<!next\ may)(?<!early\ may)(?<!late\ may)(?<!from\ may)
      (?!\s+\d)
    | \b(?:in|holds?|holding|begins?|opens?|enters?|resumes?)\ (?:\w+\ )?talks\b
    | \btalks\ (?:to|with|on|over|about)\b
    | ,\ report\ (?:says|claims)\b | \breport$
    | 据传 | 据悉 | 据报道 | 传闻 | ^传 | 消息称 | 爆料 | 知情人士 | 或将 | 或被 | 或遭
    | 拟(?<![虚模]拟) | 考虑 | 计划 | 有望 | 可能
    | 報道 | 関係者 | 検討 | 見通し | [へか]$ | 알려졌 | 검토 | 전망
    """,
    re.VERBOSE,
)
# A leak is hearsay, unless it is data that leaked.
_LEAK = re.compile(r"\bleak(?:s|ed|ing)?\b")
_DATA = re.compile(
    r"\b(?:data|personal|customers?|users?|subscribers?|records?|passwords?|credentials?|accounts?"
    r"|security|privacy|numbers|millions?|m)\b"
)
_DECIDED = re.compile(
    r"""
    \b(?:bans|banned|blocks|blocked|blacklists|blacklisted|signs(?!\ of)|signed|adopts|adopted
      |imposes|imposed|orders|ordered|finali[sz]es|finali[sz]ed|approves|approved|prohibits
      |prohibited|bars|barred|outlaws|outlawed|takes\ effect|goes\ into\ effect|votes\ to
      |prohíbe|veta|interdit|verbietet|proíbe|vieta|zakazuje|запретил\w*)\b
    | 禁止 | 封禁 | 列入 | 签署 | 正式 | 금지
    """,
    re.VERBOSE,
)
_LIFT = (
    r"(?:lift|eas|overturn|revers|rescind|scrap|repeal|revok|waiv|suspend|drop|remov|delay"
    r"|postpon|relax|loosen|end|void|annul|halt|paus|strik)(?:s|es|ed|p?ped|ping|ing|e)?"
)
_LIFTED_IS = (
    r"(?:lifted|eased|overturned|reversed|rescinded|scrapped|repealed|revoked|waived|suspended"
    r"|dropped|removed|delayed|postponed|relaxed|loosened|ended|voided|annulled|halted|paused"
    r"|struck\ down)"
)
_NO_LINK = r"(?!(?:on|after|over|amid|despite|in|as|before|since|with|by|due|to)\b)"
_LIFTED = re.compile(
    rf"""
    \b(?:{_LIFT}|struck)\s+(?:down\s+)?(?:{_NO_LINK}{_WORD}\s+){{0,4}}?{_BANNED}\b
    | \b{_BANNED}\s+(?:(?:on|of|against|for)\s+(?:{_WORD}\s+){{1,4}}?)?
      (?:(?:is|are|was|were|has|have|been|to|be|gets?|temporarily|partially|finally)\s+){{0,4}}
      {_LIFTED_IS}\b
    | \b(?:off|from)\ (?:the\ )?(?:{_WORD}\ ){{0,2}}(?:blacklist|entity\ list|ban\ list)\b
    | \breprieve\b | \boff\ the\ hook\b | \bun-?ban(?:s|ned)?\b | \bexempt(?:s|ed)?\b
    | \blevanta(?:n|ron)?\b.*\b(?:veto|prohibición|sanciones|bloqueo|restricciones)\b
    | \b(?:lève|lèvent|lever|levée)\b.*\b(?:interdiction|sanctions|embargo|restrictions)
    | \b(?:verbot|bann|sanktionen)\b.*\b(?:aufgehoben|auf|gekippt)\b
    | \b(?:hebt|heben)\b.*\b(?:verbot|bann|sanktionen)\w*\b.*\bauf\b
    | \b(?:revoga|suspende|derruba|levanta)m?\b.*\b(?:proibição|banimento|sanções|veto)\b
    | \b(?:revoca|toglie|sospende|revocano|tolgono)\b.*\b(?:bando|divieto|sanzioni|blocco)\b
    | \b(?:znos\w+|zniesion\w+|uchyla\w*)\b.*\b(?:zakaz|sankcj)\w*
    | \bсня(?:л|ли|ла|ты|т)\b.*\b(?:запрет|санкци)\w*
    | (?:解除|取消|松绑|豁免|撤销|放宽|推迟|暂停|暂缓).*(?:禁|限制|制裁|管制|清单|名单)
    | (?:禁|限制|制裁|管制|清单|名单).*(?:解除|取消|松绑|豁免|撤销|放宽|推迟|暂缓)
    | 移[出除].*[名清]单 | (?:禁止|規制|制裁|禁輸).*(?:解除|撤回|緩和|延期) | 解禁
    | (?:금지|제재|규제).*(?:해제|철회|완화|유예)
    """,
    re.VERBOSE,
)
# To want it undone, and not to undo it, leave it as it is.
_STILL_BANNED = re.compile(
    r"""
    \b(?:asks?|asked|urges?|urged|calls?|called|wants?|seeks?|sues?|sued|suing|appeals?|appealed|petitions?
      |lobb(?:y|ies|ied)|hopes?|pleads?|begs?|bids?|push(?:es|ed)?|fights?|fighting|demands?|challenges?|vows?
      |tries|trying|pressures?|refus\w+|rejects?|rejected|den(?:y|ies|ied)|reinstat\w+|restor\w+|opposes?
      |opposed|against|warns?|won['’]t|not|no|never|cannot|can['’]t|doesn['’]t|didn['’]t|isn['’]t|despite|unless
      |until|if|licen[cs]es?\ to|pide[n]?|fordert|demande|chiede|pede|требует|просит)\b
    | 呼吁 | 要求 | 敦促 | 希望 | 拒绝 | 不会 | 不解除 | 未解除 | 求め | 촉구
    """,
    re.VERBOSE,
)
_RENEWED = re.compile(
    r"""
    \b(?:back\ on|back\ in\ talks|back\ at\ the\ table|revive[sd]?|reviving|resum(?:es?|ed)
      |renew(?:s|ed)?|again|after\ all|reinstate[sd]?|restores?|restored|u-turn
      |second\ (?:try|chance)|new\ (?:deal|agreement)|relaunch\w*|salvage[sd]?|rescue[sd]?
      |signs(?!\ of)|signed|agrees?|seals|sealed|strikes|reaches|retoma\w*|reanuda\w*
      |relance\w*|wieder|doch\ noch|riprend\w*|wraca|wznawia\w*|возобнов\w+|снова)\b
    | 恢复 | 重启 | 重新 | 再次 | 重返 | 再開 | 復活 | 재개
    """,
    re.VERBOSE,
)
_QUESTION = re.compile(r"[?？]\s*$")


@dataclass(frozen=True, slots=True)
class Standing:
    """How certain a headline's news is.

    Attributes:
        is_denied: somebody says that it is not so.
        is_confirmed: somebody who knows says that it is so.
        is_heard: it is told on hearsay, as something to come, or asked.
        is_decided: it was done, and not only planned.
        is_lifted: something that was forbidden or ordered is so no longer.
        is_renewed: something that had ended begins once more, or is settled at last.
        is_open: it is asked, or nobody will say.
    """

    is_denied: bool
    is_confirmed: bool
    is_heard: bool
    is_decided: bool
    is_lifted: bool
    is_renewed: bool
    is_open: bool


@lru_cache(maxsize=16_384)  # the titles of recent stories are read again for each report
def read_standing(title: str) -> Standing:
    """What ``title`` says of the standing of its news; nothing of it where it says nothing."""
    title = title.lower()  # twice as fast as expressions that ignore case
    is_asked = _QUESTION.search(title) is not None
    is_heard = is_asked or _is_heard(title)
    is_open = is_asked or _UNSAID.search(title) is not None
    is_denied = not is_open and bool(_DENIED.search(title)) and not _RULING.search(title)
    is_confirmed = (
        not (is_open or is_denied)
        and bool(_CONFIRMED.search(title))
        and not _CONFIRMED_BY_HEARSAY.search(title)
    )
    return Standing(
        is_denied=is_denied,
        is_confirmed=is_confirmed,
        is_heard=is_heard,
        is_decided=not is_heard and bool(_DECIDED.search(title)),
        is_lifted=not is_heard and bool(_LIFTED.search(title)) and not _STILL_BANNED.search(title),
        is_renewed=not is_asked and bool(_RENEWED.search(title)),
        is_open=is_open,
    )


def _is_heard(title: str) -> bool:
    if _HEARD.search(title):
        return True
    return bool(_LEAK.search(title)) and not _DATA.search(title)
