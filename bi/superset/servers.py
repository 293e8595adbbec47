"""Prepares Superset's own database, imports the dashboards and starts it, on this machine only."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bi.superset.bundles import save_bundle
from raw_loaders.errors import CasebookError

FOLDER = Path(__file__).parent
ADMIN = "admin"
# Superset's own: it reads the password from its environment, as a process list shows arguments.
ADD_ADMIN = """
import os
from superset.app import create_app
app = create_app()
with app.app_context():
    users = app.appbuilder.sm
    if users.find_user("admin") is None:
        role = users.find_role("Admin")
        users.add_user("admin", "Casebook", "admin", "admin@localhost", role,
                       password=os.environ["CASEBOOK_SUPERSET_PASSWORD"])
"""


@dataclass(frozen=True)
class Superset:
    """A Superset: its programs, and the folder that holds its database, key and password."""

    programs: Path
    state: Path

    @property
    def password(self) -> str:
        """Give the password of `admin`, made on the first call and kept in the state."""
        return _secret(self.state / "admin.password", 16)

    def prepare(self, bundle: Mapping[str, str]) -> None:
        """Bring its database up to date and the dashboards into it, over those of before.

        Raises `CasebookError` with the last line that Superset said.
        """
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        _secret(self.state / "secret.key", 42)
        self._run("superset", "db", "upgrade")
        self._run("superset", "init")
        self._run("python", "-c", ADD_ADMIN, CASEBOOK_SUPERSET_PASSWORD=self.password)
        folder = self.state / "bundle"
        shutil.rmtree(folder, ignore_errors=True)
        save_bundle(bundle, folder)
        try:
            self._run("superset", "import-directory", "--overwrite", str(folder))
        finally:
            # It held the login's password.
            shutil.rmtree(folder)

    def command(self, port: int) -> list[str]:
        """Give the command that serves it on a port of the loopback address."""
        return [
            *(str(self.programs / "gunicorn"), "--bind", f"127.0.0.1:{port}"),
            *("--workers", "1", "--threads", "8", "--timeout", "120", "--log-level", "warning"),
            "superset.app:create_app()",
        ]

    @property
    def environment(self) -> dict[str, str]:
        """Give the variables its programs need, and none of Casebook's."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("CASEBOOK_")
        }
        return inherited | {
            "CASEBOOK_SUPERSET_STATE": str(self.state),
            "SUPERSET_CONFIG_PATH": str(FOLDER / "superset_config.py"),
            "FLASK_APP": "superset",
        }

    def _run(self, program: str, *arguments: str, **variables: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            env=self.environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stderr.strip().splitlines() or ["no reason given"]
        # The import says an error and ends well.
        wrong = [line for line in said if "An error occurred" in line]
        if done.returncode != 0 or wrong:
            raise CasebookError(f"Superset: {(wrong or said)[-1]}")


def _secret(path: Path, length: int) -> str:
    """Give what the file holds; a new one is readable to its owner alone."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(length))
    return path.read_text().strip()
