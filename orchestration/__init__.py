"""Casebook's rim: settings, the embedded database, Dagster and the `casebook` command."""
