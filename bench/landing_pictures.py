"""Draws the landing benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

BAR_HEIGHT, GAP, LEFT, WIDTH = 22, 12, 150, 720
OWN, OTHER, LIMIT = "#1f6f8b", "#c9cdd2", "#8a949e"
NAMES = {
    "copy": "COPY of raw lines",
    "casebook": "Casebook",
    "casebook .zst": "Casebook, .zst",
    "executemany": "executemany",
    "dlt append": "dlt, append",
    "dlt merge": "dlt, merge",
    "singer target": "Singer target",
}


def draw_comparison(cpu_per_million: Mapping[str, float]) -> str:
    """Give an SVG of client and server CPU seconds for a million events, one bar each."""
    bars = [(name, cpu_per_million[name]) for name in NAMES if name in cpu_per_million]
    scale = (WIDTH - LEFT - 90) / max(value for _, value in bars)
    height = 56 + len(bars) * (BAR_HEIGHT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="Noto Sans, sans-serif" font-size="13" fill="#24292f">',
        "<title>CPU seconds to land a million events</title>",
        '<text x="0" y="16" font-size="15" font-weight="600">'
        "CPU seconds, client and server, to land a million events</text>",
    ]
    for number, (name, value) in enumerate(bars):
        y = 40 + number * (BAR_HEIGHT + GAP)
        colour = OWN if name.startswith("casebook") else LIMIT if name == "copy" else OTHER
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(NAMES[name])}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{max(1.0, value * scale):.1f}"'
            f' height="{BAR_HEIGHT}" rx="2" fill="{colour}"/>'
            f'<text x="{LEFT + value * scale + 8:.1f}" y="{y + 15}">{value:.1f}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
