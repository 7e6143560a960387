"""What strangers send to our servers is no error of ours, and no line of the log."""

from __future__ import annotations

import logging


class StrangersLog(logging.LoggerAdapter[logging.Logger]):
    """The logger of an aiohttp server that anybody may call.

    A scanner, or a browser that speaks TLS to a plain port, would have a traceback written with
    each call, with what was asked for in it: keys stand in addresses. Defects are logged as ever.
    """

    def __init__(self) -> None:
        super().__init__(logging.getLogger("aiohttp.server"), {})

    def exception(
        self, msg: object, *args: object, exc_info: object = True, **kwargs: object
    ) -> None:
        """Log a defect; of what is no HTTP, by its ``code`` of the four hundreds, its kind."""
        code = getattr(exc_info, "code", 500)
        if isinstance(code, int) and 400 <= code < 500:
            self.debug("refused what is no HTTP: %s", type(exc_info).__name__)
        else:
            super().exception(msg, *args, exc_info=exc_info, **kwargs)  # type: ignore[arg-type]
