"""Erasure in `staging`: what goes, what stays, and that an old file brings nothing back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestration.database import Database
from orchestration.ledgers import read_balance
from raw_loaders.erasing import Erased, erase
from raw_loaders.load_reports import raise_failures
from raw_loaders.loading import load_source
from raw_loaders.redaction import HashKeys, Redactor
from raw_loaders.replays import replay_source
from raw_loaders.tombstones import Kind
from tests.landing_parts.events import make_line
from tests.landing_parts.places import KEYS, Place

Erase = Callable[[Kind, str], Erased]
NEXT_KEYS = replace(KEYS, key=b"next", key_id="k2", previous_key=KEYS.key)
CUSTOMERS_LEFT = (
    "select count(*), count(payload ->> 'customer_id') from staging.raw_support_events"
    " where event_name = 'session.start'"
)
REJECTED = (
    "select reason, count(*), count(raw_bytes) from staging.quarantine"
    " left join staging.quarantine_raw using (quarantine_id) group by reason order by reason"
)


def session_lines(number: int, session: str, customer: str) -> list[bytes]:
    """Give a session's lines: two that land and one that is rejected with its bytes."""
    start = {"session_id": session, "channel": "web", "customer_id": customer}
    message = {"session_id": session, "role": "user", "message_length": 3}
    return [
        make_line(number, "session.start", data=start, boot="b"),
        make_line(number + 1, data=message, boot="b"),
        make_line(number + 2, "session.unheard_of", data=start, boot="b"),
    ]


LINES = [
    *session_lines(0, "s-1", "anna müller"),
    *session_lines(3, "s-2", "anna müller"),
    *session_lines(6, "s-12", "anna müllerin"),
]


@pytest.fixture
def place(warehouse: Database, tmp_path: Path) -> Place:
    place = Place(tmp_path, lambda: warehouse.connect(role="loader"))
    place.write("old.ndjson", b"\n".join(LINES) + b"\n")
    assert place.load().quarantined == {"unknown_type": 3}
    return replace(place, connect=warehouse.connect)


@pytest.fixture
def erase_now(warehouse: Database) -> Erase:
    def run(kind: Kind, text: str) -> Erased:
        with warehouse.connect(autocommit=True, role="eraser") as connection:
            hashes = Redactor(KEYS).hashes("customer_id", text)
            return erase(connection, kind, text, hashes, ZoneInfo("Asia/Shanghai"))

    return run


def load_again(place: Place, name: str, lines: list[bytes]) -> dict[str, int]:
    """Load lines as another file, as the role that loads; gives landed, duplicate, rejected."""
    place.write(name, b"\n".join([*lines, b"{}"]) + b"\n")
    report = load_source("support", place.connect, place.options())
    raise_failures([report])
    with place.connect() as connection:
        balance = read_balance(connection, "support", "raw_support_events")
    assert balance.uneven_load_count == 0
    assert report.quarantined.pop("invalid_envelope") == 1
    return {"landed": report.landed, "duplicate": report.duplicate, **report.quarantined}


def test_what_is_unknown_is_left_alone(place: Place, erase_now: Erase) -> None:
    nothing = Erased(event_count=0, raw_line_count=0, is_known=False)
    assert erase_now("customer", "anna") == nothing
    assert erase_now("session", "s-") == nothing
    assert place.value("select count(*) from staging.tombstones") == 0
    assert place.value("select count(*) from staging.erasures") == 0


@pytest.mark.parametrize("keys", [KEYS, NEXT_KEYS], ids=["same key", "next key"])
def test_customer_loses_the_id_and_does_not_come_back(
    place: Place, erase_now: Erase, keys: HashKeys
) -> None:
    assert place.rows(CUSTOMERS_LEFT) == [(3, 3)]
    outcome = erase_now("customer", "anna müller")
    assert outcome == Erased(event_count=2, raw_line_count=2, is_known=True)
    assert place.rows(CUSTOMERS_LEFT) == [(3, 1)]
    assert place.rows(REJECTED) == [("unknown_type", 3, 1)]
    assert place.rows(
        "select kind, asked_by = session_user, event_count from staging.erasures"
    ) == [("customer", True, 2)]
    later = replace(place, keys=keys)
    again = load_again(later, "again.ndjson", LINES)
    # Known before, the id or not.
    assert again == {"landed": 0, "duplicate": 6, "unknown_type": 3}
    assert load_again(later, "new.ndjson", session_lines(20, "s-9", "anna müller")) == {
        "landed": 2,
        "duplicate": 0,
        "unknown_type": 1,
    }
    assert place.rows(CUSTOMERS_LEFT) == [(4, 1)]
    # Of rejected lines only the other customer's, and `{}`, keep their bytes.
    assert place.rows(REJECTED) == [("invalid_envelope", 2, 2), ("unknown_type", 7, 2)]
    assert erase_now("customer", "anna müller") == Erased(
        event_count=0, raw_line_count=0, is_known=True
    )


def test_customer_who_comes_back_later_is_a_customer(place: Place, erase_now: Erase) -> None:
    erase_now("customer", "anna müller")
    with place.connect() as connection:
        connection.execute("update staging.tombstones set erased_at = '2025-06-01T08:00:10Z'")
    load_again(place, "new.ndjson", session_lines(20, "s-9", "anna müller"))
    assert place.rows(CUSTOMERS_LEFT) == [(4, 2)]


def test_session_is_deleted_and_does_not_come_back(place: Place, erase_now: Erase) -> None:
    assert erase_now("session", "s-2") == Erased(event_count=2, raw_line_count=1, is_known=True)
    assert place.rows("select distinct session_id from staging.raw_support_events order by 1") == [
        ("s-1",),
        ("s-12",),
    ]
    assert place.rows("select landed_count, erased_count from staging.loads") == [(6, 2)]
    sequences = "select distinct sequence from staging.rejected_sequences order by 1"
    assert place.rows(sequences) == [(3,), (4,), (5,), (6,), (9,)]
    again = load_again(place, "again.ndjson", LINES)
    assert again == {"landed": 0, "duplicate": 4, "erased": 2, "unknown_type": 3}
    assert (
        place.value("select count(*) from staging.raw_support_events where session_id = 's-2'") == 0
    )
    assert (
        place.value(
            "select count(*) from staging.quarantine_raw where position('\"s-2\"' in raw_bytes) > 0"
        )
        == 0
    )
    assert place.rows(sequences) == [(3,), (4,), (5,), (6,), (9,)]
    report = replay_source("support", place.connect, place.options())
    assert (report.landed, report.rejected.total()) == (0, 7)
