"""What must hold of landed data. The checks of facts and marts are dbt tests."""

from collections.abc import Iterator
from dataclasses import asdict

import dagster as dg

from orchestration.assets import landed_key
from orchestration.ledgers import read_balance
from orchestration.resources import Workplace
from orchestration.sources import SOURCES
from orchestration.watches import LOSS_BOUND, read_drift, read_losses, read_volume

QUALITY = dg.AssetKey(["marts", "data_quality_daily"])
VOLUME, DRIFT, LOSS = "volume_is_usual", "fields_are_known", "loses_less_than_1_in_1000"


def conservation_check(source: str) -> dg.AssetChecksDefinition:
    """Give the check that no line of a source went missing between file and tables."""

    @dg.asset_check(
        asset=landed_key(source),
        name="conserves_lines",
        blocking=True,
        description=(
            "read = landed + duplicate + quarantined in the ledger, and the tables hold "
            "as many rows as the ledger says."
        ),
    )
    def conserves_lines(workplace: dg.ResourceParam[Workplace]) -> dg.AssetCheckResult:
        with workplace.database.connect(role="loader") as connection:
            balance = read_balance(connection, source, landed_key(source).path[-1])
        return dg.AssetCheckResult(
            passed=balance.uneven_load_count == 0,
            metadata={name.replace("_", " "): count for name, count in asdict(balance).items()},
        )

    return conserves_lines


def _watched() -> list[dg.AssetCheckSpec]:
    volume = (
        "The latest complete local day has between half and twice as many events as the same "
        "weekday of the four weeks before (median)."
    )
    drift = (
        "In the latest seven days no event has a field that the catalogue does not list, and "
        "no field that it expects is missing or broken in every event of a kind."
    )
    landed = [
        dg.AssetCheckSpec(name, asset=landed_key(source), description=text)
        for source in SOURCES
        for name, text in ((VOLUME, volume), (DRIFT, drift))
    ]
    loss = dg.AssetCheckSpec(
        LOSS,
        asset=QUALITY,
        description="Of the latest 28 days' numbered events, fewer than 0.1 % are missing (PRD).",
    )
    return [*landed, loss]


@dg.multi_asset_check(specs=_watched(), name="watch", can_subset=True)
def watch(
    context: dg.AssetCheckExecutionContext, workplace: dg.ResourceParam[Workplace]
) -> Iterator[dg.AssetCheckResult]:
    """Warn of what is unusual; it stops nothing, as the numbers are what the events say."""
    selected = context.selected_asset_check_keys
    with workplace.database.connect(role="loader") as connection:
        for source in SOURCES:
            asset = landed_key(source)
            if dg.AssetCheckKey(asset, VOLUME) in selected:
                volume = read_volume(connection, source)
                yield _warning(
                    asset,
                    VOLUME,
                    passed=volume.is_usual,
                    day=volume.event_date or "none",
                    events=volume.counts[0] if volume.counts else 0,
                    usual="too few weeks to say" if volume.usual is None else str(volume.usual),
                )
            if dg.AssetCheckKey(asset, DRIFT) in selected:
                drift = read_drift(connection, source)
                yield _warning(
                    asset,
                    DRIFT,
                    passed=not drift.new_fields and not drift.vanished_fields,
                    new=", ".join(drift.new_fields) or "none",
                    vanished=", ".join(drift.vanished_fields) or "none",
                )
    if dg.AssetCheckKey(QUALITY, LOSS) in selected:
        with workplace.database.connect(role="bi_reader") as connection:
            losses = read_losses(connection)
        yield _warning(
            QUALITY,
            LOSS,
            passed=all(loss.rate < LOSS_BOUND for loss in losses),
            **{loss.source: f"{loss.lost_events} of {loss.expected_events}" for loss in losses},
        )


def _warning(
    asset: dg.AssetKey, name: str, *, passed: bool, **metadata: str | int
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=name,
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )
