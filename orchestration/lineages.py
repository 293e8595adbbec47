"""How the dbt project looks in Dagster, and what its nodes report there.

It knows no database and starts nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from orchestration.dbt_runs import Progress
from orchestration.staffing_tables import DESCRIPTION, TABLE

# Schema of the tables that are landed or kept by Casebook itself.
STAGING = "staging"
OWNERS = ("team:data",)
# Where dbt nodes stand that belong to no source: the ledger, the builds.
COMMON_GROUP = "casebook"
STAFFING_KEY = dg.AssetKey(["marts", TABLE])
# The metadata by which dagster-dbt ties an asset or a check to its dbt node.
UNIQUE_ID = "dagster_dbt/unique_id"
# A kind of assets, which dbt names so too.
VIEW = "view"
# dbt's words for how a node ended.
WRITTEN, PASSED, WARNED = "success", "pass", "warn"
EVALUATED = {PASSED, WARNED, "fail"}


class Translator(DagsterDbtTranslator):
    """Keys are schema and table, groups are domains, the description is the model's own."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Key a source like the asset that lands it."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([STAGING, dbt_resource_props["identifier"]])
        return super().get_asset_key(dbt_resource_props)

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Say of a view that it is one: only a full refresh writes it, and it is never late."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if self.get_resource_props(manifest, unique_id)["config"].get("materialized") != VIEW:
            return spec
        return spec.replace_attributes(kinds={*spec.kinds, VIEW})

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Group by domain: models/<layer>/<domain>/<model>."""
        folders = dbt_resource_props["fqn"][1:-1]
        if dbt_resource_props["resource_type"] == "seed":
            return "assumptions"
        return str(folders[1]) if len(folders) > 1 else COMMON_GROUP

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Leave out the SQL that dagster-dbt would add."""
        return str(dbt_resource_props.get("description", ""))

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Everything is the data team's until a model says otherwise."""
        return list(OWNERS)

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """Tie a test of several nodes to the first model it names; dagster-dbt ties it to none."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        test = self.get_resource_props(manifest, unique_id)
        read = test["depends_on"]["nodes"]
        is_singular = test.get("attached_node") is None and len(read) > 1
        first = next((node for node in read if not node.startswith("source.")), None)
        if spec is not None or not is_singular or asset_spec.metadata[UNIQUE_ID] != first:
            return spec
        return dg.AssetCheckSpec(
            test["name"],
            asset=asset_spec.key,
            description=test["description"],
            metadata={UNIQUE_ID: unique_id},
        )


Reported = dg.MaterializeResult[Any] | dg.AssetCheckResult


class NodeReports:
    """What dbt nodes mean to the Dagster assets made of them, in one execution.

    A build is always whole. Where only some of the assets were selected, the others it wrote
    are logged, as a step may yield selected ones only.
    """

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        definition = context.assets_def
        self._context = context
        self._assets = {spec.metadata[UNIQUE_ID]: spec.key for spec in definition.specs}
        self._assets[TABLE] = STAFFING_KEY
        self._checks = {
            check.metadata[UNIQUE_ID]: check.key
            for check in definition.check_specs
            if check.metadata is not None
        }

    def report(self, node: Progress) -> Iterator[Reported]:
        """Say that an asset was written or a check evaluated.

        Nothing for a node that was skipped or broke, or that is neither.
        """
        if node.status == WRITTEN and node.unique_id in self._assets:
            key = self._assets[node.unique_id]
            written = {} if node.row_count is None else {"rows written": node.row_count}
            metadata = {"seconds": node.seconds, **written}
            if key in self._context.selected_asset_keys:
                yield dg.MaterializeResult(asset_key=key, metadata=metadata)
            else:
                self._context.log_event(dg.AssetMaterialization(key, metadata=metadata))
        check = self._checks.get(node.unique_id)
        selected = self._context.selected_asset_check_keys
        if check is not None and check in selected and node.status in EVALUATED:
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=node.status == PASSED,
                severity=_severity(node),
                metadata={"seconds": node.seconds, "rows found": node.row_count or 0},
            )


def ledger_specs(manifest: Path, landed: Collection[dg.AssetKey]) -> list[dg.AssetSpec]:
    """Give the tables that dbt reads and no asset writes: the ledger and the builds."""
    sources = json.loads(manifest.read_bytes())["sources"].values()
    translator = Translator()
    specs = [
        dg.AssetSpec(
            translator.get_asset_key(source),
            group_name=COMMON_GROUP,
            description=source["description"] or source["source_description"],
            owners=OWNERS,
            kinds={"postgres"},
        )
        for source in sources
    ]
    return [spec for spec in specs if spec.key not in landed]


def staffing_spec() -> dg.AssetSpec:
    """Give the mart that every build writes after dbt; the build's step reports it."""
    return dg.AssetSpec(
        STAFFING_KEY,
        deps=[dg.AssetKey(["marts", "agent_concurrency_30min"])],
        group_name="support",
        description=DESCRIPTION,
        owners=OWNERS,
        kinds={"python", "postgres"},
    )


def _severity(node: Progress) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.WARN if node.status == WARNED else dg.AssetCheckSeverity.ERROR
