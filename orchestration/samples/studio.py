"""Made-up posts of the agent studio's web client: people who create, try and publish bots.

Only names of the catalogue, one name it does not have, a few broken parameters, some posts
lost and some delivered twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from orchestration.samples.guards import SAMPLE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APP_ID = 510023
# Shares of visits that go on to the next step, of posts that are lost, or delivered twice.
GOES_ON = 0.7
LOST = 0.004
TWICE = 0.01
BROKEN = 0.03
SEARCHES = ("weather", "translate", "invoice", "order status", "travel plan")


@dataclass(frozen=True, kw_only=True)
class Studio:
    """What to make up; `end` is the last day (UTC)."""

    end: date
    days: int = 14
    visits_per_day: int = 40
    seed: int = 11


def write_studio_sample(studio: Studio, landing: Path) -> int:
    """Write one file of posts a day under `landing/coze_studio/`; give how many posts."""
    folder = landing / "coze_studio"
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(studio.seed)  # noqa: S311 - no secret
    counters: dict[int, int] = {}
    posts = 0
    for number in range(studio.days):
        day = studio.end - timedelta(days=studio.days - 1 - number)
        path = folder / f"{SAMPLE_PREFIX}{day:%Y%m%d}.ndjson"
        lines = list(_day_of_posts(day, studio.visits_per_day, counters, rng))
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        posts += len(lines)
    return posts


def _day_of_posts(day: date, visits: int, counters: dict[int, int], rng: Random) -> Iterator[bytes]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for number in range(visits):
        user = rng.randrange(120)
        begin = start + timedelta(minutes=rng.randrange(24 * 60 - 30))
        events = []
        for name, params, offset in _visit(number, rng):
            # The SDK counts per device, from its clock.
            counters.setdefault(user, int(start.timestamp() * 1000))
            counters[user] += 1
            moment = begin + timedelta(seconds=offset)
            events.append(
                {
                    "event": name,
                    "params": json.dumps({**params, "event_index": counters[user]}),
                    "local_time_ms": int(moment.timestamp() * 1000),
                    "is_bav": 0,
                    "session_id": f"{day:%Y%m%d}-{number}",
                }
            )
        for first in range(0, len(events), 5):
            post = _post(events[first : first + 5], user)
            copies = 0 if rng.random() < LOST else 2 if rng.random() < TWICE else 1
            yield from [post] * copies


def _visit(number: int, rng: Random) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Yield name, parameters and seconds since its begin of a visit's events."""
    bot = f"73{number:05d}{rng.randrange(10**6):06d}"
    yield "predefine_pageview", {"title": "Studio", "url_path": "/space/1/develop"}, 0
    yield "page_view", _page("/space/1/develop", rng), 1
    if rng.random() < 0.4:
        word = rng.choice(SEARCHES)
        yield "search_front", {"full_url": "/store", "source": "library", "search_word": word}, 9
    if rng.random() > GOES_ON:
        return
    yield "create_bot_click", {"source": "menu_bar", "workspace_type": "personal"}, 20
    result = "success" if rng.random() < 0.95 else "failed"
    created = {"source": "menu_bar", "workspace_type": "personal", "result": result}
    yield "create_bot_result", {**created, "bot_name": "My bot", "bot_desc": "It helps."}, 25
    if result == "failed" or rng.random() > GOES_ON:
        return
    yield "page_view", _page(f"/space/1/bot/{bot}", rng), 26
    for message in range(rng.randint(1, 6)):
        sent = {"from": "type", "is_user_owned": "true", "bot_id": bot}
        yield "click_send_message", {**sent, "message_id": f"m{message}"}, 40 + 30 * message
    if rng.random() < 0.5:
        flags = dict.fromkeys(
            ("is_auto_gen_changelog_empty", "is_changelog_empty", "is_modified"), True
        )
        ids = {"bot_id": bot, "space_id": "1", "workspace_id": "1", "publish_id": f"p{number}"}
        yield "bot_publish", {**ids, "workspace_type": "personal", **flags}, 400


def _page(path: str, rng: Random) -> dict[str, Any]:
    page: dict[str, Any] = {
        "need_login": True,
        "have_access": True,
        "is_inhouse": False,
        "URL": path,
        "full_url": f"https://studio.example{path}?from=home",
        "environment": "cn-release",
    }
    if rng.random() < BROKEN:
        page["need_login"] = "true"
    return page


def _post(events: list[dict[str, Any]], user: int) -> bytes:
    body = {
        "events": events[::-1],
        "user": {"user_unique_id": f"u_{user:04d}", "web_id": str(7_300_000_000_000 + user)},
        "header": {
            "app_id": APP_ID,
            "app_name": "studio",
            "platform": "web",
            "sdk_version": "0.1.6",
        },
        "local_time": events[-1]["local_time_ms"] // 1000,
        "verbose": 1,
    }
    return json.dumps([body]).encode()
