"""What people call the kinds of events when they ask for them: "bans", "Preise", "禁令".

Pure. These are words of questions, short and plain; what headlines say is in
``config/events*.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.model import Event

_DEALS = (Event.DEAL, Event.DEAL_OFF)

_WORDS: tuple[tuple[tuple[Event, ...], str], ...] = (
    # Whoever asks for deals wants to hear of those that came to nothing, too.
    (
        _DEALS,
        (
            "deal, deals, partnership, partnerships, partner, partners, agreement, agreements, "
            "contract, contracts, abkommen, vereinbarung, vertrag, verträge, partnerschaft, "
            "acuerdo, acuerdos, contrato, contratos, 合作, 协议, 協議, 交易, 合同"
        ),
    ),
    (
        (Event.DEAL_OFF,),
        (
            "deals off, failed deal, failed deals, broken deal, broken deals, cancelled deal, "
            "cancelled deals, canceled deal, canceled deals, 取消合作, 终止合作, 合作取消"
        ),
    ),
    (
        (Event.LAUNCH,),
        (
            "launch, launches, launched, release, releases, released, unveil, unveils, "
            "unveiling, announcement, announcements, new phone, new phones, vorstellung, "
            "neue handys, lanzamiento, lanzamientos, 发布, 發布, 发布会, 新品, 新机, 上市"
        ),
    ),
    (
        (Event.BAN,),
        (
            "ban, bans, banned, sanction, sanctions, sanctioned, restriction, restrictions, "
            "blacklist, export control, export controls, entity list, verbot, verbote, sanktion, "
            "sanktionen, prohibición, prohibiciones, veto, sanción, sanciones, 禁令, 制裁, 封杀, "
            "禁止, 黑名单, 出口管制, 限制"
        ),
    ),
    (
        (Event.LAWSUIT,),
        (
            "lawsuit, lawsuits, sue, sues, sued, suing, court, courts, probe, probes, "
            "investigation, investigations, antitrust, trial, trials, fine, fines, patent, "
            "patents, klage, klagen, prozess, ermittlung, ermittlungen, demanda, demandas, "
            "juicio, investigación, 诉讼, 起诉, 官司, 调查, 罚款, 专利"
        ),
    ),
    (
        (Event.SECURITY,),
        (
            "security, hack, hacks, hacked, breach, breaches, vulnerability, vulnerabilities, "
            "spying, backdoor, backdoors, data leak, data leaks, malware, sicherheit, "
            "sicherheitslücke, sicherheitslücken, seguridad, hackeo, 安全, 漏洞, 黑客, 后门, "
            "泄露, 数据泄露"
        ),
    ),
    (
        (Event.MERGER,),
        (
            "merger, mergers, merge, acquisition, acquisitions, takeover, takeovers, buyout, "
            "stake, fusion, fusionen, übernahme, übernahmen, fusión, fusiones, adquisición, "
            "合并, 收购, 并购"
        ),
    ),
    (
        (Event.EARNINGS,),
        (
            "earnings, results, revenue, revenues, profit, profits, market share, "
            "share of the market, shipments, sales figures, quarterly results, sales, gewinn, "
            "umsatz, marktanteil, absatz, zahlen, ganancias, ingresos, ventas, cuota de mercado, "
            "财报, 业绩, 营收, 利润, 市场份额, 份额, 出货量, 销量"
        ),
    ),
    (
        (Event.NETWORK,),
        (
            "outage, outages, network outage, network outages, coverage, network, networks, "
            "spectrum auction, 5g network, ausfall, ausfälle, netz, netzausbau, störung, "
            "störungen, redes, corte, cortes, apagón, 断网, 网络, 网络故障, 故障, 中断, 基站"
        ),
    ),
    (
        (Event.PRICING,),
        (
            "price, prices, pricing, price cut, price cuts, discount, discounts, price rise, "
            "price rises, price hike, price hikes, tariff plans, preis, preise, preissenkung, "
            "rabatt, rabatte, precio, precios, descuento, descuentos, 价格, 降价, 涨价, 售价, "
            "优惠"
        ),
    ),
    (
        (Event.LEAK,),
        (
            "leak, leaks, leaked, rumour, rumours, rumor, rumors, render, renders, gerücht, "
            "gerüchte, filtración, filtraciones, rumores, 爆料, 传闻, 曝光, 谣言"
        ),
    ),
    (
        (Event.PEOPLE,),
        (
            "people, ceo, appointment, appointments, resignation, resignations, layoff, layoffs, "
            "job cuts, personnel, entlassungen, despidos, nombramiento, 人事, 任命, 辞职, 裁员, "
            "高管"
        ),
    ),
    (
        (Event.REVIEW,),
        (
            "review, reviews, hands-on, tested, comparison, comparisons, testbericht, "
            "testberichte, análisis, reseña, reseñas, 评测, 测评, 上手, 对比"
        ),
    ),
    (
        (Event.SOFTWARE,),
        (
            "software, software update, software updates, android update, system update, "
            "firmware, operating system, aktualisierung, actualización, actualizaciones, 软件, "
            "更新, 升级, 系统"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class SaidEvents:
    """Kinds of events and where a text names them, ``start:end``."""

    events: tuple[Event, ...]
    start: int
    end: int


def find_said_events(text: str) -> Iterator[SaidEvents]:
    """The kinds of events that ``text`` (case-folded) names, in reading order."""
    names, pattern = _read_words()
    for found in pattern.finditer(text):
        yield SaidEvents(names[found[0]], found.start(), found.end())


@lru_cache(maxsize=1)
def _read_words() -> tuple[dict[str, tuple[Event, ...]], re.Pattern[str]]:
    names: dict[str, tuple[Event, ...]] = {}
    for events, words in _WORDS:
        for word in words.split(", "):
            names.setdefault(word.casefold(), events)
    for event in Event:
        names.setdefault(event.label.casefold(), (event,))
        names.setdefault(event.value, (event,))
    longest_first = sorted(names, key=len, reverse=True)
    alternatives = "|".join(
        re.escape(name) if name[0] >= "\u2e80" else rf"(?<![^\W_]){re.escape(name)}(?![^\W_])"
        for name in longest_first
    )
    # A Latin word may stand right beside a Chinese one.
    loose = alternatives.replace(r"[^\W_]", r"[a-z0-9à-öø-ÿ]")
    return names, re.compile(loose)
