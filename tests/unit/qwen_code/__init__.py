"""Tests of reading the AI coding agent's telemetry, without a database."""
