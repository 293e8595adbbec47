"""The job `daily` from files to marts and pages, through Dagster, as `casebook run` runs it.

One run and its repetition, of `conftest.py`, serve all modules: a build costs half a minute.
`tests/conftest.py` keeps the folder on one worker.
"""
