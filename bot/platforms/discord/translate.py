"""The words of the command table as Discord asks for them: English, and Simplified Chinese."""

from __future__ import annotations

from discord import Locale, app_commands

from bot.commands.command import Words


def make_words(words: Words) -> app_commands.locale_str:
    """English, with the Chinese beside it for ``TableTranslator``."""
    return app_commands.locale_str(words.en, zh=words.zh)


class TableTranslator(app_commands.Translator):
    """Gives what the table says; what has no Chinese words stays English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The Chinese of ``string`` where ``locale`` is that, else None for English."""
        del context
        if locale is not Locale.chinese:
            return None
        said = string.extras.get("zh")
        return said if isinstance(said, str) else None
