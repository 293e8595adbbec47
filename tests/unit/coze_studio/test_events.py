"""Posted events as rows: identity, keys, times, rejections."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from raw_loaders.coze_studio.bodies import PostedEvent, read_line
from raw_loaders.coze_studio.catalogue import read_studio_catalogue
from raw_loaders.coze_studio.events import ProductEventRow, RejectedEvent, StudioEventReader
from raw_loaders.occurrences import Occurrences
from raw_loaders.redaction import HashKeys, Redactor
from raw_loaders.times import EPOCH, to_micros
from tests.unit.coze_studio.posts import NOON_MS, VISIT, body, event, post

KEYS = HashKeys(key=b"key", key_id="k1", identity_key=b"identity")
LATEST = to_micros(EPOCH.replace(year=2026, month=1, day=1, hour=13))


def read(
    line: bytes, keys: HashKeys = KEYS, occurrences: Occurrences | None = None
) -> list[ProductEventRow | RejectedEvent]:
    reader = StudioEventReader(read_studio_catalogue(), Redactor(keys), keys, LATEST)
    counts: Occurrences = Occurrences() if occurrences is None else occurrences
    return [reader.read(part, counts) for part in read_line(line) if isinstance(part, PostedEvent)]


def land(line: bytes, keys: HashKeys = KEYS) -> list[ProductEventRow]:
    rows = read(line, keys)
    assert all(isinstance(row, ProductEventRow) for row in rows)
    return [row for row in rows if isinstance(row, ProductEventRow)]


def test_events_are_identified_by_app_device_and_index() -> None:
    first = event("click_send_message", 1, message_id="m", **{"from": "type"})
    (row,) = land(post(body(first)))
    (again,) = land(post(body({**first, "is_bav": 1})))
    (next_one,) = land(post(body(event("click_send_message", 2))))
    (other_app,) = land(post(body(first, app_id=8)))
    (other_device,) = land(post(body(first, user={"web_id": "1"})))
    assert row.event_key == again.event_key
    assert (
        len({row.event_key, next_one.event_key, other_app.event_key, other_device.event_key}) == 4
    )
    assert (row.event_index, row.event_id, row.app_id, row.visit_id) == (1, "1", "7", VISIT)


def test_the_user_id_identifies_where_there_is_no_device() -> None:
    (row,) = land(post(body(event("a", 1), user={"user_unique_id": "ann", "web_id": ""})))
    (same,) = land(post(body(event("a", 1), user={"user_unique_id": "ann"})))
    assert row.event_key == same.event_key
    assert row.user_key == row.device_key


def test_identity_outlives_a_rotation_of_the_hash_key() -> None:
    line = post(body(event("a", 1)))
    (row,), (rotated,) = land(line), land(line, replace(KEYS, key=b"new", key_id="k2"))
    assert row.event_key == rotated.event_key
    assert row.user_key != rotated.user_key


def test_events_without_an_index_are_identified_by_record_and_place_among_equals() -> None:
    twin = event("a")
    rows = land(post(body(twin, twin, event("b"))))
    assert len({row.event_key for row in rows}) == 3
    assert [row.event_key for row in rows] == [
        row.event_key for row in land(post(body(twin, twin, event("b"))))
    ]
    assert rows[0].event_id.endswith("/1")
    assert rows[1].event_id.endswith("/2")


@pytest.mark.parametrize("index", ["5", 5.5, True, -1, 2**60])
def test_a_broken_index_is_no_identity(index: Any) -> None:
    (row,) = land(post(body(event("view_bot", None, tab="my_bots", event_index=index))))
    assert row.event_index is None
    assert row.violations == ("event_index",)
    assert json.loads(row.payload)["broken_envelope"] == ["event_index"]


@pytest.mark.parametrize("params", ["{", "[]", "7", 7, [], '{"a": 1e999}', '"x"'])
def test_broken_parameters_land_flagged(params: Any) -> None:
    (row,) = land(post(body({**event("view_database"), "params": params})))
    assert row.violations == ("params",)
    assert json.loads(row.payload)["broken_envelope"] == ["params"]
    assert json.loads(row.payload)["params"] == {}


def test_parameters_may_be_posted_as_an_object() -> None:
    (row,) = land(post(body({**event("a"), "params": {"event_index": 9}})))
    assert (row.event_index, row.violations) == (9, ())


def test_a_missing_time_is_the_batches_and_flagged() -> None:
    late = {**event("view_database", 1), "local_time_ms": None}
    (row,) = land(post(body(late)))
    assert row.violations == ("local_time_ms",)
    assert "broken_envelope" not in json.loads(row.payload)
    assert row.micros == to_micros(EPOCH.replace(year=2026, month=1, day=1))


def test_a_time_that_is_none_is_broken_and_not_missing() -> None:
    (row,) = land(post(body({**event("view_database", 1), "local_time_ms": "soon"})))
    assert row.violations == ("local_time_ms",)
    assert json.loads(row.payload)["broken_envelope"] == ["local_time_ms"]
    assert b"soon" not in row.payload


def test_a_missing_session_is_flagged() -> None:
    (row,) = land(post(body({**event("view_database", 1), "session_id": 7})))
    assert (row.visit_id, row.violations) == (None, ("session_id",))


def test_the_app_may_be_missing() -> None:
    (row,) = land(post(body(event("a", 1), app_id=None)))
    assert row.app_id == "unknown"
    assert row.event_id.endswith("/1")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"event": None}, "invalid_envelope"),
        ({"event": ""}, "invalid_envelope"),
        ({"event": "x" * 129}, "invalid_envelope"),
        ({"event": "a\x00"}, "invalid_envelope"),
        ({"local_time_ms": NOON_MS + 14 * 3_600_000}, "time_in_future"),
        ({"local_time_ms": 946_684_799_999}, "time_too_old"),
    ],
)
def test_events_that_cannot_land_say_why(changes: dict[str, Any], reason: str) -> None:
    (row,) = read(post(body({**event("a", 4), **changes})))
    assert isinstance(row, RejectedEvent)
    assert row.broken.reason == reason
    assert (row.app_id, row.event_index) == ("7", 4)
    assert row.device_key is not None


def test_an_event_without_any_time_is_rejected() -> None:
    line = post({**body({**event("a", 1), "local_time_ms": "x"}), "local_time": None})
    (row,) = read(line)
    assert isinstance(row, RejectedEvent)
    assert row.broken.reason == "invalid_envelope"


def test_uncatalogued_events_land_as_such() -> None:
    (row,) = land(post(body(event("predefine_pageview", 1, url="http://h.example/a?b", x="y"))))
    payload = json.loads(row.payload)
    assert payload["is_catalogued"] is False
    assert payload["params"] == {"url": "h.example/a"}
    assert payload["unknown"] == ["x"] == list(row.unknown_names)


def test_no_secret_reaches_a_row() -> None:
    secret = "Tr0ub4dor"
    names = read_studio_catalogue().events["create_bot_result"].parameters
    params: dict[str, Any] = dict.fromkeys(
        ("bot_name", "bot_desc", "error_message", "surprise", f"{secret} 1"), secret
    )
    assert {"bot_name", "bot_desc", "error_message"} <= names.keys()
    line = post(
        {
            **body(
                event("create_bot_result", 1, **params),
                event("search_front", 2, search_word=secret, full_url=f"https://h/x?q={secret}"),
                event("bot_submit", 3, thought=secret),
                event("unheard_of", 4, title=secret, text=secret, url=f"/user/{secret}"),
                user={"user_unique_id": secret, "web_id": secret},
            ),
            f"{secret} 2": secret,
        }
    )
    for row in land(line):
        assert secret not in repr(row)
        assert secret.encode() not in row.payload


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("predefine_pageview", "predefine_pageview"),
        ("page_view", "page_view"),
        ("Said Tr0ub4dor to Ann", "(other)"),
        ("\u5f20\u4e09", "(other)"),
    ],
)
def test_name_that_may_be_content_is_not_stored(name: str, shown: str) -> None:
    (row,) = land(post(body(event(name, 3))))
    assert row.name == shown
