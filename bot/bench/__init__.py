"""The benchmark: this bot beside a plain loop and ``reader``, on a thousand feeds of our making.

Each poller is a process of its own, as is the server that they all ask. ``newsbot bench``
runs it small, ``python -m tests.bench.peers`` in full; docs/benchmarks.md tells the method.
"""

from bot.bench.contest import Contest, find_pollers, run_contest
from bot.bench.figures import OURS, TARGETS, Figures, Measured, Phase
from bot.bench.table import render_figures, render_json

__all__ = [
    "OURS",
    "TARGETS",
    "Contest",
    "Figures",
    "Measured",
    "Phase",
    "find_pollers",
    "render_figures",
    "render_json",
    "run_contest",
]
