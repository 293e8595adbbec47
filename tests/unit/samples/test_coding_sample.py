"""The made-up outfiles of the coding agent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.samples.coding import Coding, write_coding_sample
from raw_loaders.catalogue import read_catalogue
from raw_loaders.chunks import Chunk
from raw_loaders.qwen_code.decoding import TelemetryDecoder
from raw_loaders.redaction import HashKeys

CODING = Coding(end=date(2025, 12, 31), days=3)


def test_coding_sample_is_the_same_for_the_same_seed_and_all_of_it_lands(tmp_path: Path) -> None:
    events = write_coding_sample(CODING, tmp_path / "one")
    assert write_coding_sample(CODING, tmp_path / "other") == events
    keys = HashKeys(key=b"k", key_id="k", identity_key=b"i")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    chunk = Chunk(0, 0, 0)
    files = sorted((tmp_path / "one" / "qwen_code").iterdir())
    assert [file.name for file in files][-1] == "sample-20251231.log"
    for file in files:
        assert file.read_bytes() == (tmp_path / "other" / "qwen_code" / file.name).read_bytes()
        decoder = TelemetryDecoder(read_catalogue("qwen_code"), keys, ZoneInfo("UTC"), now)
        decoder.decode_lines(file.read_bytes().split(b"\n")[:-1], 1, 0, chunk)
    assert len(chunk.rows) == chunk.read_count == events
    assert (chunk.rejected, chunk.flags) == ([], {})
