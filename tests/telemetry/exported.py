"""All that the program may export: every family, as a collector sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Platform
from bot.ports import FeedGauges, Gauges, Overdue
from bot.scheduling.workers import Load
from bot.telemetry.health import LoopMonitor
from bot.telemetry.metrics import Metrics
from bot.web.readiness import CHECKS
from tests.builders import NOW


@dataclass(frozen=True)
class Family:
    """One metric, by the name under which its figures are asked for.

    Attributes:
        labels: with the values that each may have; without those that Prometheus adds.
    """

    name: str
    kind: str
    labels: Mapping[str, frozenset[str]]
    what: str


class _Part:
    """Workers, and a platform that is connected."""

    name = "Discord"
    is_heard = True
    load = Load()


def find_families() -> dict[str, Family]:
    """Those of ours, and of the process what the library tells, by their names."""
    metrics = Metrics(platforms=tuple(Platform))
    metrics.watch(LoopMonitor())
    for reads in ("documents", "articles"):
        metrics.watch_workers(reads, _Part())
    metrics.watch_gateways([_Part()])
    gauges = Gauges(NOW, FeedGauges(), {Platform.SLACK: Overdue(1, NOW)}, NOW)
    metrics.note_health(gauges, dict.fromkeys(CHECKS, True), disk_free_bytes=1)
    found = {}
    for family in metrics.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels: defaultdict[str, set[str]] = defaultdict(set)
        for sample in family.samples:
            for label, value in sample.labels.items():
                labels[label].add(value)
        labels.pop("le", None)
        known = {label: frozenset(values) for label, values in labels.items()}
        found[name] = Family(name, family.type, known, family.documentation)
    return found
