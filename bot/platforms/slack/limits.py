"""What Slack takes at most; lengths are in units (bot/prose/fitting.py).

Source: Slack documentation, "Block Kit", reference of blocks, block elements and composition
objects; the validators of slack_sdk.models, which repeat most of them.
"""

from __future__ import annotations

MAX_BLOCKS = 50  # of a message; a modal and a Home tab hold more
MAX_VIEW_BLOCKS = 100
MAX_SECTION = 3000  # units of one text in a section or in a context
MAX_HEADER = 150
MAX_IN_ROW = 25  # elements of an actions block
MAX_IN_CONTEXT = 10
MAX_LABEL = 75  # units on a button
MAX_VALUE = 2000  # of a button
MAX_ACTION_ID = 255
MAX_BLOCK_ID = 255
MAX_BUTTON_LINK = 3000
MAX_CONFIRM_TITLE = 100
MAX_CONFIRM_TEXT = 300
MAX_CONFIRM_LABEL = 30

MAX_MESSAGE = 12_000
"""Units over all that the blocks of a message say, their addresses and ids among them.

Slack documents no such limit and refuses a message at about 13,200 characters with
"msg_blocks_too_long" (slackapi/bolt-js, issue 2509).
"""

MAX_FALLBACK = 3000
"""Units of the text beside the blocks; Slack cuts it at 40,000, a notification shows a line or two.

Source: Slack documentation, "chat.postMessage", truncating content.
"""
