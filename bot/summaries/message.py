"""A story as people read it: names instead of ids, plain text, nothing escaped yet."""

from __future__ import annotations

from bot.model import Catalogue, Message, Source, Story


def make_message(story: Story, catalogue: Catalogue) -> Message:
    """What a post shows of ``story``; a company gone from ``catalogue`` keeps its id."""
    return Message(
        story_id=story.id,
        headline=story.headline,
        link=story.link,
        summary=story.summary,
        makers=tuple(map(catalogue.name_of, story.makers)),
        carriers=tuple(map(catalogue.name_of, story.carriers)),
        others=tuple(map(catalogue.name_of, story.others)),
        is_pair=story.is_pair,
        event=story.event,
        outlet=story.outlet,
        published_at=story.published_at,
        also=tuple(Source(told.outlet, told.link) for told in story.also_covered_by),
        revision=story.revision,
        tie=story.tie,
    )
