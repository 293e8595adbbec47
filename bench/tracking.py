"""What tracking costs a service, and what it loses: `make bench-tracking`.

Three parts, one after the other, each also on its own (`--only calls|apps|kills`):
- calls: the time of `track()` itself, alone, with sinks that work and sinks that do not;
- apps: requests of a FastAPI and a Flask service under load, with and without tracking;
- kills: a million events from processes killed and restarted at random, counted end to
  end through the loader, and through `data_quality_daily`.

Figures go to bench/out/tracking.json. The services run in an environment of their own,
bench/.venvs/tracking, made on the first run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.tracking_parts import apps, calls, kills

ROOT = Path(__file__).parents[1]
ENVIRONMENT = ROOT / "bench" / ".venvs" / "tracking"
RESULTS = ROOT / "bench" / "out" / "tracking.json"
PACKAGES = ("fastapi>=0.115", "uvicorn>=0.34", "flask>=3.1", "gunicorn>=23", "redis>=6.0")


def make_environment() -> Path:
    """Make the services' environment if it is missing; return its Python."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True)
    return python


def main() -> None:
    """Run the parts and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("calls", "apps", "kills"))
    parser.add_argument("--events", type=int, default=1_000_000, help="of the part kills")
    arguments = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["machine"] = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    python = make_environment()
    work = Path(tempfile.mkdtemp(prefix="casebook-bench-"))
    # The embedded server may run as another user, who has to reach its folder.
    work.chmod(0o755)
    parts: dict[str, Callable[[], object]] = {
        "calls": lambda: calls.measure(python, work),
        "apps": lambda: apps.measure(python, work),
        "kills": lambda: kills.measure(work, arguments.events),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    try:
        for name, measure in parts.items():
            if arguments.only in (None, name):
                results[name] = measure()
                RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"figures: {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
