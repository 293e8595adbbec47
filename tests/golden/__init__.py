"""Hand-worked cases of every rule, each with its arithmetic; they share one as_of and zone.

`vectors.ALL` is read by the Python reading (tests/unit) and, all in one build, by the
warehouse (tests/pipeline). A vector has entities, and where it asks for period rows a site,
of its own, so that no vector disturbs another.
"""
