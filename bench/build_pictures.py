"""Draws the build benchmark."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import altair as alt

OWN, LIMIT = "#1f6f8b", "#8a949e"


def draw_builds(runs: Iterable[tuple[str, int, float]], path: Path) -> None:
    """Write an SVG of seconds by kind of run and number of events, medians; log scale."""
    seconds: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for what, size, wall in runs:
        seconds[what, size].append(wall)
    rows = [
        {"what": what, "size": f"{size:,} events", "seconds": round(statistics.median(walls), 2)}
        for (what, size), walls in seconds.items()
    ]
    order = list(dict.fromkeys(what for what, _ in seconds))
    bars = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("what:N", sort=order, title=None),
        x=alt.X("seconds:Q", scale=alt.Scale(type="log"), title="seconds, logarithmic"),
    )
    colour = alt.condition("datum.what == 'plain group by'", alt.value(LIMIT), alt.value(OWN))
    layers = alt.layer(
        bars.mark_bar(height=14).encode(color=colour),
        bars.mark_text(align="left", dx=4).encode(text="seconds:Q"),
    ).properties(width=480, height=150)
    sizes = list(dict.fromkeys(row["size"] for row in rows))
    layers.facet(
        row=alt.Row("size:N", sort=sizes, title=None, header=alt.Header(labelAngle=0)),
        title="Seconds to build facts and marts",
    ).save(path)
