"""What Discord takes at most; lengths are in units (bot/prose/fitting.py).

Source: Discord API documentation, "Component Reference" (40 components, 4000 characters over
all text of a message, 80 of a button's label, 100 of its custom_id, 512 of its address);
"Message Resource", Create Message (2000 characters of content).
"""

from __future__ import annotations

MAX_TEXT = 4000  # units over all text of a message
MAX_CONTENT = 2000  # units of a message that is no message of components
MAX_COMPONENTS = 40  # nested ones counted
MAX_IN_ROW = 5  # buttons side by side
MAX_LABEL = 80  # units on a button
MAX_CUSTOM_ID = 100
MAX_BUTTON_LINK = 512
