"""An upload that a blocking rule refused: which rules, which rows, and these rows to take away and mend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from kpi_core.data.reading import ReadOptions
from kpi_core.errors import RefusedError
from kpi_core.services.adding import Upload, Way, failing_csv_of_files
from kpi_core.services.upload_rules import position_of
from pages.components.downloads import csv_download
from pages.components.session import later, t
from pages.components.trouble import told

_REFUSED = "data_sources.refused"

Build = Callable[[Callable[[Sequence[Upload]], bytes]], bytes]


def keep_refusal(error: RefusedError | None) -> None:
    """In a callback: what the last upload was refused for; ``None``: it was not."""
    st.session_state[_REFUSED] = error


def refused_rules(
    workshop: str, dataset: str, file_id: str, how: Way, options: ReadOptions, on_disk: Build, place: dict[str, Any]
) -> None:
    """The rules the file at hand was refused for; ``on_disk`` hands its files out once more, ``place`` is its own."""
    error: RefusedError | None = st.session_state.pop(_REFUSED, None)
    if error is not None:
        place["refused"] = (file_id, dataset, error)
    kept = place.get("refused")
    if kept is None or kept[:2] != (file_id, dataset):
        return
    with st.container(border=True):
        st.markdown(f"**:red[▼ {t('quality.refused', count=len(kept[2].problems))}]**")
        for problem in kept[2].problems:
            position = position_of(problem)
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(told(problem), width="stretch")
                if position is not None and problem.params.get("rows"):
                    _download(workshop, dataset, position, how, options, on_disk, problem.params)
        st.caption(t("quality.refused_help"))


def _download(
    workshop: str, dataset: str, position: int, how: Way, options: ReadOptions, on_disk: Build, params: Any
) -> None:
    opened = later()

    def build() -> bytes:
        def rows(files: Sequence[Upload]) -> bytes:
            with opened() as here:
                return failing_csv_of_files(here, workshop, dataset, files, options, how, position)

        return on_disk(rows)

    words = t("quality.rows", count=params["failed"])
    csv_download(words, build, str(params["column"]), key=f"quality.refused.{position}")
