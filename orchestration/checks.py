"""What must hold of landed data. The checks of facts and marts are dbt tests."""

from dataclasses import asdict

import dagster as dg

from orchestration.assets import landed_key
from orchestration.ledgers import read_balance
from orchestration.resources import Workplace


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
