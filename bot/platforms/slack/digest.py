"""Several stories as one post: a list that is read in one go, pairs first."""

from __future__ import annotations

from bot.model import Delivery, Digest
from bot.platforms.slack import blocks as make
from bot.platforms.slack.card import say_call, say_fallback
from bot.platforms.slack.drawn import Drawn
from bot.platforms.slack.inert import code
from bot.platforms.slack.limits import MAX_BLOCKS, MAX_MESSAGE
from bot.platforms.slack.rows import Piece, Text, draw_fitting, fit_pieces, say_row
from bot.prose.lists import MAX_ROWS, Block
from bot.prose.posts import count_stories, group_stories

_NAMED = 3  # headlines in the text for notifications


def draw_digest(delivery: Delivery, digest: Digest) -> Drawn:
    """``digest`` as a post; in each group stories keep the order of opening."""
    count, call = count_stories(digest.messages), say_call(delivery)
    button = make.button("About this digest", "about-digest", delivery.id, number=0)
    row = make.actions([button], block_id=make.make_block_id(delivery.id))
    others = make.context(f"The others: {code('/news recent', 40)}")
    behind: list[Piece] = [make.section(call), row] if call else [row]
    room = MAX_MESSAGE - make.weigh([others])
    pieces = [make.header(count), *_draw_groups(digest), *behind]
    fitting = fit_pieces(pieces, most_blocks=MAX_BLOCKS - 1, room=room)
    if any(isinstance(piece, Text) and piece.block.more for piece in fitting):
        fitting = (*fitting[: -len(behind)], others, *behind)
    headlines = "; ".join(story.headline for story in digest.messages[:_NAMED])
    return Drawn(draw_fitting(fitting), say_fallback(f"{count}: {headlines}", call))


def _draw_groups(digest: Digest) -> list[Text]:
    drawn = []
    for name, stories in group_stories(digest.messages).items():
        rows = tuple(say_row(story, has_mark=False) for story in stories[:MAX_ROWS])
        more = len(stories) - len(rows)
        drawn.append(Text(Block(f"*{name}*", rows, more), is_stories=True))
    return drawn
