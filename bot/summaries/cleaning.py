"""What stands around the news in a feed's text and is no news: cut before anything is chosen.

Only whole pieces at the seams go (bylines and datelines in front, prompts behind, whole
sentences of boilerplate); the text that stays is verbatim.
"""

from __future__ import annotations

import re

_TAIL = 800  # characters at the end, where prompts stand

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_NAME = r"[A-Z][\w.'’-]+(?:\s+(?:[A-Z][\w.'’-]+|de|van|von|al)){0,3}"
_AGENCY = (
    r"(?:\w+\s)?(?:Reuters|AP|Associated\sPress|AFP|CNN|CNNMoney|CNBC|BBC|UPI|Xinhua|Bloomberg|Kyodo"
    r"|ANI|PTI|IANS|dpa|Newswire|Business\sWire|BUSINESS\sWIRE|PRNewswire|GLOBE\sNEWSWIRE)"
    r"(?:\sNews\w*)?"
)

# In front of the text; tried again and again, as they come in rows.
_FRONT = re.compile(
    rf"""
    \s*(?:[|•·–—-]\s*)?(?:
      (?:By|BY)\s+\.\s+[^.|]{{2,60}}\s+\.(?=\s)                  # By . Jane Doe .
    | (?:By|BY)\s+{_NAME}(?:\s+and\s+{_NAME})?(?:\s*[|•·,]\s*|\s+[-–—]+\s+|\s*\n)
    | (?:PUBLISHED|Published|UPDATED|Updated|Posted|Last\ updated)\b:?\s*\.?\s*
      (?:(?:on|at)\s+)?[^.|]{{0,40}}?\b(?:19|20)\d\d\b(?:,?\s*\d{{1,2}}:\d\d(?:\s*[AaPp]\.?[Mm]\.?)?)?
      \s*[.|]?(?:\s*\|\s*\.)?
    | (?:[A-Z][\w.'’-]*,?\s+){{0,5}}(?:{_MONTH}\s+\d{{1,2}},?\s*(?:\d{{4}}\s*)?)?
      \([^()]{{0,30}}?{_AGENCY}[^()]{{0,20}}\)\s*[-–—]*\s*         # BERLIN, Germany (CNN) --
    | [A-Z][A-Z.'’ -]{{2,30}}(?:,\s*[A-Z][\w. ]{{1,20}})?(?:,?\s+{_MONTH}\s+\d{{1,2}})?\s+[–—]+\s+
    | [\w\u4e00-\u9fff]{{2,16}}?\s*\d{{1,2}}\s*月\s*\d{{1,2}}\s*日(?:消息|讯|电)[，,：:\s]*
    | 【[^】]{{2,20}}(?:报道|讯|消息|电)】\s*
    | (?:Image|Photo|Illustration|Photograph|Credit)s?(?:\s+credit)?(?::|\s+by\s)
      [^.!?\n]{{2,80}}?(?:/\s*(?:The\ Verge|Getty\ Images|[A-Z]\w+)|\n)\s+
    | (?:ADVERTISEMENT|Advertisement|Scroll\ down\ for\ video|Listen\ to\ this\ article)\s*[.:]?\s+
    )""",
    re.VERBOSE,
)

# Behind the text; all to the end goes.
_BACK = re.compile(
    r"""
    \s*(?:
      \bThe\ post\ .{1,300}?\ (?:first\ )?appeared\ (?:first\ )?on\b.*
    | \bThis\ (?:article|story|post)\ (?:was\ )?(?:first|originally)
      \ (?:appeared|published|posted)\b.*
    | \(?\[?\b(?:Read|See|Learn)\s+(?:the\ )?(?:[Mm]ore|full\ (?:story|article|post)|rest\b[^.]*)
      (?:\s+(?:at|on|here)\b[^.!?]{0,60})?\s*\W*
    | \b(?:Continue|Keep)\ [Rr]eading\b[^.!?]{0,200}\W*
    | \bClick\ here\b[^.!?]*\W*
    | (?:^|(?<=[.!?…\s]))(?:Share\ (?:this|on)|Follow\ us\ on|Like\ us\ on|Sign\ up\ for
        |Subscribe\ to|View\ (?:entire|full|original)|Article\ URL:|Comments\ URL:|Filed\ under
        |Related:)(?!\w).*
    | (?:阅读全文|查看全文|点击查看|更多内容|查看更多|责任编辑|原文链接|本文来自
        |続きを読む|もっと見る|Leer\ más|Lire\ la\ suite|Weiterlesen).*
    | \[\s*\+\d+\ chars\s*\]
    | »|›|→
    )\s*$""",
    re.VERBOSE | re.DOTALL,
)

# A whole sentence of these is about the page, not the news.
_PROMPT = re.compile(
    r"""
    (?:Read\ (?:more|also|next|on)\b | See\ also\b | Also\ read\b | Related\b:? | More:
    | (?:Please\ )?(?:Follow|Like|Join)\ us\b | Share\ this | Sign\ up\b | Subscribe\b
    | Click\ here\b | Scroll\ down\b | Watch\ (?:the\ video|below) | Advertisement\b
    | (?:Image|Photo|Credit|Source)s?(?:\ credit)?: | Photo\ by\b | Image\ by\b
    | All\ rights\ reserved | Copyright\b | ©
    | (?:Reporting|Writing|Editing|Additional\ reporting)\ by\b
    | We\ may\ (?:earn|receive)\b | This\ (?:article|story)\ (?:may\ )?contains?\b
    | 点击 | 关注我们 | 扫码 | 扫描二维码 | 责任编辑 | 来源[：:] | 图源
    ).*""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_DOTS = re.compile(r"\s*(?:\[\s*(?:\.{2,}|…)\s*\]|\(\s*(?:\.{2,}|…)\s*\)|\.{3,}|…+)\s*$")

_DOT_ENDS = ("..", "…", "]", ")")


def clean_text(text: str) -> str:
    """``text`` on one line, without what stands before and behind the news.

    A paragraph's end stays as an empty line, as a sentence ends there.
    """
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    text = "\n\n".join(part for part in paragraphs if part)
    while (front := _FRONT.match(text)) and front.end():
        text = text[front.end() :]
    while (back := _BACK.search(text, max(0, len(text) - _TAIL))) and back.group():
        text = text[: back.start()]
    return text.strip()


def is_prompt(sentence: str) -> bool:
    """Whether ``sentence`` tells the reader what to do, or whose picture it is."""
    return _PROMPT.fullmatch(sentence) is not None


def cut_dots(sentence: str) -> tuple[str, bool]:
    """``sentence`` without truncation dots at its end, and whether there were any."""
    dots = _DOTS.search(sentence) if sentence.endswith(_DOT_ENDS) else None
    return (sentence[: dots.start()], True) if dots else (sentence, False)
