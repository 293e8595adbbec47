"""An independent reading of the support metrics in plain Python; it shares no SQL.

Each module reads one section of the definitions literally, over values in memory: landed
events in, rows of one table out. It knows neither dbt nor a database, and is slow and plain
on purpose: where the warehouse and this reading differ, one of them misreads the definition.
"""
