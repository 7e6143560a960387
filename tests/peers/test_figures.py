"""Medians, ratios, and what makes a comparison unfair; how both are told."""

from __future__ import annotations

import json

from bot.bench import OURS, Figures, Measured, Phase, render_figures, render_json

FEEDS = 10
STATUS = {Phase.COLD: 200, Phase.UNCHANGED: 304, Phase.ONE_NEW: 200}


def measured(phase: Phase, cpu_s: float, *, entries: int | None = None) -> Measured:
    stored = FEEDS * (21 if phase is Phase.ONE_NEW else 20)
    return Measured(
        cpu_s=cpu_s,
        wall_s=2 * cpu_s,
        peak_bytes=50_000_000,
        entries=stored if entries is None else entries,
        answers={STATUS[phase]: FEEDS},
    )


def figures(*, entries: int | None = None, is_by_port: bool = False) -> Figures:
    """Ours takes 0.1, 0.3 and 0.2 s; reader 1 s, and stores ``entries``."""
    ours = {phase: [measured(phase, cpu_s) for cpu_s in (0.1, 0.3, 0.2)] for phase in Phase}
    reader = {phase: [measured(phase, 1.0, entries=entries)] for phase in Phase}
    return Figures(
        feeds=FEEDS,
        entries=20,
        rounds={OURS: ours, "reader": reader},
        versions={OURS: "1.0", "reader": "3.26"},
        is_by_port=is_by_port,
    )


def test_a_figure_is_the_median_of_the_rounds_for_one_feed() -> None:
    assert figures().cpu_ms(OURS, Phase.COLD) == 20.0
    assert figures().times_ours("reader", Phase.COLD) == 5.0


def test_pollers_that_did_the_same_are_compared_without_a_word() -> None:
    assert figures().find_flaws() == ()
    assert "All stored the same: 200 entries, then 210." in render_figures(figures())


def test_a_poller_that_stored_less_is_named() -> None:
    shown = render_figures(figures(entries=199))

    assert "not fair" in shown
    assert "reader, cold: 199 entries stored, not 200" in shown
    assert "All stored the same" not in shown


def test_a_poller_that_was_given_documents_anew_is_named() -> None:
    found = figures()
    whole = Measured(1.0, 1.0, 1, 200, {200: 9, 304: 1})
    rounds = {**found.rounds, "reader": {**found.rounds["reader"], Phase.UNCHANGED: [whole]}}

    flaws = Figures(FEEDS, 20, rounds, found.versions).find_flaws()

    assert flaws == ("reader, unchanged: answers were 9 × 200, 1 × 304, not 10 × 304",)


def test_the_table_says_how_many_times_our_cpu_others_take() -> None:
    rows = render_figures(figures()).splitlines()

    assert next(row for row in rows if "5.0 times" in row).split()[:4] == [
        "reader", "3.26", "100.00", "ms",
    ]  # fmt: skip
    assert sum("newsbot 1.0" in row for row in rows) == len(Phase)


def test_the_table_says_where_hosts_were_ports() -> None:
    assert "a port each" in render_figures(figures(is_by_port=True))
    assert "a port each" not in render_figures(figures())


def test_programs_get_every_round() -> None:
    told = json.loads(render_json(figures()))

    assert told["phases"]["cold"][OURS]["cpu_s"] == [0.1, 0.3, 0.2]
    assert told["phases"]["one new"]["reader"]["times_ours"] == 5.0
    assert told["flaws"] == []
