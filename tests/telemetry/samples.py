"""What was counted, read as a collector reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from bot.telemetry.metrics import Metrics


def read(metrics: Metrics, *, zeros: bool = False) -> dict[str, float]:
    """Every sample of ours as ``name{label=value}``; those that are 0 only with ``zeros``."""
    text = metrics.expose("")[0].decode()
    return {
        _name(one): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if (one.value or zeros) and one.name.startswith("newsbot_")
    }


def _name(sample: Sample) -> str:
    labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
    return sample.name.removeprefix("newsbot_") + (f"{{{labels}}}" if labels else "")
