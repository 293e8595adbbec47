"""`casebook load` and the sample: what cannot be landed is one sentence, and nothing half done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest

from orchestration.cli.run import offer_sample
from orchestration.database import Database
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.resources import Workplace
from orchestration.samples.centres import Centre
from orchestration.samples.writers import write_sample
from orchestration.settings import Settings
from raw_loaders.errors import CasebookError, ObjectError
from raw_loaders.files import Directory
from tests.integration.conftest import Casebook, Outcome

SMALL = Centre(days=3, sessions_per_day=60)
KEY = "a key of the tests only"


@pytest.fixture
def load(casebook: Casebook, warehouse: Database, tmp_path: Path) -> Casebook:
    """Load `<tmp_path>/landing` into the test's database."""

    def run(**settings: str) -> Outcome:
        known = {"DATABASE_URL": warehouse.url, "LANDING": str(tmp_path / "landing")}
        return casebook("load", **{**known, "HASH_KEY": KEY, "SETTLE_SECONDS": "0", **settings})

    return run


def count_landed(connection: psycopg.Connection) -> int:
    row = connection.execute("select count(*) from staging.raw_support_events").fetchone()
    assert row is not None
    return int(row[0])


def test_load_says_what_it_landed(
    load: Casebook, connection: psycopg.Connection, tmp_path: Path
) -> None:
    truth = write_sample(SMALL, tmp_path / "landing", prefix="events-")
    outcome = load()
    assert outcome.code == 0
    assert f"support: {truth.delivered:,} events landed" in outcome.err
    assert f"{truth.duplicates:,} duplicates" in outcome.err
    assert f"{truth.quarantined.total():,} lines in quarantine" in outcome.err
    assert count_landed(connection) == truth.delivered
    assert "support: 0 events landed; no new files." in load().err


def test_load_of_half_a_file_lands_the_others_and_fails(
    load: Casebook, connection: psycopg.Connection, tmp_path: Path
) -> None:
    truth = write_sample(SMALL, tmp_path / "landing", prefix="events-")
    whole = max((tmp_path / "landing" / "support").iterdir(), key=lambda path: path.stat().st_size)
    half = whole.with_name("half.ndjson.gz")
    half.write_bytes(whole.read_bytes()[:-100])
    outcome = load()
    assert (outcome.code, outcome.err.splitlines()[-1][:6]) == (1, "Error:")
    assert "support/half.ndjson.gz" in outcome.err.splitlines()[-1]
    assert count_landed(connection) == truth.delivered


@contextmanager
def without_rights(path: Path) -> Iterator[None]:
    """Take all rights on `path` away, also from root."""
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        path.chmod(0o755)


@pytest.mark.parametrize("which", ["its folder", "the landing directory"])
def test_a_directory_without_rights_is_named(tmp_path: Path, which: str) -> None:
    """At the carrier: another user may not be able to read the checkout either."""
    folder = tmp_path / "landing" / "support"
    folder.mkdir(parents=True)
    closed = folder if which == "its folder" else folder.parent
    own = [parent for parent in folder.parents if "pytest-of-" in str(parent)]
    for parent in own:
        parent.chmod(0o755)
    with without_rights(closed):
        found = list(Directory(tmp_path / "landing", "support").find())
    assert [type(item) for item in found] == [ObjectError]
    assert str(found[0]) == (
        f"{closed} cannot be read: Permission denied; give this user the right to read it."
    )


def test_load_without_a_key_lands_nothing(
    load: Casebook, connection: psycopg.Connection, tmp_path: Path
) -> None:
    write_sample(SMALL, tmp_path / "landing", prefix="events-")
    outcome = load(HASH_KEY="")
    assert outcome.code == 1
    assert "CASEBOOK_HASH_KEY is not set" in outcome.err
    assert count_landed(connection) == 0


def test_load_refuses_a_sample_in_a_real_warehouse(
    load: Casebook, connection: psycopg.Connection, tmp_path: Path
) -> None:
    write_sample(SMALL, tmp_path / "landing")
    outcome = load()
    assert outcome.code == 1
    assert "unset CASEBOOK_DATABASE_URL" in outcome.err
    assert count_landed(connection) == 0


@dataclass
class Listening:
    """Keeps the sentences."""

    sentences: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """Keep it."""
        self.sentences.append(sentence)

    def step(self, work: str, what: str, done: int, total: int) -> None:
        """Ignore it."""


def test_sample_fills_a_new_home_and_never_one_with_real_events(
    settings: Settings, session_home: Path
) -> None:
    home = session_home / "sample_home"
    embedded = replace(settings, home=home, database_url=None, landing=str(home / "landing"))
    server = EmbeddedPostgres(home)
    try:
        listening = Listening()
        workplace = Workplace(embedded, listening)
        offer_sample(workplace)
        assert "a made-up support centre" in listening.sentences[0]
        files = sorted((home / "landing" / "support").iterdir())
        assert all(path.name.startswith("sample-") for path in files)
        assert workplace.land("support").landed > 0

        offer_sample(workplace)
        assert sorted((home / "landing" / "support").iterdir()) == files, "made once"
        assert len(listening.sentences) == 1

        (home / "landing" / "support" / "mine.ndjson").write_text("{}\n")
        with pytest.raises(CasebookError, match="another CASEBOOK_HOME"):
            workplace.land("support")
    finally:
        server.stop()


def test_nothing_to_land_is_said(settings: Settings, tmp_path: Path) -> None:
    listening = Listening()
    offer_sample(Workplace(replace(settings, landing=str(tmp_path / "none")), listening))
    assert listening.sentences == [
        f"There is nothing to land: {tmp_path / 'none'} has no folder support with files."
    ]


def test_a_statement_the_database_refuses_is_one_sentence_without_the_row(
    load: Casebook, connection: psycopg.Connection, tmp_path: Path
) -> None:
    truth = write_sample(SMALL, tmp_path / "landing", prefix="events-")
    connection.autocommit = True  # an uncommitted change would hold the loader's lock for ever
    connection.execute("alter table staging.raw_support_events rename column event_id to moved")
    outcome = load()
    outcome.assert_sentence("The database refused a statement while support was landed")
    assert "UndefinedColumn, SQLSTATE 42703" in outcome.err
    assert "Traceback" not in outcome.err
    connection.execute("alter table staging.raw_support_events rename column moved to event_id")
    assert load().code == 0
    assert count_landed(connection) == truth.delivered
