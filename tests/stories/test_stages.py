"""Stages of a product's life in headlines."""

from __future__ import annotations

import pytest

from bot.stories.stages import find_stages


@pytest.mark.parametrize(
    ("title", "stages"),
    [
        ("Example Fold leaks in renders", {"leak"}),
        ("Example teases its first tablet", {"tease"}),
        ("Camera of the Example 9 officially confirmed", {"tease"}),
        ("Example 9 launch date is known", {"date"}),
        ("Example 9 comes to Europe", {"launch"}),
        ("Example 9 launched at a low price", {"launch", "price"}),
        ("You can preorder the Example 9", {"order"}),
        ("Example 9 passes our bend test", {"test"}),
        ("Beta for the Example 9 rolls out", {"update"}),
        ("Filtración: así es el Example 9", {"leak"}),
        ("Example dévoile sa tablette", {"launch"}),
        ("示例手机正式发布", {"launch"}),
        ("示例手机渲染图曝光", {"leak"}),
        ("Regulator fines Example", set()),
    ],
)
def test_verbs_tell_the_stage(title: str, stages: set[str]) -> None:
    assert find_stages(title) == stages
