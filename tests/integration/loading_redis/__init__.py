"""Streams of a real Redis into a real warehouse."""
