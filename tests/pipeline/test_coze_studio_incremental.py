"""The studio's tables after any order of arrival equal those of a full refresh."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.dbt_runs import PROFILES, PROJECT, dbt_environment, run_dbt, tell_warnings
from tests.unit.coze_studio.posts import NOON_MS, body, event, post

if TYPE_CHECKING:
    from tests.pipeline.conftest import WarehouseFactory
    from tests.property.warehouses import Warehouse

DAY_MS = 86_400_000
MODELS = (
    "path:dbt_project/models/staging/casebook",
    "path:dbt_project/seeds/coze_studio",
    *(f"path:dbt_project/models/{layer}/coze_studio" for layer in ("staging", "intermediate")),
    *(f"path:dbt_project/models/{layer}/coze_studio" for layer in ("facts", "marts")),
)
EVENTS = (
    ("page_view", {"URL": "/space/1", "need_login": True}),
    ("predefine_pageview", {"url_path": "/home"}),
    ("create_bot_click", {"source": "menu_bar"}),
    ("create_bot_result", {"result": "success"}),
    ("click_send_message", {"from": "type", "message_id": "m"}),
    ("bot_publish", {"bot_id": "b"}),
    ("search_front", {"search_word": "weather", "source": "library"}),
)


def week_of_posts(rng: random.Random) -> list[bytes]:
    """Draw ten days of six users, an event a post, some lost and some delivered twice."""
    lines: list[bytes] = []
    for user in range(6):
        for index in range(1, 60):
            name, params = rng.choice(EVENTS)
            shown: dict[str, Any] = dict(params)
            posted = event(name, index, **shown)
            posted["local_time_ms"] = NOON_MS + index * DAY_MS // 6 + user
            posted["session_id"] = f"visit {user} {index // 5}"
            line = post(body(posted, user={"web_id": str(user)}))
            lines += [line] * rng.choice((0, 1, 1, 1, 1, 2))
    return lines


def land(warehouse: Warehouse, name: str, lines: list[bytes]) -> None:
    folder = Path(warehouse.settings.landing) / "coze_studio"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
    warehouse.load("coze_studio")


class Seen(NamedTuple):
    """One event that was delivered at least once."""

    user: str
    visit: str
    moment: datetime
    name: str


def read_seen(lines: list[bytes]) -> set[Seen]:
    """Read the posts again, without the loader."""
    seen = set()
    for line in lines:
        ((posted, *_),) = [each["events"] for each in json.loads(line)]
        (user,) = [each["user"]["web_id"] for each in json.loads(line)]
        moment = datetime.fromtimestamp(posted["local_time_ms"] / 1000, UTC)
        seen.add(Seen(user, posted["session_id"], moment, posted["event"]))
    return seen


def check_usage(warehouse: Warehouse, seen: set[Seen]) -> None:
    """Hold events, users and visits of each day and event against a plain count."""
    groups: dict[tuple[object, ...], list[Seen]] = {}
    for each in seen:
        day = each.moment.astimezone(warehouse.settings.timezone).date()
        groups.setdefault((day, each.name), []).append(each)
    usage = warehouse.rows("marts", "product_feature_usage_daily")
    assert {
        (row["period_start"], row["event_name"]): tuple(
            row[f"{what}_count"] for what in ("event", "user", "session")
        )
        for row in usage
    } == {
        key: (len(group), len({one.user for one in group}), len({one.visit for one in group}))
        for key, group in groups.items()
    }


def check_funnel(warehouse: Warehouse, seen: set[Seen]) -> None:
    """Hold each day's funnel against a walk through each user's events."""
    funnel: dict[object, list[int]] = {}
    steps = ("create_bot_click", "create_bot_result", "click_send_message", "bot_publish")
    zone = warehouse.settings.timezone
    for user in {one.user for one in seen}:
        times = {
            step: sorted(one.moment for one in seen if (one.user, one.name) == (user, step))
            for step in steps
        }
        for day in {moment.astimezone(zone).date() for moment in times[steps[0]]}:
            at = min(m for m in times[steps[0]] if m.astimezone(zone).date() == day)
            end = at + timedelta(hours=168)
            reached = funnel.setdefault(day, [0, 0, 0, 0])
            for number, step in enumerate(steps):
                later = [moment for moment in times[step] if at <= moment <= end]
                if not later:
                    break
                reached[number] += 1
                at = later[0]
    counts = ("create", "result", "message", "publish")
    rows = warehouse.rows("marts", "product_funnel_daily")
    assert {
        row["event_date"]: [row[f"{step}_user_count"] for step in counts]
        for row in rows
        if row["create_user_count"]
    } == funnel


def test_coze_studio_tables_do_not_depend_on_the_order_of_arrival(
    new_warehouse: WarehouseFactory,
) -> None:
    rng = random.Random(6)
    lines = week_of_posts(rng)
    rng.shuffle(lines)
    warehouse = new_warehouse("studio")
    third = len(lines) // 3
    for number in range(3):
        land(warehouse, f"part-{number}", lines[number * third : (number + 1) * third])
        if number == 1:
            # Killed after its first models: the next build makes up for it.
            warehouse.build(only=(*MODELS[:3], "fct_product_events"), is_killed=True)
        warehouse.build(only=MODELS)
    tables = [("facts", "fct_product_events")]
    tables += [(schema, name) for schema, name in warehouse.tables() if name.startswith("product")]
    assert len(tables) == 7
    before = {table: warehouse.row_texts(*table) for table in tables}
    warehouse.build(full_refresh=True, only=MODELS)
    for table in tables:
        assert warehouse.row_texts(*table) == before[table], table
    seen = read_seen(lines[: 3 * third])
    check_usage(warehouse, seen)
    check_funnel(warehouse, seen)
    with warehouse.database.connect() as connection:
        (lost,) = connection.execute(
            "select sum(lost_events) from intermediate.int_product_losses_measured"
        ).fetchone() or (None,)
        (held,) = connection.execute(
            "select sum(last - first + 1 - held) from (select max(sequence) as last,"
            " min(sequence) as first, count(*) as held"
            " from staging.raw_coze_studio_events group by boot) as devices"
        ).fetchone() or (None,)
    assert lost == held


def test_an_index_that_comes_at_another_time_is_told(new_warehouse: WarehouseFactory) -> None:
    warehouse = new_warehouse("studio_times")
    first, later, other = event("page_view", 5), event("page_view", 5), event("page_view", 6)
    later["local_time_ms"] += 1
    land(warehouse, "first", [post(body(first)), post(body(first, user={"web_id": "1"}))])
    warehouse.build(only=MODELS)
    assert warnings_of(warehouse, "assert_product_ids_keep_their_time") == []
    land(warehouse, "later", [post(body(first)), post(body(later)), post(body(other))])
    warehouse.build(only=MODELS)
    assert len(warehouse.rows("facts", "fct_product_events")) == 4
    assert warnings_of(warehouse, "assert_product_ids_keep_their_time") == [
        "The check assert_product_ids_keep_their_time warns: rows found: 1."
    ]


def warnings_of(warehouse: Warehouse, check: str) -> list[str]:
    """Run one check of the warehouse as it is; give what is said of it."""
    said: list[str] = []
    folder = warehouse.settings.home / "dbt"
    run_dbt(
        [
            *("test", "--select", check, "--project-dir", str(PROJECT)),
            *("--profiles-dir", str(PROFILES), "--target-path", str(folder / "target")),
            *("--log-path", str(folder / "logs")),
        ],
        dbt_environment(warehouse.database, warehouse.suffix),
        tell_warnings(said.append, None),
    )
    return said
