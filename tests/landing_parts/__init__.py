"""Parts that tests of the loaders share: events, and a place to land them from."""
