"""What every table of the settings file is made of."""

from __future__ import annotations

from pydantic import BaseModel, BeforeValidator, ConfigDict

Word = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
"""A word whose case does not matter."""


class Section(BaseModel):
    """A table of the settings file. What is kept out of its repr is kept out of errors too."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
