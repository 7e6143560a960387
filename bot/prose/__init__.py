"""How running text is built, for every room that reads it."""

from bot.prose.sentences import iter_sentences, iter_spans

__all__ = ["iter_sentences", "iter_spans"]
