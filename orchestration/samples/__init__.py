"""A made-up support centre for trying Casebook out, for tests and for benchmarks.

`timelines` says what happens, `deliveries` how it is transported (and what goes wrong on the
way), `writers` puts it into files. The first two are pure: values in, values out, no clock, and
the same seed gives the same bytes.
"""
