"""A chart as Superset keeps it: the parameters of its drawing, from which it makes the query."""

from __future__ import annotations

from typing import Any

from bi.superset.definitions import Chart

# Of Superset's own names.
DRAWINGS = {
    "number": "big_number_total",
    "line": "echarts_timeseries_line",
    "bar": "echarts_timeseries_bar",
    "table": "table",
    "heat": "heatmap_v2",
    "words": "table",
}
MOST_ROWS = 1000


def draw(chart: Chart) -> dict[str, Any]:
    """Give the parameters of the drawing."""
    names = [metric.name for metric in chart.metrics]
    common = {
        "viz_type": DRAWINGS[chart.kind],
        "adhoc_filters": [],
        "row_limit": MOST_ROWS,
        "color_scheme": "supersetColors",
    }
    return common | {
        "number": _number,
        "line": _series,
        "bar": _series,
        "table": _table,
        "heat": _heat,
        "words": _table,
    }[chart.kind](chart, names)


def _number(chart: Chart, names: list[str]) -> dict[str, Any]:
    return {
        "metric": names[0],
        "y_axis_format": chart.metrics[0].form,
        "header_font_size": 0.6,
        "subheader_font_size": 0.15,
    }


def _series(chart: Chart, names: list[str]) -> dict[str, Any]:
    stack = None if chart.kind == "line" or chart.side_by_side else "Stack"
    axis = {
        "x_axis": chart.by[0],
        "x_axis_time_format": "%m-%d",
        "time_grain_sqla": chart.grain,
        # Names are ranked by their number; days stand in their order.
        "x_axis_sort": None if chart.grain else names[0],
        "x_axis_sort_asc": bool(chart.grain or chart.flat),
    }
    return axis | {
        "metrics": names,
        "groupby": [chart.split] if chart.split else [],
        "orientation": "horizontal" if chart.flat else "vertical",
        "stack": stack,
        "show_legend": len(names) > 1 or chart.split is not None,
        "legendOrientation": "top",
        "legendType": "plain",
        "rich_tooltip": True,
        "markerEnabled": False,
        "y_axis_format": chart.metrics[0].form,
        # Shares fill their axis.
        "y_axis_bounds": [0, 1 if chart.metrics[0].form.endswith("%") else None],
        "truncate_metric": True,
        "only_total": True,
    }


def _table(chart: Chart, names: list[str]) -> dict[str, Any]:
    if chart.show:
        return {"query_mode": "raw", "all_columns": list(chart.show), "show_cell_bars": False}
    formats = {metric.label: {"d3NumberFormat": metric.form} for metric in chart.metrics}
    return {
        "query_mode": "aggregate",
        "groupby": list(chart.by),
        "metrics": names,
        "order_desc": True,
        "column_config": formats
        | {metric.name: {"d3NumberFormat": metric.form} for metric in chart.metrics},
        "show_cell_bars": False,
    }


def _heat(chart: Chart, names: list[str]) -> dict[str, Any]:
    return {
        "x_axis": chart.by[0],
        "groupby": chart.by[1],
        "metric": names[0],
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "normalize_across": "heatmap",
        "linear_color_scheme": "schemeBlues",
        "legend_type": "continuous",
        "show_legend": False,
        "show_values": False,
        "show_percentage": False,
        "xscale_interval": -1,
        "yscale_interval": -1,
        "left_margin": "auto",
        "bottom_margin": "auto",
        "value_bounds": [None, None],
        "y_axis_format": chart.metrics[0].form,
    }
