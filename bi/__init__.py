"""Dashboards for BI tools, as code; nothing of the pipeline rests on it."""
