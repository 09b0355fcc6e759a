"""The state's schema as append-only steps: never edit one that was released, add the next.

Each step and the record of it are one transaction (sqlite-utils' ``Migrations``); ``user_version`` counts the steps, so
that opening a state need not look further. This module is loaded only when there is something to migrate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

from kpi_core.store.opening import APPLICATION_ID

if TYPE_CHECKING:
    from sqlite_utils import Database

MIGRATIONS = Migrations("kpi_workshop")

_FIRST = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    """CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT""",
    """CREATE TABLE workshops (
        id TEXT PRIMARY KEY, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, change INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE items (
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        section TEXT NOT NULL, code TEXT NOT NULL, position INTEGER NOT NULL, revision INTEGER NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY (workshop, section, code)
    ) STRICT""",
    """CREATE TABLE changes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        at TEXT NOT NULL, who TEXT NOT NULL, section TEXT NOT NULL, code TEXT NOT NULL, action TEXT NOT NULL,
        before TEXT, after TEXT
    ) STRICT""",
    "CREATE INDEX changes_of_workshop ON changes (workshop, id)",
    """CREATE TABLE versions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        dataset TEXT NOT NULL, parquet TEXT NOT NULL, as_of TEXT NOT NULL, uploaded_at TEXT NOT NULL,
        uploaded_by TEXT NOT NULL, file_name TEXT NOT NULL, rows INTEGER NOT NULL, report TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX versions_of_dataset ON versions (workshop, dataset, id)",
    "CREATE INDEX versions_by_parquet ON versions (parquet)",
    """CREATE TABLE measured (
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        node TEXT NOT NULL, basis TEXT NOT NULL, version TEXT NOT NULL, computed_at TEXT NOT NULL,
        problems TEXT NOT NULL, PRIMARY KEY (workshop, node)
    ) STRICT""",
    """CREATE TABLE observations (
        workshop TEXT NOT NULL, node TEXT NOT NULL, period TEXT NOT NULL, dimension TEXT, segment TEXT,
        value REAL NOT NULL, version TEXT NOT NULL, computed_at TEXT NOT NULL,
        FOREIGN KEY (workshop, node) REFERENCES measured (workshop, node) ON DELETE CASCADE
    ) STRICT""",
    "CREATE INDEX observations_of_node ON observations (workshop, dimension, node)",
    "CREATE INDEX observations_by_node ON observations (workshop, node)",
    """CREATE TABLE rule_runs (
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        dataset TEXT NOT NULL, basis TEXT NOT NULL, run_at TEXT NOT NULL, results TEXT NOT NULL,
        PRIMARY KEY (workshop, dataset)
    ) STRICT""",
    """CREATE TABLE drafts (
        workshop TEXT NOT NULL, place TEXT NOT NULL, who TEXT NOT NULL, revision INTEGER, body TEXT NOT NULL,
        at TEXT NOT NULL, PRIMARY KEY (workshop, place, who)
    ) STRICT""",
    "INSERT INTO meta VALUES ('instance', lower(hex(randomblob(8))))",
)

_INSIGHT = (
    """CREATE TABLE hypotheses (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        source TEXT NOT NULL, target TEXT NOT NULL, sign TEXT NOT NULL, lag INTEGER NOT NULL,
        at TEXT NOT NULL, who TEXT NOT NULL, after_test INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX hypotheses_of_link ON hypotheses (workshop, source, target, id)",
    """CREATE TABLE link_tests (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        source TEXT NOT NULL, target TEXT NOT NULL, hypothesis INTEGER NOT NULL REFERENCES hypotheses (id),
        basis TEXT NOT NULL, until TEXT, verdict TEXT NOT NULL, figures TEXT NOT NULL,
        at TEXT NOT NULL, who TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX link_tests_of_link ON link_tests (workshop, source, target, id)",
    """CREATE TABLE forecasts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        node TEXT NOT NULL, period TEXT NOT NULL, method TEXT NOT NULL, day TEXT NOT NULL,
        value REAL, low REAL, high REAL, known_to TEXT, reason TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX forecasts_of_node ON forecasts (workshop, node, id)",
    "CREATE INDEX forecasts_of_day ON forecasts (workshop, day)",
    "CREATE INDEX forecasts_by_method ON forecasts (workshop, method)",
    # what was believed or found is never rewritten; only a node's new code follows it
    *(
        f"""CREATE TRIGGER {table}_are_kept BEFORE UPDATE OF {columns} ON {table}
        BEGIN SELECT RAISE(ABORT, 'append only'); END"""
        for table, columns in (
            ("hypotheses", "id, sign, lag, at, who, after_test"),
            ("link_tests", "id, hypothesis, basis, until, verdict, figures, at, who"),
            ("forecasts", "id, period, method, day, value, low, high, known_to, reason, at, who"),
        )
    ),
)

#: Who may come in from elsewhere. ``workshop`` NULL: all. Of a person's token only its hash is kept.
_PEOPLE = (
    """CREATE TABLE join_links (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT REFERENCES workshops (id) ON DELETE CASCADE,
        code TEXT NOT NULL UNIQUE, role TEXT NOT NULL, made_by TEXT NOT NULL, made_at TEXT NOT NULL,
        expires_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE people (
        id TEXT PRIMARY KEY,
        workshop TEXT REFERENCES workshops (id) ON DELETE CASCADE,
        member TEXT, name TEXT NOT NULL, token TEXT NOT NULL UNIQUE,
        joined_at TEXT NOT NULL, seen_at TEXT NOT NULL, expires_at TEXT NOT NULL,
        UNIQUE (workshop, member)
    ) STRICT""",
)

#: What nobody may see yet (ideas until they are shown, votes until they are closed), the clock, a count of changes.
_ROOM = (
    """CREATE TABLE rooms (
        workshop TEXT PRIMARY KEY REFERENCES workshops (id) ON DELETE CASCADE,
        change INTEGER NOT NULL, ends_at REAL, left REAL, length REAL
    ) STRICT""",
    """CREATE TABLE hidden_ideas (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        round TEXT NOT NULL, person TEXT NOT NULL, text TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX hidden_ideas_of_round ON hidden_ideas (workshop, round, person)",
    """CREATE TABLE hidden_votes (
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        round TEXT NOT NULL, idea TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (workshop, round, idea, person)
    ) STRICT""",
)

_SCORES = (
    """CREATE TABLE scores (
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        at TEXT NOT NULL, met TEXT NOT NULL, agreed TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX scores_of_workshop ON scores (workshop, at)",
)

_ACTS_AND_MILESTONES = (
    "ALTER TABLE changes ADD COLUMN act INTEGER",
    "ALTER TABLE changes ADD COLUMN undoes INTEGER",
    """CREATE TABLE milestones (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        change INTEGER NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX milestones_of_workshop ON milestones (workshop, change)",
)

#: A person is told from others by their key; the name they go by is kept beside it (none in an anonymous round).
_AUTHORS = (
    "ALTER TABLE hidden_ideas ADD COLUMN author TEXT NOT NULL DEFAULT ''",
    """UPDATE hidden_ideas SET author = person WHERE NOT EXISTS (
        SELECT 1 FROM items WHERE items.workshop = hidden_ideas.workshop AND section = 'rounds' AND code = round
        AND json_extract(body, '$.anonymous')
    )""",
)

#: By which fiscal year a forecast's period is named: "2026" from April is another year than "2026" from January.
_FORECAST_YEARS = (
    "ALTER TABLE forecasts ADD COLUMN start INTEGER NOT NULL DEFAULT 4",
    """UPDATE forecasts SET start = coalesce((
        SELECT json_extract(body, '$.fiscal_year_start') FROM items
        WHERE items.workshop = forecasts.workshop AND section = 'settings'
    ), 4)""",
)

#: Every run of a dataset's rules is kept, not the last alone, with the version it looked at.
_RULE_RUNS = (
    "ALTER TABLE rule_runs RENAME TO last_rule_runs",
    """CREATE TABLE rule_runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        dataset TEXT NOT NULL, version TEXT NOT NULL, basis TEXT NOT NULL, run_at TEXT NOT NULL, results TEXT NOT NULL
    ) STRICT""",
    """INSERT INTO rule_runs (workshop, dataset, version, basis, run_at, results)
        SELECT workshop, dataset, '', basis, run_at, results FROM last_rule_runs ORDER BY run_at""",
    "DROP TABLE last_rule_runs",
    "CREATE INDEX rule_runs_of_dataset ON rule_runs (workshop, dataset, id)",
)

#: What measures without a date took of connected tables, a day each: the rows of that day are gone.
_TAKEN = (
    """CREATE TABLE taken (
        workshop TEXT NOT NULL REFERENCES workshops (id) ON DELETE CASCADE,
        dataset TEXT NOT NULL, basis TEXT NOT NULL, key TEXT NOT NULL, as_of TEXT NOT NULL, segments TEXT NOT NULL,
        PRIMARY KEY (workshop, dataset, basis, key, as_of)
    ) STRICT""",
)


def _step(number: int, statements: tuple[str, ...]) -> Callable[[Database], None]:
    def apply(db: Database) -> None:
        for statement in statements:
            db.conn.execute(statement)
        db.conn.execute(f"PRAGMA user_version = {number}")

    return apply


STEPS = (_FIRST, _INSIGHT, _PEOPLE, _ROOM, _SCORES, _ACTS_AND_MILESTONES, _AUTHORS, _FORECAST_YEARS, _RULE_RUNS, _TAKEN)
for _number, _statements in enumerate(STEPS, start=1):
    MIGRATIONS(name=f"step_{_number:03d}")(_step(_number, _statements))
