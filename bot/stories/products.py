"""Which products a headline names, and which kinds of product a text speaks of.

A maker shows a dozen things in a week, in the same words: what tells its stories apart
is the product. Outlets do not always give its name, and nearly always its kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.stories.fingerprint import find_tokens, is_model, is_numbered


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Each kind in the languages of our feeds, and the lines of products that are always of it.
_WORDS = {
    "phone": (
        "phone phones smartphone smartphones handset handsets cellphone cellphones thinkphone"
        " teléfono móvil celular téléphone telefon handy celulare"
    ),
    "foldable": (
        "foldable foldables folding fold flip clamshell rollable trifold razr plegable pliable"
        " faltbar pieghevole dobrável"
    ),
    "tablet": "tablet tablets pad matepad tab slate tableta tablette tavoletta",
    "e-reader": "e-reader e-readers ereader ebook notepad notetaker",
    "laptop": (
        "laptop laptops notebook notebooks chromebook chromebooks ultrabook pc pcs portátil"
        " portable desktop"
    ),
    "tv": "tv tvs television televisions televisor fernseher téléviseur qled",
    "monitor": "monitor monitors thinkvision",
    "projector": "projector projectors beamer proyector projecteur",
    "watch": "watch watches smartwatch smartwatches band bracelet fitness-tracker reloj montre",
    "earbuds": (
        "earbuds earbud buds earphones headphones headphone freebuds tws auriculares écouteurs"
        " kopfhörer cuffie"
    ),
    "glasses": "glasses smartglasses eyewear gafas lunettes brille",
    "headset": "headset headsets goggles vr",
    "speaker": "speaker speakers soundbar soundbars altavoz enceinte lautsprecher",
    "console": "handheld handhelds console consoles consola konsole",
    "camera": "webcam dashcam doorbell",
    "accessory": "accessory accessories fob dongle hotspot cooler skin skins case cases",
    "charger": "charger chargers powerbank cargador chargeur ladegerät",
    "keyboard": "keyboard keyboards mouse teclado clavier tastatur",
    "dock": "dock docks hub docking",
    "router": "router routers gateway mesh",
    "chip": (
        "chip chips chipset chipsets processor processors soc semiconductor semiconductors kirin"
        " puce puces chips halbleiter"
    ),
    "car": "car cars ev evs vehicle vehicles sedan suv coche voiture auto autos",
    "robot": "robot robots humanoid roboter",
    "vacuum": "vacuum vacuums vacuum-cleaner aspirador aspirateur staubsauger",
}
_UNSPACED = {
    "phone": "手机 智能机 スマートフォン スマホ",
    "foldable": "折叠 折り畳み 折りたたみ",
    "tablet": "平板 タブレット",
    "e-reader": "电子书 墨水屏",
    "laptop": "笔记本 ノートパソコン",
    "tv": "电视 テレビ",
    "monitor": "显示器",
    "projector": "投影",
    "watch": "手表 手环 腕時計 スマートウォッチ",
    "earbuds": "耳机 イヤホン",
    "glasses": "眼镜",
    "headset": "头显 头戴",
    "speaker": "音箱 音响",
    "console": "掌机",
    "charger": "充电器 充电宝",
    "keyboard": "键盘 鼠标",
    "router": "路由器",
    "chip": "芯片 处理器 半导体 半導体 麒麟",
    "car": "汽车 电动车",
    "robot": "机器人",
    "vacuum": "扫地机",
}
# Families of laptops, with phones, docks and monitors of the same name beside them.
_LAPTOPS = _listed("thinkpad thinkbook ideapad matebook magicbook yogabook yoga legion loq")
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_KIND_OF_UNSPACED = {word: kind for kind, words in _UNSPACED.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_UNSPACED_WORD = re.compile("|".join(map(re.escape, _KIND_OF_UNSPACED)))
_ORDER = re.compile(r"^\W*watch\b", re.IGNORECASE)  # "Watch: ..." asks people to look

_ALSO = {"foldable": "phone"}  # what one outlet calls a foldable is a phone to another
_NAMES_ONLY = _listed(
    "fold flip tab pad slate band hub case mouse"
)  # in small letters: plain words


@lru_cache(maxsize=8192)
def find_kinds(text: str) -> frozenset[str]:
    """The kinds of product named in ``text``; a foldable is not listed as a phone as well."""
    found = {_KIND_OF_UNSPACED[word] for word in _UNSPACED_WORD.findall(text)}
    written = _WORD.findall(_ORDER.sub("", text))
    words = [word.lower() for word in written if word not in _NAMES_ONLY]
    for word in words:
        if kind := _KIND_OF.get(word):
            found.add(kind)
        elif "-" in word:
            found.update(_KIND_OF[part] for part in word.split("-") if part in _KIND_OF)
    if not (found or _LAPTOPS.isdisjoint(words)):
        found.add("laptop")
    if "laptop" in found:
        found.discard("foldable")
    return frozenset(found - {_ALSO[kind] for kind in found if kind in _ALSO})


# Lines of products that say which it is by themselves, and those that are plain words as
# well: they count right behind a maker's name, or with a number or a model behind them.
_LINES = _listed(
    """
    nord buds freebuds freeclip razr thinkphone thinkpad thinkbook ideapad yoga yogabook legion
    ideacentre thinkcentre matepad matebook magicbook magicpad redmi poco civi narzo phantom
    camon reno enco axon nubia redmagic rayneo nxtwear nxtpaper moto harmonyos hyperos miui
    coloros oxygenos magicos originos emui pura
    """
)
_PLAIN_LINES = _listed(
    """
    ace band blade book duet edge find flex flip fold glass gt hot k magic mate mi mix n neo
    note nova open p pad pova spark stylus tab turbo v view watch x y z zero
    """
)
_VARIANTS = _listed(
    """
    ce carbon concept extreme flip fold fusion gen go lite max mini neo play plus power pro
    prime r racing s se speed t turbo twist ultra x youth
    """
)
_MAKERS = _listed(
    """
    huawei honor xiaomi redmi poco oppo oneplus realme vivo iqoo zte nubia redmagic lenovo
    motorola moto tcl meizu tecno infinix itel hisense coolpad nothing
    华为 荣耀 小米 红米 一加 真我 中兴 联想 摩托罗拉 努比亚 魅族
    """
)
# Products of others, named to compare with; and parts and systems that many products share.
_RIVALS = _listed("galaxy iphone ipad pixel kindle airpods macbook surface quest")
_RIVAL_MAKERS = _listed("samsung apple google microsoft sony asus meta 三星 苹果 谷歌")
_PARTS = _listed(
    """
    snapdragon dimensity helio exynos gen wi-fi wifi bluetooth android ios windows ces mwc ifa
    usb hdmi ddr gorilla geforce rtx core ryzen gtx intel amd web top day phase chapter part
    q1 q2 q3 q4 1080p 720p 4k 8k c a15 a16 a17 version beta wear
    """
)
_SERIES = _listed("series lineup line-up range family serie gamme 系列")
NO_BRANDS: frozenset[str] = frozenset()
_GLUED = 2  # letters of a line that is written with its number as one ("GT3") or as two ("GT 3")


@dataclass(frozen=True, slots=True)
class Product:
    """A product as a headline names it.

    Attributes:
        lines: the lines it is of ("redmi", "note"), as far as named.
        number: its number or model ("12", "n2"), or "".
        variant: what comes with it ("pro", "plus"), in the order written.
        is_series: all variants of it ("13 series").
    """

    lines: frozenset[str]
    number: str = ""
    variant: tuple[str, ...] = ()
    is_series: bool = False

    @property
    def name(self) -> str:
        """Its number and variant, or the lines of one without a number."""
        return " ".join(
            (self.number, *self.variant) if self.number else (*sorted(self.lines), *self.variant)
        )

    def is_akin(self, other: Product) -> bool:
        """Whether both are of one series: the same, or its Pro beside the plain one."""
        return self.is_same(other) or bool(self.number and self.number == other.number)

    def is_same(self, other: Product) -> bool:
        """Whether both may be the same product; one may leave out what the other says."""
        if self.number and other.number:
            is_variant = (
                self.is_series
                or other.is_series
                or frozenset(self.variant) == frozenset(other.variant)
            )
            return (
                self.number == other.number
                and is_variant
                and (
                    not (self.lines and other.lines)
                    or any(one in two or two in one for one in self.lines for two in other.lines)
                )
            )
        mine, theirs = self.lines.union(self.variant), other.lines.union(other.variant)
        return not mine.isdisjoint(theirs)


@lru_cache(maxsize=8192)
def find_products(title: str) -> tuple[Product, ...]:
    """The products that ``title`` names, in order, none twice; rivals' only where alone."""
    tokens = find_tokens(title)
    raw = [match.group().lower() for match in tokens]
    own: dict[Product, None] = {}
    rival: dict[Product, None] = {}
    at = 0
    while at < len(tokens):
        end = at + 1
        if raw[at] in _PARTS:
            while end < len(raw) and (raw[end] in _PARTS or raw[end][:1].isdigit()):
                end += 1
        elif _opens(tokens, raw, at):
            while end < len(raw) and _continues(tokens, raw, end):
                end += 1
            if product := _make_product(raw[at:end], raw[end] if end < len(raw) else ""):
                (rival if _is_rival(raw, at) else own).setdefault(product)
        at = end
    return tuple(own or (() if _MAKERS.intersection(map(_bare, raw)) else rival))


@lru_cache(maxsize=8192)
def find_brands(title: str) -> frozenset[str]:
    """The handset makers named in ``title``, in capitals and with a product or a kind of one.

    For makers that the catalogue does not watch: some are called like plain words.
    """
    tokens = find_tokens(title)
    named = {
        _bare(match.group().lower()) for match in tokens if not match.group()[:1].islower()
    } & _MAKERS
    return frozenset(named) if named and (find_products(title) or find_kinds(title)) else NO_BRANDS


def _is_rival(raw: list[str], at: int) -> bool:
    before = _bare(raw[at - 1]) if at else ""
    return raw[at] in _RIVALS or before in _RIVAL_MAKERS


def _bare(word: str) -> str:
    """``word`` as a name, without its possessive ending."""
    return word.removesuffix("'s").removesuffix("'")


def _opens(tokens: Sequence[re.Match[str]], raw: list[str], at: int) -> bool:
    """Whether a product's name begins at token ``at``."""
    text = raw[at]
    if text in _RIVALS or (text in _LINES and tokens[at].group() != text):
        return True
    after = raw[at + 1] if at + 1 < len(raw) else ""
    if is_model(text):
        return True
    if tokens[at]["number"]:
        return at > 0 and is_numbered(tokens[at - 1], tokens[at], after)
    if text in _PLAIN_LINES and tokens[at].group() != text:
        is_owned = at > 0 and _bare(raw[at - 1]) in _MAKERS | _RIVAL_MAKERS
        return is_owned or (bool(after) and _is_number(tokens[at + 1], after))
    return False


def _continues(tokens: Sequence[re.Match[str]], raw: list[str], at: int) -> bool:
    text = raw[at]
    if text in _PARTS or text in {"5g", "4g"}:
        return False
    if _is_number(tokens[at], text):
        after = raw[at + 1] if at + 1 < len(raw) else ""
        return is_model(text) or is_numbered(tokens[at - 1], tokens[at], after)
    is_name = tokens[at].group()[:1].isupper() or not text.isascii()
    return is_name and (text in _VARIANTS or text in _LINES or text in _PLAIN_LINES)


def _is_number(match: re.Match[str], text: str) -> bool:
    return is_model(text) or bool(match["number"])


def _make_product(words: Sequence[str], after: str) -> Product | None:
    lines: set[str] = set()
    numbers, variant = [], []
    for before, word in pairwise(("", *words)):
        if any(map(str.isdigit, word)):
            is_glued = word.isdigit() and before in _PLAIN_LINES and len(before) <= _GLUED
            numbers.append(f"{before}{word}" if is_glued else word)
        elif word in _VARIANTS and word not in _LINES and (lines or numbers):
            variant.append(word)
        elif word in _LINES or word in _PLAIN_LINES or word in _RIVALS or word in _VARIANTS:
            lines.add(word)
    if not lines and not numbers:
        return None
    return Product(
        frozenset(lines),
        numbers[0] if numbers else "",
        tuple(dict.fromkeys(variant)),
        is_series=after in _SERIES,
    )
