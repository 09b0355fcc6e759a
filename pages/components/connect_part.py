"""A table of a database as a dataset: choose the connection, test it, look around, take a table. Nothing is copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from kpi_core.errors import KpiError, Problem, RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.dataset import Dataset, Source, table_text
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.connecting import NO_ANSWER, connect_table
from kpi_core.services.connections import (
    Connection,
    columns_in,
    connections,
    may_connect,
    schemas,
    tables_in,
    try_connection,
)
from kpi_core.services.measuring import refresh
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import SourceKind
from pages.components.labels import distinct
from pages.components.outcome import attempt
from pages.components.part_tabs import open_part
from pages.components.session import current, raw, state, t
from pages.components.trouble import show_error

_TESTED = "connecting.tested"
_DONE = "connecting.done"
_CODE = 'KPI_WORKSHOP_CONNECTION_CRM="postgresql://user:password@host:5432/database"'
_SECRETS = '[connections.crm]\nurl = "postgresql://user:password@host:5432/database"'


def connect_part(snap: Snapshot) -> None:
    """Closed at first: most teams upload files. Only for who runs the server, whose databases these are."""
    who = current().who
    if not may_connect(who):
        return
    with st.expander(t("connecting.title"), icon=":material/database:", key="connecting", on_change="rerun") as part:
        if not part.open:
            return
        st.caption(t("connecting.about"))
        known = connections(who)
        if not known:
            _how_to_add()
            return
        try:
            _choose(snap, known)
        except KpiError as error:
            show_error(error)


def again_button(snap: Snapshot, dataset: Dataset) -> None:
    """Looks at a connected table anew and computes what rests on it."""
    st.button(
        t("connecting.again"),
        key=f"connecting.again.{dataset.code}",
        icon=":material/refresh:",
        help=t("connecting.again_help"),
        on_click=_again,
        args=(snap,),
    )


def _how_to_add() -> None:
    st.markdown(t("connecting.none"))
    st.code(_CODE, language="sh")
    st.markdown(t("connecting.none_secrets"))
    st.code(_SECRETS, language="toml")


def _choose(snap: Snapshot, known: tuple[Connection, ...]) -> None:
    who = current().who
    kinds = {one.name: one.kind for one in known}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            t("connecting.connection"),
            list(kinds),
            format_func=lambda one: f"{one} ({raw(f'connecting.kinds.{_kind(kinds[one])}')})",
            key="connecting.name",
            width=320,
        )
        st.button(t("connecting.test"), icon=":material/bolt:", key="connecting.test", on_click=_test, args=(name,))
    _tested(name)
    choose = raw("data_sources.choose")
    with st.grid(2, min_column_width=260):
        with st.spinner(t("connecting.looking")):
            found = schemas(name, who)
        schema = st.selectbox(
            t("connecting.schema"), found, index=_usual(found), placeholder=choose, key=f"connecting.schema.{name}"
        )
        tables = tables_in(name, schema, who) if schema else ()
        table = st.selectbox(
            t("connecting.table", count=len(tables)),
            tables,
            index=None,
            placeholder=choose,
            key=f"connecting.table.{name}.{schema}",
        )
    if not schema or not table:
        return
    columns = columns_in(name, (schema, table), who)
    heads = (raw("connecting.column"), raw("connecting.type"))
    kinds_of = [raw(f"reading.types.{one.type.value}") for one in columns]
    st.dataframe(
        {heads[0]: [one.name for one in columns], heads[1]: kinds_of},
        hide_index=True,
        height=min(36 * (len(columns) + 1), 260),
        alt=t("connecting.columns_of", table=table, count=len(columns)),
    )
    st.info(t("connecting.other_than_files"), icon=":material/info:")
    _take(snap, name, schema, table)


def _take(snap: Snapshot, name: str, schema: str, table: str) -> None:
    """What the dataset is called and which system it is of; then it is one."""
    language = current().language
    mine = [one for one in snap.workshop.sources if one.connection == name]
    own = {one.code: one.name.in_language(language) or one.code for one in mine}
    options = {f"old/{code}": word for code, word in own.items()}
    for kind in SourceKind:
        options[f"new/{kind.value}"] = raw("data_sources.new_source", kind=raw(f"vocabulary.source_kind.{kind.value}"))
    place = f"connecting.{name}.{schema}.{table}"
    with st.grid(2, min_column_width=260):
        title = st.text_input(t("data_sources.dataset_name"), key=f"{place}.title", placeholder=table, max_chars=100)
        usual = 0 if own else list(options).index(f"new/{SourceKind.DATABASE.value}")
        source = st.selectbox(
            t("data_sources.source"),
            list(options),
            index=usual,
            format_func=distinct(options, options.__getitem__),
            key=f"{place}.source",
        )
    st.button(
        t("connecting.take"),
        type="primary",
        key="connecting.take",
        on_click=_connect,
        args=(snap, name, (schema, table), title.strip() or table, source or f"new/{SourceKind.DATABASE.value}"),
    )


def _connect(snap: Snapshot, name: str, path: tuple[str, ...], title: str, source: str) -> None:
    way, _, code = source.partition("/")
    made: Source | None = None
    if way == "new":
        codes = {one.code for one in snap.workshop.sources}
        code = code_from(Bilingual(en=name), "source", codes)
        words = {"ja": name, "en": name}
        made = composed(Source, {"code": code, "kind": source.partition("/")[2], "name": words, "connection": name})
    taken = {one.code for one in snap.workshop.datasets}
    names = {current().language.value: title}
    fields = {"code": code_from(Bilingual(en=title, ja=title), "dataset", taken), "source": code, "name": names}
    dataset = composed(Dataset, {**fields, "table": table_text(path)})

    def write() -> None:
        with state() as here:
            connect_table(here, snap.id, dataset, made, current().who)
            refresh(here, snap.id, current().who)
        st.session_state[_DONE] = {"workshop": snap.id, "dataset": dataset.code, "name": title}
        st.session_state.pop(f"connecting.table.{name}.{path[0]}", None)

    attempt(write)


def connected_now(snap: Snapshot) -> None:
    """The table that this session connected last, and what to do with it."""
    done = st.session_state.get(_DONE)
    if done is None or done["workshop"] != snap.id or snap.workshop.dataset(done["dataset"]) is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.success(t("connecting.taken", name=done["name"]), icon=":material/check:")
        st.button(
            t("data_sources.to_mapping"),
            type="primary",
            icon=":material/arrow_forward:",
            key="connecting.to_mapping",
            on_click=open_part,
            args=("data_sources.part", "mapping"),
        )


def _again(snap: Snapshot) -> None:
    def compute() -> None:
        with state() as here:
            done = refresh(here, snap.id, current().who, again=True)
        failed = [one for one in done.problems if one.code in NO_ANSWER or one.code == "table_unreadable"]
        if failed:
            raise RefusedError("tables_unread", failed, count=len(failed))
        held = _held_back(snap, done.problems)
        if held:
            raise RefusedError(held[0].code, held[1:], **held[0].params)

    attempt(compute, "connecting.again_done")


def _held_back(snap: Snapshot, problems: Sequence[Problem]) -> list[Problem]:
    """Each dataset that was held back, under its name, and behind it the rules it breaks."""
    found = []
    for held in (one for one in problems if one.code == "table_held_back"):
        dataset = snap.workshop.dataset(str(held.params["dataset"]))
        name = dataset.name.in_language(current().language) if dataset is not None else ""
        found.append(replace(held, path=None, params={**held.params, "dataset": name or held.params["dataset"]}))
        found += [replace(one, path=None) for one in problems if one.path and one.path.startswith(f"{held.path}[")]
    return found


def _test(name: str) -> None:
    def run() -> None:
        found = try_connection(name, current().who)
        st.session_state[_TESTED] = (name, found)

    st.session_state.pop(_TESTED, None)
    attempt(run)


def _tested(name: str) -> None:
    tested = st.session_state.get(_TESTED)
    if tested is not None and tested[0] == name:
        seconds, count = f"{tested[1].seconds:.1f}", tested[1].schemas
        st.success(t("connecting.answers", seconds=seconds, count=count), icon=":material/check:")


def _kind(kind: str) -> str:
    return kind if kind in ("postgres", "pyspark") else "other"


def _usual(found: tuple[str, ...]) -> int | None:
    return next((at for at, name in enumerate(found) if name in ("public", "default", "main")), 0 if found else None)
