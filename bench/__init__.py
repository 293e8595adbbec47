"""Measurements that carry a claim of the documents; no test depends on a clock."""
