"""The dashboard, the alert rules and the page about them say what the program exports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.settings import HealthSettings
from bot.web.readiness import BEAT_WITHIN
from tests.telemetry.exported import Family, find_families

DOCS = Path(__file__).resolve().parents[2] / "docs"
FAMILIES = find_families()
ADDED = frozenset({"instance", "job", "le"})
"""Labels that Prometheus adds, and that of a histogram's buckets."""

_SELECTOR = re.compile(
    r"(?P<call>\b(?:rate|increase)\()?\b(?P<name>(?:newsbot|process)_\w+|up)\b(?:\{(?P<on>[^}]*)\})?"
)
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")


def find_panels() -> Iterator[tuple[str, dict[str, Any]]]:
    board = json.loads((DOCS / "grafana/newsbot.json").read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target


def find_rules() -> list[dict[str, Any]]:
    read = YAML(typ="safe").load((DOCS / "prometheus/alerts.yaml").read_text("utf-8"))
    (group,) = read["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


PANELS = list(find_panels())
RULES = find_rules()
EXPRESSIONS = [
    *(pytest.param(target["expr"], id=f"{title} {target['refId']}") for title, target in PANELS),
    *(pytest.param(rule["expr"], id=rule["alert"]) for rule in RULES),
]


def find_family(name: str) -> Family | None:
    """What ``name`` asks for: a metric, or a part of a histogram."""
    base = re.sub(r"_(?:bucket|sum|count)$", "", name)
    if base != name and (family := FAMILIES.get(base)) and family.kind == "histogram":
        return family
    family = FAMILIES.get(name)
    return family if family and family.kind != "histogram" else None


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_what_is_exported(expression: str) -> None:
    selectors = [one for one in _SELECTOR.finditer(expression) if one["name"] != "up"]
    known: set[str] = set(ADDED)
    for one in selectors:
        family = find_family(one["name"])
        assert family, one["name"]
        is_growing = family.kind in {"counter", "histogram"}
        assert bool(one["call"]) == is_growing, f"{one['name']} is a {family.kind}"
        known |= family.labels.keys()
        for label, how, value in _MATCHER.findall(one["on"] or ""):
            assert label in family.labels.keys() | ADDED, f"{one['name']} has no {label}"
            if label not in ADDED:
                named = value.split("|") if "~" in how else [value]
                assert set(named) <= family.labels[label], f"{label} is never {value}"
    for grouping in _GROUPING.findall(expression):
        assert {label.strip() for label in grouping.split(",")} <= known
    assert selectors or expression in {'up{job="newsbot"} == 0', 'absent(up{job="newsbot"})'}


@pytest.mark.parametrize(("title", "target"), PANELS)
def test_a_legend_names_labels_that_are_left(title: str, target: dict[str, Any]) -> None:
    kept = {
        label.strip()
        for grouping in _GROUPING.findall(target["expr"])
        for label in grouping.split(",")
    }
    kept = kept or {"instance"}
    assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= kept, title


def test_panels_have_ids_and_places_of_their_own() -> None:
    panels = json.loads((DOCS / "grafana/newsbot.json").read_text("utf-8"))["panels"]
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].removeprefix("docs/").partition("#")
    headings = re.findall(r"^### (.+)$", (DOCS / page).read_text("utf-8"), re.MULTILINE)

    assert anchor in {heading.lower() for heading in headings}
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"warning", "critical"}


def test_alerts_and_readiness_have_the_same_bounds() -> None:
    health, rules = HealthSettings(), {rule["alert"]: rule["expr"] for rule in RULES}

    assert rules["NewsbotPollsLate"].endswith(f" > {health.late_share:g}")
    assert rules["NewsbotBacklogGrows"].endswith(f" > {health.backlog_s:g}")
    assert rules["NewsbotDiskFull"].endswith(f" < {health.disk_free_mb} * 1024 * 1024")
    assert rules["NewsbotNoScheduler"].endswith(f" > {BEAT_WITHIN.total_seconds():g}")


def test_a_bot_that_is_not_there_at_all_is_told_of() -> None:
    rules = {rule["alert"]: rule["expr"] for rule in RULES}
    (ready,) = [target["expr"] for title, target in PANELS if title == "Ready"]

    assert rules["NewsbotAbsent"] == 'absent(up{job="newsbot"})'
    assert ready.endswith("== bool 0)")  # without any series of up there is no figure, green or not


def test_what_is_broken_is_told_of_wherever_it_is_counted() -> None:
    told = {
        found
        for rule in RULES
        for found in re.findall(r'(newsbot_\w+)\{\w+="broken"\}', rule["expr"])
    }
    assert told == {
        name
        for name, family in FAMILIES.items()
        if any("broken" in known for known in family.labels.values())
    }


def test_the_page_has_every_metric_and_no_other() -> None:
    page = (DOCS / "monitoring.md").read_text("utf-8")
    rows = re.findall(
        r"^\| `((?:newsbot|process)_\w+)` \| (\w+) \| (.*?) \| (.+) \|$", page, re.MULTILINE
    )
    told = {
        name: (kind, frozenset(re.findall(r"`(\w+)`", labels)), what)
        for name, kind, labels, what in rows
    }
    exported = {
        name: (family.kind, frozenset(family.labels), family.what)
        for name, family in FAMILIES.items()
    }

    assert told == exported


def test_the_page_has_every_value_of_a_label_but_the_program_s_own() -> None:
    page = (DOCS / "monitoring.md").read_text("utf-8")
    values = {
        value
        for name, family in FAMILIES.items()
        for label, known in family.labels.items()
        if name != "newsbot_build_info" and label != "platform"
        for value in known
    }

    assert [value for value in sorted(values) if f"`{value}`" not in page] == []
