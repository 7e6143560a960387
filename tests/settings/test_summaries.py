from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.test_load import load, problems

ENDPOINT = '[summaries]\nendpoint_url = "{}"\nendpoint_model = "tiny-1"\n'


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://api.example/v1/", "https://api.example/v1"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_an_endpoint_is_named_by_its_base_and_a_model(
    tmp_path: Path, written: str, read: str
) -> None:
    summaries = load(tmp_path, ENDPOINT.format(written)).summaries

    assert (summaries.endpoint_url, summaries.endpoint_model) == (read, "tiny-1")
    assert summaries.endpoint_key is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            ENDPOINT.format("http://api.example/v1"),
            (
                "2: summaries.endpoint_url should begin with https://, as tokens travel there;"
                " http:// is for localhost, 127.0.0.1 and [::1] alone; got 'http://api.example/v1'"
            ),
        ),
        (
            ENDPOINT.format("https://api.example/v1/chat/completions"),
            "2: summaries.endpoint_url should end before /chat/completions, which is added",
        ),
        (
            "[summaries]\nendpoint_url = 'https://api.example/v1'",
            (
                "2: summaries.endpoint_url needs summaries.endpoint_model too;"
                " got 'https://api.example/v1'"
            ),
        ),
        (
            "summaries.endpoint_model = 'tiny-1'",
            "1: summaries.endpoint_model needs summaries.endpoint_url too; got 'tiny-1'",
        ),
        (
            "summaries.endpoint_key = 'sk-unseen'",
            "1: summaries.endpoint_key needs summaries.endpoint_url too",
        ),
        (
            "summaries.article_deadline_s = 31",
            "1: summaries.article_deadline_s should be less than or equal to 30; got 31",
        ),
        (
            "deliver.gather_s = -1",
            "1: deliver.gather_s should be greater than or equal to 0; got -1",
        ),
        (
            "stories.close_after_h = 0",
            "1: stories.close_after_h should be greater than or equal to 1; got 0",
        ),
    ],
)
def test_what_cannot_work_is_named_before_anything_starts(
    tmp_path: Path, text: str, line: str
) -> None:
    assert problems(tmp_path, text) == [f"newsbot.toml:{line}"]


def test_an_edit_need_not_wait_for_others(tmp_path: Path) -> None:
    assert load(tmp_path, "deliver.gather_s = 0").deliver.gather_s == 0.0
