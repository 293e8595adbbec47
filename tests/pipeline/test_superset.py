"""The dashboards in a real Superset: imported by its own command, each chart's query run.

Opt-in, `make test-bi`: it installs some 650 MB into bi/.venvs and takes minutes.
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Response, sync_playwright

from bi.superset.__main__ import make_bundle
from bi.superset.definitions import read_dashboards
from bi.superset.environments import make_environment
from bi.superset.servers import ADMIN, Superset
from orchestration.resources import Workplace
from orchestration.runs import run_daily
from orchestration.samples.centres import Centre
from orchestration.samples.writers import write_sample
from tests.pipeline.browsers import ARGUMENTS, CHROMIUM
from tests.pipeline.conftest import WarehouseFactory

pytestmark = [pytest.mark.bi, pytest.mark.timeout(3600)]
START_SECONDS = 120
# A page with a dozen charts on a busy machine, milliseconds.
PATIENCE_MS = 120_000
DATA = "/api/v1/chart/data"


class Quiet:
    """Hears and says nothing."""

    def say(self, sentence: str) -> None:
        """Say nothing."""

    def step(self, work: str, what: str, done: int, total: int) -> None:
        """Show nothing."""


@pytest.fixture(scope="module")
def served(
    new_warehouse: WarehouseFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Superset, str]]:
    """A Superset with the dashboards over a small centre, and its address."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DAGSTER_HOME", "DAGSTER_CASEBOOK_POSTGRES_URL"):
            patch.delenv(name, raising=False)
        warehouse = new_warehouse("superset")
        centre = Centre(days=40, sessions_per_day=15, seed=11)
        write_sample(centre, Path(warehouse.settings.landing), prefix="events-")
        run_daily(Workplace(warehouse.settings, Quiet()))
        superset = Superset(make_environment(), tmp_path_factory.mktemp("superset"))
        bundle = make_bundle(warehouse.settings)
        superset.prepare(bundle)
        # A second import replaces the first.
        superset.prepare(bundle)
        with closing(socket.create_server(("127.0.0.1", 0))) as probe:
            port = probe.getsockname()[1]
        process = subprocess.Popen(superset.command(port), env=superset.environment)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/health")
            yield superset, url
        finally:
            process.terminate()
            process.wait()


def wait_for(url: str) -> None:
    """Return once the address answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - ours
        except (urllib.error.URLError, TimeoutError):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return


def test_every_chart_of_every_dashboard_has_an_answer(served: tuple[Superset, str]) -> None:
    superset, url = served
    if not CHROMIUM.exists():
        pytest.fail("Chromium is not installed: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1400, "height": 2000})
        page.set_default_timeout(PATIENCE_MS)
        fetched: list[str] = []
        page.on("requestfinished", lambda request: fetched.append(request.url))
        page.goto(f"{url}/login/")
        page.fill("input[name=username], #username", ADMIN)
        page.fill("input[type=password]", superset.password)
        page.click("button[type=submit], input[type=submit]")
        page.wait_for_url(lambda address: "login" not in address)
        answers: list[Response] = []
        page.on("response", lambda got: answers.append(got) if DATA in got.url else None)
        for board in read_dashboards():
            answers.clear()
            page.goto(f"{url}/superset/dashboard/{board.slug}/")
            page.wait_for_load_state("networkidle")
            assert len(answers) == len(board.charts), board.slug
            for answer in answers:
                assert answer.status == 200, answer.text()
                [result] = json.loads(answer.text())["result"]
                assert result["error"] is None
                assert result["rowcount"] > 0, result["query"]
        browser.close()
    # Its page would tell its makers of the visit; our policy keeps the browser from it.
    assert [address for address in fetched if not address.startswith((url, "data:", "blob:"))] == []
