"""Casebook's tests: unit, integration and pipeline."""
