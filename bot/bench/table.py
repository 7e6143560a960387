"""Figures as people and programs read them; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.bench.figures import OURS, Figures, Phase

_TITLES = {
    Phase.COLD: "A first poll: every entry is new",
    Phase.UNCHANGED: "Nothing new",
    Phase.ONE_NEW: "One new entry in each feed",
}
_NAMES = {OURS: "newsbot", "plain": "plain loop", "reader": "reader"}
_POLLS_AN_HOUR = 6


def render_figures(figures: Figures) -> str:
    """A table of the medians, a block for each phase, and what they mean."""
    return "\n".join((*_rows(figures), "", *_remarks(figures)))


def render_json(figures: Figures) -> str:
    """The same, with every round, as one JSON object."""
    phases = {
        phase.value: {
            poller: {
                "cpu_ms_a_feed": round(figures.cpu_ms(poller, phase), 4),
                "wall_s": round(figures.wall_s(poller, phase), 4),
                "peak_mb": round(figures.peak_mb(poller, phase), 1),
                "times_ours": round(figures.times_ours(poller, phase), 2),
                "entries": [one.entries for one in rounds[phase]],
                "cpu_s": [round(one.cpu_s, 4) for one in rounds[phase]],
            }
            for poller, rounds in figures.rounds.items()
        }
        for phase in Phase
    }
    return json.dumps(
        {
            "feeds": figures.feeds,
            "entries_a_feed": figures.entries,
            "versions": dict(figures.versions),
            "phases": phases,
            "flaws": list(figures.find_flaws()),
        }
    )


def _rows(figures: Figures) -> Iterator[str]:
    label = {name: f"{_NAMES[name]} {figures.versions[name]}".strip() for name in figures.rounds}
    width = max(map(len, (*_TITLES.values(), *label.values()))) + 2
    yield f"{'':{width}}{'CPU a feed':>12}{'in all':>10}{'memory':>10}   CPU beside newsbot"
    for phase in Phase:
        yield _TITLES[phase]
        for poller in figures.rounds:
            row = (
                f"{'  ' + label[poller]:{width}}{figures.cpu_ms(poller, phase):9.2f} ms"
                f"{figures.wall_s(poller, phase):8.2f} s{figures.peak_mb(poller, phase):7.0f} MB"
            )
            times = figures.times_ours(poller, phase)
            yield row if poller == OURS else f"{row}   {times:.1f} times"


def _remarks(figures: Figures) -> Iterator[str]:
    if flaws := figures.find_flaws():
        yield "The comparison is not fair, as not all did the same:"
        yield from (f"  {flaw}" for flaw in flaws)
    else:
        stored = (f"{figures.stored(phase):,}" for phase in (Phase.COLD, Phase.ONE_NEW))
        yield f"All stored the same: {' entries, then '.join(stored)}."
    if OURS in figures.rounds:
        share = figures.cpu_ms(OURS, Phase.UNCHANGED) * _POLLS_AN_HOUR / 3_600
        yield (
            "A thousand feeds with nothing new, each polled every ten minutes, keep newsbot "
            f"busy for {share:.2%} of one core."
        )
    if "plain" in figures.rounds:
        yield "The plain loop is httpx, feedparser and sqlite3; it matches and posts nothing."
    if figures.is_by_port:
        yield "This machine has one loopback address, so feeds had a port each, not an address."
