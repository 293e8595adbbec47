"""MetricFlow over a built warehouse."""
