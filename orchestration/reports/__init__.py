"""The business case page: one self-contained HTML file a month, read from marts only.

`marts` reads, `figures` names the numbers, `charts` draws, `sections` arranges, `pages` writes
HTML, `snapshots` remembers what was published, `publishing` does it all in order.
"""
