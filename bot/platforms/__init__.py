"""Where posts are drawn, sent and answered: one package for each platform, none knowing another."""
