"""A table of a database as a dataset: connected, measured, browsed; what goes wrong is said, and nothing secret is."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from urllib.parse import quote

import psycopg
import pytest

from kpi_core.cli import main
from kpi_core.data.connecting.remote import Remote
from kpi_core.data.connecting.secrets import connection_names
from kpi_core.data.observing import observe
from kpi_core.errors import RefusedError
from kpi_core.model.dataset import Dataset, Source
from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.workshop import Workshop
from kpi_core.services.connecting import connect_table
from kpi_core.services.connections import columns_in, connections, schemas, tables_in, try_connection
from kpi_core.services.datasets import store_upload, today_of, versions
from kpi_core.services.editing import save
from kpi_core.services.evaluating import evaluate
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.snapshots import snapshot
from kpi_core.services.wording import sentence_for
from kpi_core.services.workshops import create_workshop
from kpi_core.text import sentences
from kpi_core.vocabulary import ColumnType, Language, Role

from .conftest import known, postgres_url
from .rows import FRAMES
from .servers import PASSWORD, free_port, missing

ME = Who("佐藤")
MEASURE = {"dataset": "deals", "aggregate": "count", "date": "day"}
WON = {**MEASURE, "where": [{"column": "stage", "op": "==", "value": "Won"}]}
LEADS = "day,source\n2026-04-01,web\n2026-04-02,fair\n"
APRIL = FRAMES["deals"].filter((FRAMES["deals"]["day"].dt.year() == 2026) & (FRAMES["deals"]["day"].dt.month() == 4))


@pytest.fixture
def workshop(state, postgres):
    """A workshop with one KPI over a connected table and one over an upload, both measured."""
    document = {
        "workshop": {"name": "受注拡大"},
        "sources": [{"code": "ma", "kind": "ma"}, {"code": "crm", "kind": "database", "connection": postgres}],
        "datasets": [{"code": "leads", "source": "ma"}, {"code": "deals", "source": "crm", "table": "crm.deals"}],
        "nodes": [
            {"code": "won", "kind": "kpi", "measure": WON},
            {"code": "leads_in", "kind": "kpi", "measure": {**MEASURE, "dataset": "leads"}},
        ],
    }
    made = create_workshop(state, Workshop.model_validate(document), ME)
    leads = state.path.with_name("leads.csv")
    leads.write_text(LEADS, "utf-8")
    store_upload(state, made, "leads", leads, "leads.csv", None, ME)
    assert refresh(state, made, ME, again=True).problems == ()
    return made


def april(state, workshop, node="won"):
    return evaluate(state, workshop, first="2026-04", last="2026-04").series[node, None].actual[0]


def asked_of(server):
    """How often the app has asked this server for rows of the table."""
    return server[1].read_text("utf-8").count('FROM "crm"."deals"')


def test_a_connected_table_is_measured_where_it_lies(state, workshop):
    assert april(state, workshop) == (APRIL["stage"] == "Won").sum()
    (version,) = versions(state, workshop, "deals")
    assert (version.file_name, version.rows, version.reading.kind) == ("crm.deals", FRAMES["deals"].height, "table")
    assert not list(state.folder.glob(".incoming-*"))
    assert len(list(state.folder.glob("*.parquet"))) == 1  # the upload's: no row of the table has travelled


def test_only_what_changed_is_asked_for_again(state, workshop, postgres_server):
    before = asked_of(postgres_server)
    (leads,) = versions(state, workshop, "leads")
    leads.parquet.rename(leads.parquet.with_suffix(".away"))  # whoever reads it now fails
    done = refresh(state, workshop, ME)
    assert (done.observations, done.unchanged, done.problems) == (0, 2, ())
    assert asked_of(postgres_server) == before
    again = refresh(state, workshop, ME, again=True)  # as a scheduler does: the table is asked, the file is not
    assert (again.observations > 0, again.unchanged, again.problems) == (True, 1, ())
    assert asked_of(postgres_server) > before


def test_rows_that_came_since_count_at_the_next_refresh_of_a_scheduler(state, workshop, postgres_server):
    before = april(state, workshop)
    with psycopg.connect(postgres_url(postgres_server[0]), autocommit=True) as one:
        one.execute("INSERT INTO crm.deals (id, day, stage) VALUES (999999, '2026-04-15', 'Won')")
        try:
            refresh(state, workshop, ME)
            assert april(state, workshop) == before
            refresh(state, workshop, ME, again=True)
            assert april(state, workshop) == before + 1
        finally:
            one.execute("DELETE FROM crm.deals WHERE id = 999999")


def test_a_database_that_is_down_is_said_and_the_values_stay(state, workshop):
    before = april(state, workshop)
    with known("pg", postgres_url(free_port())):
        done = refresh(state, workshop, ME, again=True)
        assert [(one.code, one.path) for one in done.problems] == [("connection_unreachable", "datasets.deals.table")]
        assert april(state, workshop) == before
        assert april(state, workshop, "leads_in") == 2
        assert main(["refresh", workshop, "--db", str(state.path)]) == 2  # a scheduler goes by that
    assert main(["refresh", workshop, "--db", str(state.path)]) == 0


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://kpi:wr0ng-s3cret@127.0.0.1:{port}/sales", "connection_denied"),
        ("postgresql://kpi:{password}@127.0.0.1:{port}/nowhere", "connection_no_database"),
        ("postgresql://kpi:{password}@127.0.0.1:no-port/sales", "connection_url"),
        ("nosuchengine://kpi:{password}@127.0.0.1/sales", "connection_url"),
        ("mysql://kpi:{password}@127.0.0.1/sales", "connection_driver"),
    ],
)
def test_why_a_connection_fails_is_said_without_its_secrets(postgres_server, url, code, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    secret = url.format(port=postgres_server[0], password=quote(PASSWORD, safe=""))
    with known("broken", secret), pytest.raises(RefusedError) as refused:
        try_connection("broken", ME)
    assert refused.value.code == code
    told = [sentence_for(refused.value, language) for language in Language]
    everything = " ".join([*told, repr(refused.value), caplog.text, *capsys.readouterr()])
    for hidden in (PASSWORD, quote(PASSWORD, safe=""), "wr0ng-s3cret", "127.0.0.1"):
        assert hidden not in everything


def test_nothing_secret_is_in_the_state_or_the_workshop_file(state, workshop):
    state.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(path.read_bytes() for path in state.path.parent.rglob("*") if path.is_file())
    for hidden in (PASSWORD, quote(PASSWORD, safe=""), "postgresql://"):
        assert hidden.encode() not in kept


def test_a_workshop_file_has_no_place_for_a_url():
    document = {"workshop": {"name": "x"}, "sources": [{"code": "crm", "connection": "postgresql://kpi:pw@host/db"}]}
    with pytest.raises(ValueError, match="connection"):
        Workshop.model_validate(document)


def test_a_connection_is_named_by_the_environment_or_by_secrets(tmp_path, monkeypatch):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        '[connections.warehouse]\nurl = "duckdb:///w.duckdb"\n[connections.pg]\nurl = "postgresql://a/b"\n', "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    with known("lake", "pyspark://?spark.master=spark://host:7077"):
        found = {one.name: one.kind for one in connections(ME)}
    assert {"lake": "pyspark", "warehouse": "duckdb", "pg": "postgres"}.items() <= found.items()


def test_a_connection_is_tested_and_browsed(postgres):
    assert try_connection(postgres, ME).schemas >= 2
    assert "crm" in schemas(postgres, ME)
    assert tables_in(postgres, "crm", ME) == ("deals", "products", "slow")
    kinds = {one.name: one.type for one in columns_in(postgres, ("crm", "deals"), ME)}
    assert kinds == {
        "id": ColumnType.INTEGER,
        "key": ColumnType.DECIMAL,
        "day": ColumnType.DATE,
        "closed": ColumnType.DATETIME,
        "moment": ColumnType.DATETIME,
        "stage": ColumnType.TEXT,
        "region": ColumnType.TEXT,
        "product": ColumnType.TEXT,
        "amount": ColumnType.INTEGER,
        "price": ColumnType.DECIMAL,
        "score": ColumnType.DECIMAL,
        "units": ColumnType.INTEGER,
        "hot": ColumnType.BOOLEAN,
    }


def test_only_who_runs_the_server_looks_around(postgres):
    for who in (Who("member", Role.MEMBER), Who("guest", workshops=frozenset({"abc"}))):
        with pytest.raises(RefusedError) as refused:
            schemas(postgres, who)
        assert refused.value.code == "not_allowed"


def test_a_query_that_takes_too_long_is_ended(postgres):
    begun = time.monotonic()
    with closing(Remote(postgres, seconds=1)) as remote, pytest.raises(RefusedError) as refused:
        remote.count(("crm", "slow"))
    assert (refused.value.code, refused.value.params["seconds"]) == ("connection_timeout", 1)
    assert time.monotonic() - begun < 15


def test_a_server_that_accepts_and_is_silent_is_left():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with known("silent", postgres_url(silent.getsockname()[1])), pytest.raises(RefusedError) as refused:
            Remote("silent", connect_seconds=2).schemas()
    assert refused.value.code == "connection_timeout"


def test_the_app_only_reads(postgres):
    with closing(Remote(postgres)) as remote, pytest.raises(RefusedError) as refused:
        remote.fetch("DELETE FROM crm.products")
    assert "read-only" in str(refused.value.params["detail"])


def test_a_table_becomes_a_dataset_of_a_new_source(state, workshop, postgres):
    source = Source(code="erp", kind="accounting", connection=postgres)
    connect_table(state, workshop, Dataset(code="goods", source="erp", table="crm.products"), source, ME)
    (version,) = versions(state, workshop, "goods")
    assert (version.rows, [one.name for one in version.reading.columns]) == (5, list(FRAMES["products"].columns))


def test_a_table_that_cannot_be_read_leaves_nothing_behind(state, workshop, postgres):
    wrong = Dataset(code="gone", source="crm", table="crm.gone")
    with pytest.raises(RefusedError) as refused:
        connect_table(state, workshop, wrong, None, ME)
    assert refused.value.code == "table_unreadable"
    assert not versions(state, workshop, "gone")


def test_no_file_goes_into_a_connected_dataset(state, workshop):
    path = state.path.with_name("leads.csv")
    with pytest.raises(RefusedError) as refused:
        store_upload(state, workshop, "deals", path, "leads.csv", None, ME)
    assert refused.value.code == "dataset_connected"


LOOKED_UP = {"dataset": "deals", "aggregate": "sum", "column": "list_price", "date": "day", "dimensions": ["series"]}
LOOKUP = {
    "dataset": "products",
    "on": [["product", "product"]],
    "columns": ["series", "list_price"],
    "aliases": {"GTXPro": "GTX Pro"},
}


def mixed():
    """Deals that look products up."""
    return Workshop.model_validate(
        {
            "workshop": {"name": "mixed"},
            "sources": [{"code": "sfa"}],
            "datasets": [
                {"code": "deals", "source": "sfa", "lookups": [LOOKUP]},
                {"code": "products", "source": "sfa"},
            ],
            "nodes": [{"code": "n", "kind": "kpi", "measure": LOOKED_UP}],
        }
    )


@pytest.mark.parametrize("there", [("deals",), ("products",)])
@pytest.mark.parametrize("connected", ["postgres"], indirect=True)
def test_the_few_rows_of_a_look_up_travel_either_way(uploaded, connected, there):
    made = mixed()
    here, database = uploaded(made), connected(made)
    seen = observe(made, {**here, **{code: database[code] for code in there}})
    assert [one for one in seen.problems if one.code != "lookup_key_twice"] == []
    expected = {row[:4]: row.value for row in observe(made, here).observations}
    assert {row[:4]: row.value for row in seen.observations} == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("connected", ["postgres"], indirect=True)
def test_many_rows_do_not_travel(uploaded, connected, monkeypatch):
    monkeypatch.setattr("kpi_core.data.binding.MOST_TRAVELLING", 3)
    made = mixed()
    seen = observe(made, {**uploaded(made), "deals": connected(made)["deals"]})
    assert [one.code for one in seen.problems] == ["lookup_too_many"]
    assert seen.observations == ()


COUNTED = {"dataset": "deals", "aggregate": "count", "where": WON["where"], "dimensions": ["region"]}


def test_a_measure_without_a_date_is_taken_at_each_refresh_and_its_past_kept(state, workshop, postgres_server):
    snap = snapshot(state, workshop)
    node = snap.workshop.node("won").model_copy(update={"measure": SimpleMeasure.model_validate(COUNTED)})
    save(state, workshop, "nodes", node, snap.revisions["nodes", "won"], ME)
    assert refresh(state, workshop, ME, again=True).problems == ()
    won = FRAMES["deals"].filter(FRAMES["deals"]["stage"] == "Won")
    this, before = today_of(snap.workshop), date(2026, 1, 31)
    month = this.isoformat()[:7]
    assert evaluate(state, workshop, first=month, last=month).series["won", None].actual[0] == won.height
    with state.writing() as connection:  # as if it had been refreshed in January
        connection.execute("UPDATE taken SET as_of = ?", (before.isoformat(),))
    with psycopg.connect(postgres_url(postgres_server[0]), autocommit=True) as one:
        one.execute("INSERT INTO crm.deals (id, day, stage) VALUES (999998, NULL, 'Won')")
        try:
            refresh(state, workshop, ME, again=True)
        finally:
            one.execute("DELETE FROM crm.deals WHERE id = 999998")
    known = evaluate(state, workshop, first="2026-01", last=month).series["won", None].actual
    assert (known[0], known[-1]) == (won.height, won.height + 1)
    tokyo = evaluate(state, workshop, first="2026-01", last="2026-01", by="region").series["won", "東京"].actual
    assert tokyo[0] == (won["region"] == "東京").sum()


CLOCKS = """
from datetime import datetime
from kpi_core.data.connecting.opening import open_database
settings = "spark.master=local[1]&spark.driver.memory=512m&spark.log.level=OFF&spark.driver.host=127.0.0.1"
spark = open_database("pyspark", "pyspark://?" + settings, 60, 60)
((moment, wall, text),) = spark.fetch(
    "SELECT from_utc_timestamp(TIMESTAMP '2026-04-01 00:30:00Z', 'Asia/Tokyo') AS a,"
    " TIMESTAMP_NTZ '2026-04-01 09:30:00' AS a, 'x' AS a"
)
assert (moment, wall, text) == (datetime(2026, 4, 1, 9, 30), datetime(2026, 4, 1, 9, 30), "x"), moment
"""


def test_spark_tells_the_same_time_whatever_the_clock_of_the_server():
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        missing("no Spark on this machine: requirements-spark.txt, apt-get install default-jre-headless")
    clock = {**os.environ, "TZ": "Asia/Tokyo"}
    done = subprocess.run([sys.executable, "-c", CLOCKS], env=clock, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


def test_every_reason_has_its_words():
    codes = {key for key in sentences(Language.JA) if key.startswith("measures.connection_")}
    assert len(codes) == 8
    assert os.environ.get("KPI_WORKSHOP_CONNECTION_NOBODY") is None
    assert "nobody" not in connection_names()
