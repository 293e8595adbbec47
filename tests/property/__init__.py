"""Small adversarial support centres, delivered in any order, and the builds between.

`centres` draws events; `deliveries` cuts them into batches; `warehouses` lands, builds and
reads; `trials` holds three answers against each other: incremental, full refresh, reading.
"""
