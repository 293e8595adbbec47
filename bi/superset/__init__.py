"""Apache Superset on the marts: `make bi` starts it in an environment of its own.

`definitions` reads the YAML files beside it, `charts` and `bundles` write them as Superset imports
them, `environments` makes its Python, `servers` prepares and starts it. No number is computed here
but sums and ratios of a mart's columns.
"""
