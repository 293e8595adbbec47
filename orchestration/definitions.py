"""All that Dagster knows, put together; nothing is defined here."""

import dagster as dg

from orchestration.assets import landing_asset, warehouse_assets
from orchestration.checks import conservation_check, watch
from orchestration.jobs import JOBS
from orchestration.lineages import ledger_specs, staffing_spec
from orchestration.listeners import Silence
from orchestration.manifests import prepare_manifest
from orchestration.report_assets import latest_page, page_asset
from orchestration.resources import Workplace
from orchestration.schedules import build_schedules
from orchestration.sensors import SENSORS
from orchestration.settings import load_settings
from orchestration.sources import SOURCES


def assemble(workplace: Workplace) -> dg.Definitions:
    """Give the definitions of one home.

    Raises a `CasebookError` when the dbt project cannot be read.
    """
    manifest = prepare_manifest(workplace.settings)
    landed = [landing_asset(name, text) for name, text in SOURCES.items()]
    ledger = ledger_specs(manifest, [asset.key for asset in landed])
    return dg.Definitions(
        assets=[
            *landed,
            *ledger,
            warehouse_assets(manifest, workplace.settings.timezone),
            staffing_spec(),
            page_asset(workplace.settings.timezone),
            latest_page,
        ],
        asset_checks=[*(conservation_check(name) for name in SOURCES), watch],
        jobs=JOBS,
        schedules=build_schedules(workplace.settings.timezone),
        sensors=SENSORS,
        resources={"workplace": workplace},
    )


@dg.definitions
def definitions() -> dg.Definitions:
    """Give what `workspace.yaml` loads."""
    return assemble(Workplace(load_settings(), Silence()))
