"""Each command once, for every platform: words in, an answer out; nothing is drawn here."""
