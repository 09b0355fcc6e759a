"""Files to take away: built when asked for, never while drawing."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from kpi_core.services.workshops import export_bundle, export_file
from pages.components.session import later, t


def file_download(workshop_id: str, name: str, *, key: str) -> None:
    """A button that hands out the workshop file (JSON)."""
    opened = later()

    def build() -> bytes:
        with opened() as here:
            return export_file(here, workshop_id).encode()

    _download(t("settings.export_file"), build, f"{file_stem(name)}.json", "application/json", key)


def bundle_download(workshop_id: str, name: str, *, key: str) -> None:
    """A button that hands out the workshop file with its data (ZIP)."""
    opened = later()

    def build() -> bytes:
        with opened() as here:
            return export_bundle(here, workshop_id)

    _download(t("settings.export_bundle"), build, f"{file_stem(name)}.zip", "application/zip", key)


def _download(label: str, build: Callable[[], bytes], file_name: str, mime: str, key: str) -> None:
    st.download_button(label, data=build, file_name=file_name, mime=mime, key=key, on_click="ignore", width="stretch")


def csv_download(label: str, build: Callable[[], bytes], name: str, *, key: str, disabled: bool = False) -> None:
    """A button that hands out rows as ``name``.csv."""
    st.download_button(
        label,
        data=build,
        file_name=f"{file_stem(name)}.csv",
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
        disabled=disabled,
    )


def file_stem(name: str) -> str:
    """A workshop's name as the beginning of a file's name on any system."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", name).strip(" ._")[:60] or "workshop"
