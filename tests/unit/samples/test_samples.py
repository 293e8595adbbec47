"""The sample generator: same seed same bytes, every event and fault, and a truthful count."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import zstandard

from orchestration.samples.centres import Centre
from orchestration.samples.writers import Compression, write_sample
from raw_loaders.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.samples.truths import Truth

SMALL = Centre(end=date(2025, 12, 31), days=14, sessions_per_day=60, seed=3)
EVENT_NAMES = {
    *("session.start", "session.message", "session.escalate", "session.end"),
    *("session.rated", "session.intent", "query.order", "query.tracking"),
    *("agent.login", "agent.logout", "agent.status_change", "agent.heartbeat"),
    *("agent.session_takeover", "agent.session_message", "agent.session_release"),
    *("agent.session_transfer", "agent.session_note", "ticket.created", "ticket.assigned"),
    *("ticket.status_changed", "ticket.closed", "api.coze_call", "api.error"),
    "tracker.heartbeat",
}
REASONS = {
    *("malformed", "unknown_type", "invalid_envelope", "invalid_data", "id_conflict"),
    *("time_in_future", "time_too_old"),
}


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("landing")
    return folder, write_sample(SMALL, folder)


def read_lines(landing: Path) -> list[bytes]:
    return [
        line
        for path in sorted((landing / "support").iterdir())
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]


def read_objects(landing: Path) -> list[dict[str, object]]:
    objects = []
    for line in read_lines(landing):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            objects.append(value)
    return objects


def test_sample_contains_every_event_and_every_fault(landing: tuple[Path, Truth]) -> None:
    _, truth = landing
    assert set(truth.delivered_by_name) == EVENT_NAMES
    assert set(truth.quarantined) == REASONS
    assert truth.duplicates > 0
    assert truth.late > 0
    assert truth.lost > 0
    assert truth.violations > 0
    assert truth.broken_sequences > 0
    assert truth.unknown_fields.total() > 0


def test_sample_conserves_lines(landing: tuple[Path, Truth]) -> None:
    folder, truth = landing
    assert truth.happened == truth.delivered + truth.lost
    assert truth.lines == truth.delivered + truth.duplicates + truth.quarantined.total()
    assert len(read_lines(folder)) == truth.lines


def test_sample_duplicates_and_conflicts_are_as_counted(landing: tuple[Path, Truth]) -> None:
    folder, truth = landing
    copies = Counter(line for line in read_lines(folder))
    assert copies.total() - len(copies) == truth.duplicates
    payloads = defaultdict(set)
    for value in read_objects(folder):
        if value.get("id"):
            payloads[value["source"], value["id"]].add(json.dumps(value))
    assert sum(len(kinds) - 1 for kinds in payloads.values()) == truth.quarantined["id_conflict"]


def test_sample_losses_show_as_gaps_of_the_sequence(landing: tuple[Path, Truth]) -> None:
    folder, truth = landing
    seen = defaultdict(set)
    for value in read_objects(folder):
        sequence = str(value.get("sequence", ""))
        if sequence.isdigit() and value["source"]:
            seen[value["source"], value.get("boot")].add(int(sequence))
    gaps: Counter[str] = Counter()
    for (producer, _), numbers in seen.items():
        gaps[str(producer)] += max(numbers) - min(numbers) + 1 - len(numbers)
    assert +gaps == truth.lost_by_producer
    assert len(seen) > 3, "the chatbots start anew, the workbench does not"


def test_sample_arrives_out_of_order(landing: tuple[Path, Truth]) -> None:
    folder, _ = landing
    numbers = [
        int(str(value["sequence"]))
        for value in read_objects(folder)
        if value["source"] == "/agent-workbench"
    ]
    assert numbers != sorted(numbers)


def test_sample_ends_with_its_last_local_day(landing: tuple[Path, Truth]) -> None:
    folder, _ = landing
    zone = ZoneInfo("Asia/Shanghai")
    days = {
        datetime.fromisoformat(str(value["time"])).astimezone(zone).date()
        for value in read_objects(folder)
        if str(value["time"]).startswith("2025")
    }
    assert (min(days), max(days), len(days)) == (date(2025, 12, 18), date(2025, 12, 31), 14)


def test_sample_has_quiet_nights_and_weekends(landing: tuple[Path, Truth]) -> None:
    folder, _ = landing
    starts = [
        datetime.fromisoformat(str(value["time"])).astimezone(SMALL.zone)
        for value in read_objects(folder)
        if value["type"] == "session.start"
    ]
    hours = Counter(start.hour for start in starts)
    weekend = sum(start.weekday() >= 5 for start in starts) / 4
    assert sum(hours[hour] for hour in range(1, 6)) < sum(hours[hour] for hour in range(10, 15)) / 5
    assert weekend < (len(starts) - 4 * weekend) / 10


@pytest.mark.parametrize("compression", ["gz", "zst", "none"])
def test_same_seed_gives_same_bytes(tmp_path: Path, compression: Compression) -> None:
    centre = replace(SMALL, days=3)
    for name in ("first", "second"):
        write_sample(centre, tmp_path / name, compression)
    write_sample(replace(centre, seed=4), tmp_path / "other", compression)
    first, second, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "support").iterdir()}
        for name in ("first", "second", "other")
    )
    assert first == second
    assert first != other


def test_compressions_hold_the_same_lines(tmp_path: Path) -> None:
    centre = replace(SMALL, days=2)
    for compression in ("gz", "zst", "none"):
        write_sample(centre, tmp_path / compression, compression)
    packed = read_lines(tmp_path / "gz")
    plain = sorted((tmp_path / "none" / "support").iterdir())
    zstd = sorted((tmp_path / "zst" / "support").iterdir())
    assert [line for path in plain for line in path.read_bytes().splitlines()] == packed
    assert [
        line
        for path in zstd
        for line in zstandard.ZstdDecompressor()
        .decompressobj()
        .decompress(path.read_bytes())
        .splitlines()
    ] == packed
    assert plain[0].name == "sample-20251229T1200.ndjson"


def test_an_interrupted_sample_leaves_whole_files_only(tmp_path: Path) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample(SMALL, tmp_path, on_lines=stop)
    assert list((tmp_path / "support").iterdir()) == []


@pytest.mark.parametrize(("days", "sessions"), [(0, 60.0), (3, 0.0)])
def test_a_senseless_size_is_refused(days: int, sessions: float) -> None:
    with pytest.raises(SettingsError, match="A sample needs"):
        Centre(days=days, sessions_per_day=sessions)


def test_times_are_instants_with_an_offset(landing: tuple[Path, Truth]) -> None:
    folder, truth = landing
    times = [str(value["time"]) for value in read_objects(folder)]
    unreadable = [time for time in times if time == "yesterday"]
    readable = [datetime.fromisoformat(time) for time in times if time != "yesterday"]
    assert all(time.astimezone(UTC).year in {1999, 2025, 2199} for time in readable)
    assert 0 < len(unreadable) < truth.quarantined["invalid_envelope"]
