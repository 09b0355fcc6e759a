"""The versions of a dataset: which there are, two of them compared, an older one brought back, one taken away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kpi_core.services.datasets import Version, delete_version
from kpi_core.services.measuring import refresh
from kpi_core.services.quality import check_outdated
from kpi_core.services.version_changes import restorations, restore_version
from kpi_core.services.workshops import Snapshot
from kpi_core.text.periods import format_date, format_datetime
from pages.components.dialog import act, told_or_closed
from pages.components.plain import plain
from pages.components.session import allowed, current, raw, state, t
from pages.components.version_difference import version_difference

_LIST, _COMPARE = "list", "compare"


def dataset_versions(snap: Snapshot, code: str, kept: Sequence[Version]) -> None:
    """Opens the dialog of a dataset's versions, ``kept`` newest first."""
    own = [version for version in kept if version.dataset == code]
    dataset = snap.workshop.dataset(code)
    name = (dataset.name.in_language(current().language) if dataset else "") or code

    @st.dialog(t("data_sources.versions_of", name=name), width="large")
    def body() -> None:
        told_or_closed()
        shown = _LIST
        if len(own) > 1:
            shown = st.segmented_control(
                t("versions.show"),
                [_LIST, _COMPARE],
                format_func=lambda one: t(f"versions.show_{one}"),
                default=_LIST,
                required=True,
                key=f"versions.show.{code}",
                label_visibility="collapsed",
            )
        if shown == _COMPARE:
            _compare(snap, code, own)
        else:
            _list(snap, code, own)

    body()


def _list(snap: Snapshot, code: str, own: Sequence[Version]) -> None:
    st.caption(t("data_sources.versions_help"))
    with state() as here:
        back = restorations(here, snap.id, code)
    files = {version.id: version for version in own}
    for at, version in enumerate(own):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap=None):
                mark = f" :primary-badge[{t('data_sources.in_use')}]" if at == 0 else ""
                st.markdown(f"**{plain(version.file_name)}**{mark}")
                st.caption(_line(snap, version))
                if version.id in back:
                    was = files.get(back[version.id])
                    st.caption(t("versions.restored_from", at=_at(snap, was)) if was else t("versions.restored_gone"))
            if allowed() and at:
                _restore(snap, code, version, own[0])
            if allowed():
                _delete(snap, code, version)


def _restore(snap: Snapshot, code: str, version: Version, newest: Version) -> None:
    with st.popover(t("versions.restore"), icon=":material/history:"):
        st.markdown(t("versions.restore_sure", name=version.file_name, at=_at(snap, version)))
        as_of = st.date_input(
            t("data_sources.as_of"),
            value=newest.as_of,
            format="YYYY/MM/DD",
            key=f"versions.as_of.{version.id}",
            help=t("versions.as_of_help"),
        )
        if version.as_of != newest.as_of:
            st.caption(t("versions.own_day", day=format_date(version.as_of, current().language)))

        def write() -> None:
            with state() as here:
                restore_version(here, snap.id, code, version.id, current().who, as_of=as_of)

        st.button(
            t("versions.restore_do"),
            key=f"versions.restore.{version.id}",
            type="primary",
            on_click=act,
            args=(write, "versions.restored"),
        )


def _delete(snap: Snapshot, code: str, version: Version) -> None:
    def write() -> None:
        with state() as here:
            delete_version(here, snap.id, code, version.id, current().who)
            refresh(here, snap.id, current().who)
            check_outdated(here, snap.id, current().who)

    with st.popover(t("data_sources.delete_version"), icon=":material/delete:"):
        st.markdown(t("data_sources.delete_version_sure", name=version.file_name))
        st.button(
            t("data_sources.delete_version_do"),
            key=f"data_sources.delete.{version.id}",
            type="primary",
            on_click=act,
            args=(write, "data_sources.version_deleted"),
        )


def _compare(snap: Snapshot, code: str, own: Sequence[Version]) -> None:
    words = {
        version.id: f"{version.file_name} ({_at(snap, version)}, {raw('versions.rows', rows=f'{version.rows:,}')})"
        for version in own
    }
    with st.grid(2, min_column_width=260):
        before = st.selectbox(
            t("versions.before"), list(words), 1, format_func=words.__getitem__, key=f"versions.before.{code}"
        )
        after = st.selectbox(
            t("versions.after"), list(words), 0, format_func=words.__getitem__, key=f"versions.after.{code}"
        )
    if before == after:
        st.info(t("versions.choose_two"))
        return
    version_difference(snap, code, before, after)


def _line(snap: Snapshot, version: Version) -> str:
    by = f" ・ {plain(version.uploaded_by)}" if version.uploaded_by else ""
    as_of = format_date(version.as_of, current().language)
    return t("data_sources.version_line", rows=f"{version.rows:,}", as_of=as_of, at=_at(snap, version)) + by


def _at(snap: Snapshot, version: Version) -> str:
    return format_datetime(version.uploaded_at, current().language, snap.workshop.settings.timezone)
