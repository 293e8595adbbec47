"""Tests of the agent studio's decoding, without a database."""
