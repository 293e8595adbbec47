"""From a producer's bytes to append-only rows in `staging`; knows nothing of Dagster or dbt."""
