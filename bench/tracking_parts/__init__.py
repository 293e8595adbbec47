"""The parts of `bench/tracking.py`."""
