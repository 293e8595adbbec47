"""Events and rows of all four sources with a secret in whatever is not kept as it is.

Which fields these are the catalogues say, so that a new field is planted by itself; beside
them content goes where no field is: unknown fields and columns, wrong types, broken lines.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from psycopg import sql

from raw_loaders.catalogue import read_catalogue
from raw_loaders.coze_studio.catalogue import read_studio_catalogue
from tests.unit.coze_studio.posts import body, capture, event, post
from tests.unit.qwen_code.captures import METRICS, new_log, old_log, otlp_body, otlp_record, pretty

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from raw_loaders.catalogue import EventType, Field
    from tests.protection.canaries import Canaries

TIME = "2025-12-01T04:00:00Z"
# What a constraint of the test refuses, by event_id.
POISON_ID, POISON_NUMBER = "poison", 666


def support_lines(canaries: Canaries) -> Iterator[bytes]:
    """Give lines of every event of `support`: whole, with wrong types, rejected, conflicting."""
    events = read_catalogue("support").events
    for name, kind in events.items():
        place = f"support {name}"
        data = {f.name: _value(f, f"{place}.{f.name}", canaries) for f in kind.fields}
        if "agent_name" in data:
            data["agent_name"] = canaries.keep(f"{place}.agent_name")
        unknown = {"note": canaries.secret(f"{place}.note"), canaries.secret(place) + " !": 1}
        yield _cloud_event(name, data | unknown, extra=canaries.secret(f"{place}, extension"))
        yield _cloud_event(name, data | _wrong_types(kind, place, canaries), id=f"{name}-wrong")
    hidden = {
        "session_id": "s",
        "order_number": canaries.secret("support, refused by the server"),
        "success": True,
        "note": canaries.secret("support, unknown field of a refused line"),
    }
    yield _cloud_event("query.order", hidden, id=POISON_ID)
    for number in range(2):
        text = canaries.secret(f"support, copy {number} of two in conflict")
        yield _cloud_event("query.order", {**hidden, "order_number": text}, id="twice")
    yield _cloud_event(f"said {canaries.secret('support, type')}", {}, id="no-type")
    yield _cloud_event("session.end", {"session_id": [canaries.secret("support, id")]}, id="bad")
    yield b'{"id": "half", "data": {"note": "%s' % canaries.secret("support, half a line").encode()
    yield canaries.secret("support, no JSON").encode()
    yield b"\xff" + canaries.secret("support, no UTF-8").encode()


def _cloud_event(name: str, data: dict[str, Any], **envelope: Any) -> bytes:
    head = {"specversion": "1.0", "id": name, "source": "desk", "type": name, "time": TIME}
    return json.dumps({**head, **envelope, "data": data}).encode()


def _value(field: Field, place: str, canaries: Canaries) -> Any:
    """Give a valid value: a secret unless the value itself is stored."""
    if not field.is_stored_as_is:
        return f"Mozilla/5.0 {canaries.secret(place)} Firefox/1"
    values = {"integer": 1, "number": 1.0, "boolean": True, "string": "plain"}
    return field.enum[0] if field.enum else values[field.type]


def _wrong_types(kind: EventType, place: str, canaries: Canaries) -> dict[str, Any]:
    """Give content where another type belongs, in every field that may break."""
    return {
        f.name: {"deep": [canaries.secret(f"{place}.{f.name}, wrong type")]}
        for f in kind.fields
        if f.presence != "identifying"
    }


def studio_lines(canaries: Canaries) -> Iterator[bytes]:
    """Give posts with every parameter of every event, of the right and of the wrong type."""
    events = read_studio_catalogue()
    number = 1000
    for name, kind in events.events.items():
        place = f"coze_studio {name}"
        parameters = {**events.sdk_parameters, **kind.parameters}
        hidden = {k: p for k, p in parameters.items() if p.privacy != "keep"}
        values = {k: _studio_text(p.privacy, f"{place}.{k}", canaries) for k, p in hidden.items()}
        wrong = {k: {"deep": canaries.secret(f"{place}.{k}, object")} for k in parameters}
        lists = {k: [{"deep": canaries.secret(f"{place}.{k}, list")}] for k in parameters}
        unknown = {"zz_note": canaries.secret(f"{place}.zz_note")}
        kept = {"utm_source": canaries.keep(place)} if "utm_source" in parameters else {}
        for params in (values | unknown | kept, wrong, lists):
            params.pop("event_index", None)
            number += 1
            yield post(body(event(name, number, **params)))
    user = {
        "user_unique_id": canaries.secret("coze_studio user"),
        "web_id": canaries.secret("coze_studio device"),
        "name": canaries.secret("coze_studio name of the user"),
    }
    header_secret = canaries.secret("coze_studio header")
    posted = body(event("page_view", 1, note=canaries.secret("coze_studio, captured")), user=user)
    posted["header"] |= {"custom": header_secret, "referrer": header_secret}
    yield capture(posted)
    secret = canaries.secret("coze_studio, refused by the server")
    yield post(body(event("sign_up_front", POISON_NUMBER, userid=secret)))
    for copy in range(2):
        text = canaries.secret(f"coze_studio, copy {copy} of two in conflict")
        yield post(body(event("sign_up_front", 5, userid=text)))
    yield post(body({"params": canaries.secret("coze_studio, no name"), "local_time_ms": "?"}))
    yield post(body(event("sign_up_front", 7) | {"params": canaries.secret("coze_studio, params")}))
    yield b'[{"events": [{"event": "%s' % canaries.secret("coze_studio, half a line").encode()


def _studio_text(privacy: str, place: str, canaries: Canaries) -> str:
    secret = canaries.secret(place)
    return (
        f"https://{secret}:{secret}@shop.example/space/{secret}?q={secret}#{secret}"
        if privacy == "url"
        else f"Said {secret} to all"
    )


def coding_files(canaries: Canaries) -> dict[str, bytes]:
    """Give an outfile, posted bodies and a recording with every event of the client."""
    events = read_catalogue("qwen_code").events
    outfile: list[bytes] = []
    bodies: list[bytes] = []
    recording: list[bytes] = []
    for name, kind in events.items():
        for number, (carrier, lines) in enumerate((("outfile", outfile), ("recording", recording))):
            place = f"qwen_code {name}, {carrier}"
            fields = {
                f.name: _value(f, f"{place}.{f.name}", canaries)
                for f in kind.fields
                if not f.is_entity_key
            }
            wrong = _wrong_types(kind, place, canaries)
            content = {
                "file_path": f"/home/{canaries.secret(f'{place}, path')}/notes.md",
                "unknown": [canaries.secret(f"{place}, list")],
                "metadata": {"diff": canaries.secret(f"{place}, metadata")},
                canaries.secret(f"{place}, name") + " !": 1,
            }
            for part, each in enumerate((fields | content, wrong)):
                if number:
                    lines.append(_recorded(f"{name}-{part}", name, each))
                else:
                    lines.append(pretty(_with_resource(old_log(name, **each), place, canaries)))
    kept = canaries.keep("qwen_code model")
    outfile.append(pretty(new_log("qwen-code.api_response", model=kept)))
    outfile.append(pretty(new_log(f"said {canaries.secret('qwen_code, name')}")))
    metrics = {"scopeMetrics": [{"metrics": [{"value": canaries.secret("qwen_code, metrics")}]}]}
    outfile.append(pretty({**METRICS, **metrics}))
    broken = canaries.secret("qwen_code, broken document")
    outfile.append(b'{\n  "attributes": {\n    "prompt": "%s\n}\n' % broken.encode())
    text: dict[str, object] = {"stringValue": canaries.secret("qwen_code, posted")}
    bodies.append(json.dumps(otlp_body(otlp_record(response_text=text))).encode() + b"\n")
    for number, uuid in enumerate(("talk", POISON_ID, "twice", "twice")):
        # Of another length each, or the two would say the same in what is stored.
        secret = canaries.secret(f"qwen_code, recorded as {uuid}") + "!" * number
        recording.append(_recorded(uuid, "api_error", {"error_message": secret}))
    said = {"parts": [{"text": canaries.secret("qwen_code, conversation")}]}
    line = {"uuid": "c", "sessionId": "s", "type": "user", "message": said, "cwd": said}
    recording.append(json.dumps(line).encode() + b"\n")
    recording.append(b'{"sessionId": "%s\n' % canaries.secret("qwen_code, half a line").encode())
    return {
        "outfile.log": b"".join(outfile),
        "bodies.jsonl": b"".join(bodies),
        "recording.jsonl": b"".join(recording),
    }


def _with_resource(log: dict[str, Any], place: str, canaries: Canaries) -> dict[str, Any]:
    log["resource"] = {
        "_rawAttributes": [
            ["host.name", canaries.secret(f"{place}, host.name")],
            ["process.command_args", ["-p", canaries.secret(f"{place}, command_args")]],
            ["process.owner", canaries.secret(f"{place}, owner")],
            ["service.version", "v20.20.2"],
        ]
    }
    log["_body"] = canaries.secret(f"{place}, body")
    return log


def _recorded(uuid: str, name: str, fields: dict[str, Any]) -> bytes:
    event = {"event.name": f"qwen-code.{name}", "event.timestamp": TIME, **fields}
    line = {
        "uuid": uuid,
        "sessionId": "recorded",
        "type": "system",
        "subtype": "ui_telemetry",
        "timestamp": TIME,
        "systemPayload": {"uiEvent": event},
    }
    return json.dumps(line).encode() + b"\n"


def plant_back_office(connection: psycopg.Connection, canaries: Canaries) -> None:
    """Put a secret into every hidden column of the rows of `biz`, and into an unknown one."""
    for table, kind in read_catalogue("ai_admin").events.items():
        place = f"ai_admin {table}"
        name = sql.Identifier("biz", table)
        connection.execute(sql.SQL("alter table {} add column zz_note text").format(name))
        values = {
            field.name: json.dumps(canaries.secret(f"{place}.{field.name}"))
            for field in kind.fields
            if not field.is_stored_as_is
        }
        values["zz_note"] = canaries.secret(f"{place}, unknown column")
        if table == "ai_run_logs":
            values["session_id"] = canaries.keep(f"{place}.session_id")
        assignments = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column))
            for column in values
        )
        connection.execute(sql.SQL("update {} set {}").format(name, assignments), values)
    connection.execute(
        "update biz.ai_run_logs set id = %s where id = (select min(id) from biz.ai_run_logs)",
        (POISON_NUMBER,),
    )
