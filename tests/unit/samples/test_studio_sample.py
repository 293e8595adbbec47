"""The made-up studio posts."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from orchestration.samples.studio import Studio, write_studio_sample
from raw_loaders.coze_studio.bodies import PostedEvent, read_line
from raw_loaders.coze_studio.catalogue import read_studio_catalogue

STUDIO = Studio(end=date(2025, 12, 31), days=3)


def test_studio_sample_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_studio_sample(STUDIO, tmp_path / name)
    files = sorted((tmp_path / "one" / "coze_studio").iterdir())
    assert [file.name for file in files][-1] == "sample-20251231.ndjson"
    for file in files:
        assert file.read_bytes() == (tmp_path / "other" / "coze_studio" / file.name).read_bytes()


def test_studio_sample_has_every_step_and_one_unknown_event(tmp_path: Path) -> None:
    write_studio_sample(STUDIO, tmp_path)
    names: Counter[str] = Counter()
    for file in (tmp_path / "coze_studio").iterdir():
        for line in file.read_bytes().splitlines():
            for part in read_line(line):
                assert isinstance(part, PostedEvent)
                names[str(part.event["event"])] += 1
    assert names.keys() - read_studio_catalogue().events.keys() == {"predefine_pageview"}
    steps = ("create_bot_click", "create_bot_result", "click_send_message", "bot_publish")
    assert all(names[step] > 0 for step in steps)
