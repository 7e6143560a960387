"""English verbs as a headline has them: "launch", "launches", "launched", "launching"."""

from __future__ import annotations

from functools import cache

_VOWELS = "aeiou"

# Forms that no rule gives; "~" writes them out.
_IRREGULAR = {
    "acquit": "acquitted acquitting",
    "admit": "admitted admitting",
    "be": "is are was were been being",
    "beat": "beaten",
    "become": "became",
    "begin": "began begun beginning",
    "bend": "bent",
    "blow": "blew blown",
    "break": "broke broken",
    "bring": "brought",
    "build": "built",
    "burst": "",
    "buy": "bought",
    "catch": "caught",
    "choose": "chose chosen",
    "come": "came",
    "commit": "committed committing",
    "cost": "",
    "cut": "",
    "deal": "dealt",
    "defer": "deferred deferring",
    "do": "did done",
    "draw": "drew drawn",
    "drive": "drove driven",
    "equip": "equipped equipping",
    "expel": "expelled expelling",
    "fall": "fell fallen",
    "feed": "fed",
    "feel": "felt",
    "fight": "fought",
    "find": "found",
    "fly": "flew flown",
    "forget": "forgot forgotten forgetting",
    "freeze": "froze frozen",
    "get": "got gotten",
    "give": "gave given",
    "go": "went gone",
    "grow": "grew grown",
    "have": "had has",
    "hear": "heard",
    "hit": "",
    "hold": "held",
    "hurt": "",
    "keep": "kept",
    "know": "knew known",
    "lay": "laid",
    "lead": "led",
    "leave": "left",
    "let": "",
    "light": "lit lighted",
    "lose": "lost",
    "make": "made",
    "mean": "meant",
    "meet": "met",
    "outbid": "outbidding",
    "outsell": "outsold",
    "overtake": "overtook overtaken",
    "pay": "paid",
    "permit": "permitted permitting",
    "put": "",
    "quit": "quitting",
    "rebuild": "rebuilt",
    "refer": "referred referring",
    "ride": "rode ridden",
    "rise": "rose risen",
    "run": "ran",
    "say": "said",
    "see": "saw seen",
    "seek": "sought",
    "sell": "sold",
    "send": "sent",
    "set": "",
    "shake": "shook shaken",
    "show": "showed shown",
    "shrink": "shrank shrunk",
    "shut": "",
    "sink": "sank sunk",
    "slide": "slid",
    "speak": "spoke spoken",
    "speed": "sped",
    "spend": "spent",
    "spill": "spilled spilt",
    "split": "",
    "spread": "",
    "steal": "stole stolen",
    "stick": "stuck",
    "strike": "struck",
    "submit": "submitted submitting",
    "sweep": "swept",
    "swell": "swelled swollen",
    "swing": "swung",
    "take": "took taken",
    "teach": "taught",
    "tear": "tore torn",
    "tell": "told",
    "think": "thought",
    "throw": "threw thrown",
    "transmit": "transmitted transmitting",
    "undercut": "undercutting",
    "undergo": "underwent",
    "understand": "understood",
    "unplug": "unplugged unplugging",
    "unwrap": "unwrapped unwrapping",
    "upset": "upsetting",
    "wake": "woke woken",
    "wear": "wore worn",
    "win": "won",
    "wind": "wound",
    "withdraw": "withdrew withdrawn",
    "withhold": "withheld",
    "write": "wrote written",
}


def inflect(verb: str) -> tuple[str, str]:
    """The third person and the past; of several words the first changes ("rolled out")."""
    first, space, rest = verb.partition(" ")
    return f"{_third(first)}{space}{rest}", f"{_pasts(first)[0]}{space}{rest}"


def progressive(verb: str) -> str:
    """As it stands after "is": "launching", "rolling out"."""
    first, space, rest = verb.partition(" ")
    return f"{_stem(first)}ing{space}{rest}"


@cache
def find_forms(verb: str) -> tuple[str, ...]:
    """All forms of a verb or noun: "drop", "drops", "dropped", "dropping".

    Spellings that nobody uses may be among them; they are never found.
    """
    forms = [verb, _third(verb), *_pasts(verb), f"{_stem(verb)}ing"]
    if verb.endswith("el"):  # cancelled, canceled
        forms += [f"{verb}ed", f"{verb}ing", f"{verb}led", f"{verb}ling"]
    if verb.endswith("ie"):  # tying, dying
        forms.append(f"{verb[:-2]}ying")
    return tuple(dict.fromkeys(forms))


def _third(verb: str) -> str:
    return f"{verb[:-1]}ies" if _ends_in_y(verb) else f"{verb}{_plural_ending(verb)}"


def _pasts(verb: str) -> tuple[str, ...]:
    if verb in _IRREGULAR:  # "" is one like "cut", which has no other form
        return tuple(_IRREGULAR[verb].split()) or (verb,)
    if _ends_in_y(verb):
        return (f"{verb[:-1]}ied",)
    return (f"{verb}d",) if verb.endswith("ee") else (f"{_stem(verb)}ed",)


def _stem(verb: str) -> str:
    """What "ed" and "ing" are put to."""
    if verb.endswith("e") and not verb.endswith("ee") and verb != "be":
        return verb[:-1]
    return verb + verb[-1] if _doubles(verb) else verb


def _ends_in_y(verb: str) -> bool:
    return verb.endswith("y") and verb[-2:-1] not in tuple(_VOWELS)


def _plural_ending(verb: str) -> str:
    return "es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else "s"


def _doubles(verb: str) -> bool:
    """Whether the last letter is doubled: a short verb in consonant, vowel, consonant."""
    vowels = sum(letter in _VOWELS for letter in verb)
    return (
        len(verb) > 2
        and vowels == 1
        and verb[-2] in _VOWELS
        and verb[-1] not in f"{_VOWELS}wxy"
        and verb[-3] not in _VOWELS
    )
