"""Who may do what with which object: the expectations, and what a server says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

ROLES = ("owner", "loader", "transformer", "bi_reader", "eraser", "quarantine_reader")
VERBS = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
ALL = frozenset(VERBS)
READ = frozenset({"select"})
ADD = frozenset({"select", "insert"})

Rights = dict[str, frozenset[str]]

# Relations of `staging` by name. A table that is not listed fails the test: say who may what.
RAW: Rights = {
    "owner": ALL,
    "loader": ADD,
    "transformer": READ,
    "eraser": READ | {"update", "delete"},
}
LEDGER: Rights = {"owner": ALL, "loader": ADD, "transformer": READ, "eraser": READ}
STAGING: dict[str, Rights] = {
    "raw_support_events": RAW,
    "raw_coze_studio_events": RAW,
    "raw_qwen_code_events": RAW,
    "raw_ai_admin_rows": RAW,
    "raw_qwen_code_metrics": LEDGER | {"eraser": READ | {"delete"}},
    "objects": LEDGER | {"quarantine_reader": READ},
    "object_names": LEDGER,
    # Only the column erased_count may be updated.
    "loads": LEDGER | {"eraser": READ | {"update"}, "quarantine_reader": READ},
    "load_counts": LEDGER,
    "stream_batches": LEDGER,
    "stream_losses": LEDGER,
    "source_positions": LEDGER,
    "rejected_sequences": LEDGER | {"eraser": ADD},
    "object_signatures": {"owner": ALL, "loader": ADD | {"update"}, "eraser": READ},
    "quarantine": {
        "owner": ALL,
        "loader": ADD,
        "eraser": READ,
        "quarantine_reader": READ,
    },
    "quarantine_raw": {
        "owner": ALL,
        "loader": ADD,
        "eraser": READ | {"delete"},
        "quarantine_reader": READ,
    },
    "quarantine_replays": {
        "owner": ALL,
        "loader": ADD,
        "eraser": READ,
        "quarantine_reader": READ,
    },
    # Only the column finished_at may be updated.
    "builds": LEDGER | {"loader": READ, "transformer": ADD | {"update"}},
    # What was erased, without the person; the transformer sees after_build_id only.
    "erasures": {"owner": ALL, "transformer": READ, "eraser": ADD},
    # Only the column erased_at may be updated.
    "tombstones": {"owner": ALL, "loader": READ, "eraser": ADD | {"update"}},
    "identity_keys": {"owner": ALL, "loader": READ, "eraser": READ},
    "report_snapshots": {
        "owner": ALL,
        "loader": READ,
        "transformer": READ | {"insert"},
        "eraser": READ,
    },
    "alembic_version": {"owner": ALL, "loader": READ, "transformer": READ, "eraser": READ},
}
MADE: Rights = {"transformer": ALL}
# What dbt makes, by schema; views of `staging` are named stg_….
LAYERS: dict[str, Rights] = {
    "staging": MADE,
    "intermediate": MADE,
    "seeds": MADE,
    "facts": MADE | {"bi_reader": READ},
    "marts": MADE | {"bi_reader": READ},
}
# Schema: who may look into it; who may make things in it.
USERS = {
    "staging": {"owner", "loader", "transformer", "eraser", "quarantine_reader"},
    "intermediate": {"owner", "transformer"},
    "seeds": {"owner", "transformer"},
    "facts": {"owner", "transformer", "bi_reader"},
    "marts": {"owner", "transformer", "bi_reader"},
}
MAKERS = {"owner", "transformer"}
TEMPORARY = {"owner", "loader", "transformer", "eraser"}
PAST = re.compile(r"_as_of_\d{8}t\d{6}z$")

RELATIONS = """
select spaces.nspname, classes.relname, classes.relkind::text, roles.role, verbs.verb
from pg_class as classes
inner join pg_namespace as spaces on classes.relnamespace = spaces.oid
cross join unnest(%s::text[]) as roles (role)
left join unnest(%s::text[]) as verbs (verb)
    on has_table_privilege('casebook_' || roles.role, classes.oid, verbs.verb)
    or (
        verbs.verb in ('select', 'insert', 'update', 'references')
        and has_any_column_privilege('casebook_' || roles.role, classes.oid, verbs.verb)
    )
where
    classes.relkind in ('r', 'v', 'm', 'p', 'f')
    and spaces.nspname !~ '^pg_' and spaces.nspname <> 'information_schema'
"""


def expected_rights(schema: str, relation: str) -> Rights | None:
    """Give what each role may do with a relation; None for one that nobody thought of."""
    layer = PAST.sub("", schema)
    if schema == "staging" and not relation.startswith("stg_"):
        return STAGING.get(relation)
    return LAYERS.get(layer)


def read_rights(connection: psycopg.Connection) -> dict[tuple[str, str], Rights]:
    """Give what each role may do with each relation of the database."""
    rights: dict[tuple[str, str], dict[str, set[str]]] = {}
    for schema, name, _, role, verb in connection.execute(RELATIONS, ([*ROLES], [*VERBS])):
        of_relation = rights.setdefault((schema, name), {})
        if verb is not None:
            of_relation.setdefault(role, set()).add(verb)
    return {
        relation: {role: frozenset(verbs) for role, verbs in by_role.items()}
        for relation, by_role in rights.items()
    }


def find_wrong_rights(connection: psycopg.Connection) -> list[str]:
    """Say what differs from the expectations, relation by relation and schema by schema."""
    wrong = []
    for (schema, name), rights in sorted(read_rights(connection).items()):
        expected = expected_rights(schema, name)
        if expected is None:
            wrong.append(f"{schema}.{name} is not in tests/protection/rights.py")
        elif expected != rights:
            wrong.append(f"{schema}.{name}: {_told(rights)}, not {_told(expected)}")
    return wrong + _wrong_schemas(connection)


def _wrong_schemas(connection: psycopg.Connection) -> list[str]:
    wrong = []
    rows = connection.execute(
        """
        select
            nspname, role,
            has_schema_privilege('casebook_' || role, oid, 'usage'),
            has_schema_privilege('casebook_' || role, oid, 'create')
        from pg_namespace, unnest(%s::text[]) as roles (role)
        where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
        """,
        ([*ROLES],),
    )
    for schema, role, may_use, may_create in rows:
        users = USERS.get(PAST.sub("", schema), set())
        if PAST.search(schema):
            users = users - {"loader", "eraser", "quarantine_reader"}
        expected = (role in users, role in MAKERS)
        if (may_use, may_create) != expected:
            wrong.append(f"schema {schema}, {role}: {(may_use, may_create)}, not {expected}")
    for role in ROLES:
        row = connection.execute(
            "select has_database_privilege(%s, current_database(), 'temporary')",
            (f"casebook_{role}",),
        ).fetchone()
        if row != (role in TEMPORARY,):
            wrong.append(f"temporary tables, {role}: {row}")
    return wrong


def _told(rights: Rights) -> str:
    return "; ".join(f"{role} {sorted(verbs)}" for role, verbs in sorted(rights.items()))
