"""The dashboards as their YAML files define them; a name that is not there is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from raw_loaders.errors import CasebookError

FOLDER = Path(__file__).parent
OPTIONS = ("grain", "split", "flat", "side_by_side")
KINDS = ("number", "line", "bar", "table", "heat", "words")


@dataclass(frozen=True)
class Metric:
    """A number of a dataset: its name, label, expression as datasets.yml writes it, d3 format."""

    name: str
    label: str
    expression: str
    form: str

    @property
    def columns(self) -> list[str]:
        """Give the mart's columns it is made of."""
        return self.expression.removeprefix("= ").split(" / ")

    @property
    def sql(self) -> str:
        """Give it as SQL over any group of the mart's rows."""
        if self.expression.startswith("= "):
            return f"max({self.columns[0]})"
        numerator, *denominator = (f"sum({column})" for column in self.columns)
        if not denominator:
            return numerator
        return f"{numerator}::double precision / nullif({denominator[0]}, 0)"


@dataclass(frozen=True)
class Dataset:
    """A mart, or the part of its rows that `where` keeps; `labels` call its columns otherwise."""

    name: str
    mart: str
    where: str | None
    metrics: Mapping[str, Metric]
    labels: Mapping[str, str]

    @property
    def sql(self) -> str | None:
        """Give its query; None for the mart as it is."""
        if self.where is None:
            return None
        mart = f"marts.{self.mart}"
        return f"select * from {mart} where {self.where.format(mart=mart)}"  # noqa: S608 - ours


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart; dashboards.yml tells what its fields mean for each kind."""

    title: str
    kind: str
    dataset: Dataset
    width: int
    metrics: tuple[Metric, ...] = ()
    by: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    grain: str | None = None
    split: str | None = None
    flat: bool = False
    side_by_side: bool = False

    @property
    def columns(self) -> list[str]:
        """Give every column of the mart that it reads."""
        split = [self.split] if self.split else []
        numbers = [column for metric in self.metrics for column in metric.columns]
        return [*self.by, *self.show, *split, *numbers]


@dataclass(frozen=True)
class Dashboard:
    """Rows of charts from left to right, each row with its height in units of 8 px."""

    slug: str
    title: str
    rows: tuple[tuple[int, tuple[Chart, ...]], ...] = field(default=())

    @property
    def charts(self) -> list[Chart]:
        """Give its charts in reading order."""
        return [chart for _, charts in self.rows for chart in charts]


def read_dashboards(folder: Path = FOLDER) -> list[Dashboard]:
    """Read them. Raises `CasebookError` naming a dataset, metric or kind that is not there."""
    datasets = {
        name: _read_dataset(name, given) for name, given in _load(folder / "datasets.yml").items()
    }
    return [
        Dashboard(
            slug,
            given["title"],
            tuple(
                (row["height"], tuple(_read_chart(chart, datasets) for chart in row["charts"]))
                for row in given["rows"]
            ),
        )
        for slug, given in _load(folder / "dashboards.yml").items()
    ]


def _read_dataset(name: str, given: Mapping[str, Any]) -> Dataset:
    metrics = {key: Metric(key, *parts) for key, parts in given["metrics"].items()}
    return Dataset(name, given["mart"], given.get("where"), metrics, given.get("labels", {}))


def _read_chart(given: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> Chart:
    title = given["title"]
    if given["kind"] not in KINDS:
        raise CasebookError(f"Chart {title!r}: {given['kind']} is none of {', '.join(KINDS)}.")
    if given["dataset"] not in datasets:
        raise CasebookError(f"Chart {title!r}: there is no dataset {given['dataset']}.")
    dataset = datasets[given["dataset"]]
    wanted = given.get("metrics", [])
    if unknown := [name for name in wanted if name not in dataset.metrics]:
        raise CasebookError(f"Chart {title!r}: {dataset.name} has no metric {unknown[0]}.")
    rest = {name: given[name] for name in OPTIONS if name in given}
    return Chart(
        title=title,
        kind=given["kind"],
        dataset=dataset,
        width=given["width"],
        metrics=tuple(dataset.metrics[name] for name in wanted),
        by=tuple(given.get("by", ())),
        show=tuple(given.get("show", ())),
        **rest,
    )


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
