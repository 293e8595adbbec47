"""`make audit`: licences fit for commercial use, and no known vulnerability in what is locked.

The licences are read from the environment, offline; the advisories need the network.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click

BIN = Path(sys.executable).parent
LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
# Each part of a package's licence must be one of these; of alternatives, one of them.
ALLOWED = {
    "0BSD",
    "3-Clause BSD License",
    "Apache Software License",
    "Apache-2.0",
    "Artistic License",
    "BSD",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CNRI-Python",
    "ISC License (ISCL)",
    "MIT",
    "MIT License",
    "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)",
    "MPL-2.0",
    "PSF-2.0",
    "Python Software Foundation License",
    "Zlib",
}
# Used as libraries and not changed: the LGPL asks for no more.
ALLOWED |= {"LGPL-3.0-only", "GNU Library or Lesser General Public License (LGPL)"}
OWN = {"casebook", "casebook-tracking"}
SECONDS = 300


def is_allowed(licence: str) -> bool:
    """Whether a licence expression can be met with allowed licences alone.

    `OR` binds looser than `AND`; a list of classifiers with `;` is a choice.
    """
    if re.search(r"\bAND \(", licence):
        first, _, rest = licence.partition(" AND ")
        return is_allowed(first) and is_allowed(rest.strip("()"))
    return any(
        all(part.strip() in ALLOWED for part in choice.split(" AND "))
        for choice in re.split(r" OR |; ", licence)
    )


def list_licences() -> list[tuple[str, str]]:
    """Give (package, licence) of all that is installed."""
    told = subprocess.run(
        [BIN / "pip-licenses", "--format=json", "--from=mixed"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return sorted((row["Name"], row["License"]) for row in json.loads(told))


def find_unfit(licences: list[tuple[str, str]]) -> list[str]:
    """Name the packages whose licence is not on the list of allowed ones."""
    return [
        f"{name}: {licence}"
        for name, licence in licences
        if name not in OWN and not is_allowed(licence)
    ]


def judge_advisories(report: str) -> str | None:
    """Say what is wrong with a report of pip-audit; None when all was audited and is clean.

    An unreachable service makes it skip packages and still succeed.
    """
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        packages = []
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if not packages or skipped:
        return (
            f"The advisory service cannot be reached: {len(skipped) or 'all'} packages were not "
            "audited. Run `make audit` where the advisory service of PyPI can be reached."
        )
    known = [
        f"{one['name']} {one['version']}: {', '.join(vuln['id'] for vuln in one['vulns'])}"
        for one in packages
        if one["vulns"]
    ]
    return "Known vulnerabilities: " + "; ".join(known) if known else None


def read_advisories() -> str:
    """Give pip-audit's report about the lock, '' when it made none."""
    command = [BIN / "pip-audit", "--format=json", "--progress-spinner=off", "--disable-pip"]
    command += ["--require-hashes", "--timeout=10", "-r", LOCK]
    try:
        return subprocess.run(
            command, capture_output=True, check=False, text=True, timeout=SECONDS
        ).stdout
    except subprocess.TimeoutExpired:
        return ""


def main() -> int:
    """Print the licences, then what is wrong; 1 when something is."""
    licences = list_licences()
    for name, licence in licences:
        click.echo(f"{name:40} {licence}")
    wrong = [f"Licence not on the allow list: {line}" for line in find_unfit(licences)]
    advisories = judge_advisories(read_advisories())
    wrong += [advisories] if advisories else []
    for line in wrong:
        click.echo(line, err=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
