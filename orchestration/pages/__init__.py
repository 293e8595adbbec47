"""Pages of docs/ that are written from the program; `python -m orchestration.pages` writes them.

No prose of its own belongs here beyond a page's head: what a page says stands in the models.
"""
