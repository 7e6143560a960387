"""Discord: posts, commands, buttons."""
