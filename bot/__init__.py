"""Newsbot: posts each story about handset makers and carriers once, where people talk.

Start reading at ``bot/model`` (the words), then ``bot/pipeline`` (one feed:
fetch, decide, commit once) and ``bot/app`` (who is joined to whom).
"""

__version__ = "0.1.0"
