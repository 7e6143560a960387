"""Real servers on loopback that play the world's part in tests."""
