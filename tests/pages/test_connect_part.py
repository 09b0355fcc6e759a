"""Step 4 over a database: a connection is chosen, tested and browsed, and one of its tables becomes a dataset."""

from __future__ import annotations

import os

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from kpi_core.model.measure import SimpleMeasure
from kpi_core.model.node import Node
from kpi_core.model.workshop import Workshop
from kpi_core.services.editing import save
from kpi_core.services.evaluating import evaluate
from kpi_core.services.joining import join, person_with
from kpi_core.services.mapping import dataset_columns, save_measure
from kpi_core.services.people import Who
from kpi_core.services.sharing import make_link
from kpi_core.services.snapshots import snapshot
from kpi_core.services.workshops import create_workshop
from kpi_core.text import say
from kpi_core.vocabulary import Aggregate, Language, NodeKind, Page, Role

ME = Who("佐藤")
#: Ibis asks DuckDB by a name that DuckDB has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
PREFIX = "KPI_WORKSHOP_CONNECTION_"


@pytest.fixture
def crm(tmp_path, monkeypatch):
    """A connection to a database with one table; the smallest there is, a DuckDB file."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA crm")
        connection.execute("CREATE TABLE crm.deals (closed DATE, amount BIGINT)")
        connection.execute("INSERT INTO crm.deals SELECT DATE '2026-04-01' + n::INT, n FROM range(60) days(n)")
    monkeypatch.setenv(f"{PREFIX}CRM", f"duckdb://{file}?read_only=True")


@pytest.fixture
def nothing(tmp_path, monkeypatch):
    """No connection at all, whatever this machine's own secrets are."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for key in [key for key in os.environ if key.startswith(PREFIX)]:
        monkeypatch.delenv(key)


def opened(show, workshop, language="ja") -> AppTest:
    app = show(Page.DATA_SOURCES, workshop, language)
    app.session_state["connecting"] = True
    return app.run()


def words(key, language=Language.JA, **params):
    return say(f"connecting.{key}", language, **params)


def button(app, key):
    return next(one for one in app.button if one.key == key)


def test_without_a_connection_the_page_says_how_to_add_one(show, blank, nothing):
    app = opened(show, blank)
    assert not app.exception
    assert words("none") in [one.value for one in app.markdown]
    assert f"{PREFIX}CRM" in app.code[0].value


def test_a_table_becomes_a_dataset_and_feeds_a_kpi(show, blank, here, nothing, crm):
    app = opened(show, blank)
    button(app, "connecting.test").click().run()
    assert any(one.value.startswith("応答がありました") for one in app.success)
    app.selectbox(key="connecting.schema.crm").select("crm").run()
    app.selectbox(key="connecting.table.crm.crm").select("deals").run()
    assert words("other_than_files") in [one.value for one in app.info]
    button(app, "connecting.take").click().run()
    assert not app.exception
    assert words("taken", name="deals") in [one.value for one in app.success]
    found = snapshot(here, blank).workshop
    (dataset,) = found.datasets
    assert (dataset.table, found.connection_of(dataset.code)) == ("crm.deals", "crm")
    assert list(dataset_columns(here, blank)[dataset.code].columns) == ["closed", "amount"]
    save(here, blank, "nodes", Node(code="won", kind=NodeKind.KGI, unit="count"), None, ME)
    measure = SimpleMeasure(dataset=dataset.code, aggregate=Aggregate.SUM, column="amount", date="closed")
    revision = snapshot(here, blank).revisions["nodes", "won"]
    save_measure(here, blank, "won", measure, revision, ME)
    assert evaluate(here, blank, first="2026-04", last="2026-05").series["won", None].actual.tolist() == [435, 1335]


def test_what_a_rule_holds_back_is_told_by_name_and_rule(show, here, nothing, crm):
    positive = {"column": "amount", "rule": "range", "minimum": 1, "on_break": "block"}
    document = {
        "workshop": {"name": "受注拡大"},
        "sources": [{"code": "crm", "kind": "database", "connection": "crm"}],
        "datasets": [
            {"code": code, "source": "crm", "table": "crm.deals", "name": {"ja": name}, "rules": [positive]}
            for code, name in (("deals", "商談"), ("quotes", "見積"))
        ],
    }
    count = {"dataset": "quotes", "aggregate": "count", "date": "closed"}
    document["nodes"] = [
        {"code": "won", "kind": "kgi", "measure": {**count, "dataset": "deals"}},
        {"code": "quoted", "kind": "kpi", "measure": count},
    ]
    workshop = create_workshop(here, Workshop.model_validate(document), ME)
    app = opened(show, workshop)
    button(app, "connecting.again.deals").click().run()
    (told,) = [one.value for one in app.error]
    assert "データセット「商談」は" in told
    assert "データセット「見積」は" in told
    assert told.count("のルールに反する行が1行あります") == 2
    assert "datasets" not in told


def test_a_connection_that_fails_is_told_and_the_page_lives(show, blank, nothing, monkeypatch):
    monkeypatch.setenv(f"{PREFIX}ERP", "postgresql://kpi:s3cret@127.0.0.1:1/erp")
    app = opened(show, blank, "en")
    assert not app.exception
    told = [one.value for one in app.error]
    assert told
    assert all("s3cret" not in one and "127.0.0.1" not in one for one in told)
    assert "Upload a file" in [one.value for one in app.subheader]


def test_who_joined_one_workshop_does_not_see_the_databases_of_the_server(show, blank, here, nothing, crm):
    code = make_link(here, blank, Role.FACILITATOR, 8, ME).code
    mark = person_with(here, join(here, code, "鈴木", "marketing")) or ""
    app = show(Page.DATA_SOURCES, blank, mark=mark)
    assert words("title") not in [one.label for one in app.expander]
    assert words("title") in [one.label for one in show(Page.DATA_SOURCES, blank).expander]
