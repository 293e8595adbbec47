"""The spool: whole sealed files, a cap, and disks that refuse."""

from __future__ import annotations

import errno
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from casebook_tracking import Tracker
from casebook_tracking.file_locks import take_slot
from casebook_tracking.recovery import recover_leftovers
from casebook_tracking.spools import Spool, SpoolFullError, spooled_bytes

from tests.tracking.conftest import (
    run_child,
    sealed_events,
    start_child,
    wait_until,
    without_heartbeats,
)


def make_spool(directory: Path, **options: float) -> Spool:
    settings = {"file_bytes": 1000, "cap_bytes": 10_000, "seal_seconds": 60.0, **options}
    return Spool(
        directory,
        "name",
        file_bytes=int(settings["file_bytes"]),
        cap_bytes=int(settings["cap_bytes"]),
        seal_seconds=settings["seal_seconds"],
    )


def test_file_being_written_is_hidden_until_it_is_sealed(spool: Path) -> None:
    writer = make_spool(spool)
    writer.write(b"one\n")
    assert [path.name for path in spool.iterdir()] == [".name-000001.ndjson.open"]
    writer.seal()
    assert [path.name for path in spool.iterdir()] == ["name-000001.ndjson"]
    assert (spool / "name-000001.ndjson").read_bytes() == b"one\n"


def test_file_is_sealed_when_large_and_when_old(spool: Path) -> None:
    writer = make_spool(spool, file_bytes=10, seal_seconds=0.05)
    writer.write(b"0123456789\n")
    writer.seal_if_due()
    writer.write(b"small\n")
    writer.seal_if_due()
    assert len(list(spool.glob("*.ndjson"))) == 1
    time.sleep(0.06)
    writer.seal_if_due()
    assert len(list(spool.glob("*.ndjson"))) == 2


def test_sealed_file_is_for_owner_and_group(spool: Path) -> None:
    writer = make_spool(spool)
    writer.write(b"customer\n")
    writer.seal()
    assert (spool / "name-000001.ndjson").stat().st_mode & 0o007 == 0


def test_cap_counts_all_files_and_lifts_when_they_are_moved_away(spool: Path) -> None:
    first = make_spool(spool)
    for _ in range(10):
        first.write(b"x" * 999 + b"\n")
        first.seal_if_due()
    with pytest.raises(SpoolFullError):
        first.write(b"more\n")
    assert spooled_bytes(spool) == (10_000, True)
    assert spooled_bytes(spool, seconds=-1) == (0, False)
    next(spool.glob("*.ndjson")).unlink()

    def fits() -> bool:
        try:
            first.write(b"more\n")
        except SpoolFullError:
            return False
        return True

    wait_until(fits)


def test_full_spool_drops_what_the_counters_say(spool: Path) -> None:
    tracker = Tracker("/a", spool, spool_bytes=20_000, queue_size=200)
    for _ in range(1000):
        tracker.track("agent.login", agent_id="a" * 100)
    assert not tracker.flush(0.5)
    full = tracker.counters
    assert full.dropped > 0
    assert full.sent + full.queued + full.dropped == 1000
    assert spooled_bytes(spool)[0] <= 20_000
    tracker.close(0.1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of 512 KiB, or None where the tests may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = [
        shutil.which("mount") or "mount",
        "-t",
        "tmpfs",
        "-o",
        "size=512k",
        "tmpfs",
        str(place),
    ]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        yield None
        return
    yield place
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(place)], check=True)


# Where no file system can be mounted, files that may not grow stand for the full disk:
# both cut a write half way.
FULL_DISK = """
    import resource, sys
    from pathlib import Path
    from casebook_tracking import Tracker

    directory, is_limited = Path(sys.argv[1]), sys.argv[2] == "limited"
    if is_limited:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 1 << 30))
    tracker = Tracker("/a", directory / "spool", queue_size=500)
    for _ in range(2000):
        tracker.track("agent.login", agent_id="x" * 100)
    assert not tracker.flush(1.0)
    full = tracker.counters
    assert full.dropped > 0 and full.sent + full.dropped + full.queued == 2000, full
    (directory / "ballast").unlink()
    if is_limited:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
    tracker.track("agent.login", agent_id="after")
    assert tracker.close(5.0), tracker.counters
    print(tracker.counters.dropped)
"""


def test_full_disk_loses_what_is_declared_and_heals(
    small_disk: Path | None, tmp_path: Path
) -> None:
    directory = small_disk or tmp_path
    (directory / "ballast").write_bytes(b"0" * 400_000)
    child = run_child(FULL_DISK, directory, "mounted" if small_disk else "limited")
    assert child.returncode == 0, child.stderr
    events = sealed_events(directory / "spool")
    numbers = [int(event["sequence"]) for event in events]
    assert len(set(numbers)) == len(numbers)
    lost = max(numbers) - min(numbers) + 1 - len(numbers)
    declared = int(str(events[-1]["data"]["dropped"]))
    # Dropped after the disk had healed: none; so the last heartbeat says it all.
    assert lost == declared == int(child.stdout)
    assert min(numbers) == 1


def test_half_written_batch_is_cut_off_again(tmp_path: Path) -> None:
    child = run_child(
        """
        import resource, sys
        from pathlib import Path
        from casebook_tracking.spools import Spool

        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1 << 20))
        size = 1 << 20
        spool = Spool(Path(sys.argv[1]), "n", file_bytes=size, cap_bytes=size, seal_seconds=60)
        spool.write(b"a" * 599 + b"\\n")
        try:
            spool.write(b"b" * 599 + b"\\n")
        except OSError as error:
            print(type(error).__name__)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        spool.write(b"c" * 599 + b"\\n")
        spool.seal()
        """,
        tmp_path,
    )
    assert child.stdout.strip() == "OSError", child.stderr
    lines = (tmp_path / "n-000001.ndjson").read_text().splitlines()
    assert [set(line) for line in lines] == [{"a"}, {"c"}]


READ_ONLY = """
    import os, sys
    from casebook_tracking import Tracker

    if os.getuid() == 0:
        os.setgid(65534), os.setuid(65534)
    tracker = Tracker("/a", sys.argv[1], queue_size=50)
    for _ in range(200):
        tracker.track("agent.login", agent_id="a")
    assert not tracker.flush(0.3)
    counters = tracker.counters
    assert counters.sent == 0 and counters.dropped + counters.queued == 200, counters
    print("went on")
"""


def test_read_only_spool_is_survived(spool: Path) -> None:
    spool.mkdir()
    for parent in (spool, *list(spool.parents)[:3]):
        parent.chmod(0o755)
    spool.chmod(0o555)
    child = run_child(READ_ONLY, spool)
    assert child.stdout.strip() == "went on", child.stderr
    assert list(spool.iterdir()) == []


def test_spool_directory_that_vanishes_is_made_again(spool: Path) -> None:
    tracker = Tracker("/a", spool, seal_seconds=0.1)
    tracker.track("agent.login", agent_id="a")
    assert tracker.flush()
    for path in spool.iterdir():
        path.unlink()
    spool.rmdir()
    tracker.track("agent.login", agent_id="b")
    assert tracker.close()
    assert [e["data"] for e in without_heartbeats(sealed_events(spool))] == [{"agent_id": "b"}]


CROWD = """
    import sys, time
    from casebook_tracking import Tracker

    tracker = Tracker("/a", sys.argv[1], spool_bytes=1_000_000, file_bytes=200_000, queue_size=500)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        for _ in range(100):
            tracker.session_message(session_id="s" * 200, role="user", message_length=1)
        time.sleep(0.02)
    tracker.close(0.2)
"""


def test_cap_holds_for_processes_that_share_a_spool(spool: Path) -> None:
    """Each looked at the others once a minute: four processes left three times the cap."""
    children = [start_child(CROWD, spool) for _ in range(4)]
    for child in children:
        child.communicate(timeout=60)
    # One batch each, at most, between the look and the write; and one below, which did not fit.
    assert 800_000 < spooled_bytes(spool)[0] < 1_200_000


def test_file_that_cannot_be_sealed_is_tried_again(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second flush said that all could be read, while the file was hidden."""
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        raise OSError(errno.EROFS, "Read-only file system")

    tracker = Tracker("/a", spool)
    tracker.track("agent.login", agent_id="a")
    monkeypatch.setattr(Path, "rename", refuse)
    assert not tracker.flush(0.2)
    assert not tracker.flush(0.2)
    monkeypatch.setattr(Path, "rename", rename)
    assert tracker.flush()
    tracker.track("agent.login", agent_id="b")
    monkeypatch.setattr(Path, "rename", refuse)
    assert not tracker.close(0.3)
    assert len(sealed_events(spool)) == 1
    monkeypatch.setattr(Path, "rename", rename)
    # By the writer's last try, or else by the next start: the file is no longer locked.
    wait_until(lambda: recover_leftovers(spool) >= 0 and len(sealed_events(spool)) == 3)
    assert [int(e["sequence"]) for e in sealed_events(spool)] == [1, 2, 3]


def test_events_removed_with_their_open_file_are_declared(spool: Path) -> None:
    """They were counted as sent."""
    tracker = Tracker("/a", spool)
    for _ in range(12):
        tracker.track("agent.login", agent_id="a")
    wait_until(lambda: tracker.counters.sent == 12)
    shutil.rmtree(spool)
    tracker.track("agent.login", agent_id="a")
    wait_until(lambda: tracker.counters.sent == 13)
    tracker.close()
    assert tracker.counters.dropped >= 13
    heartbeat = sealed_events(spool)[-1]
    assert heartbeat["data"]["dropped"] == int(heartbeat["sequence"]) - 1 == 14


def test_file_system_without_locks_costs_no_descriptors(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try left a descriptor and an empty file."""

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    writer = make_spool(spool)
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(OSError, match="No locks"):
            writer.write(b"one\n")
        with pytest.raises(OSError, match="No locks"):
            take_slot(spool, "name")
    assert len(list(Path("/dev/fd").iterdir())) == before
    assert [path.name for path in spool.iterdir()] == [".name.0.slot"]
