"""Which system a file seems to come from, and what it can measure."""

from __future__ import annotations

import streamlit as st

from kpi_core.data.reading import Reading
from kpi_core.data.shaping.comparing import values_in
from kpi_core.guidance.exports import Recognised, recognise
from pages.components.session import listed, raw, t
from pages.components.upload_reading import remembered

_MOST_STAGES, _SHOWN = 50, 8


def recognised_part(place: str, reading: Reading) -> None:
    """The system, its columns and measures in a box; what its stages lack is said."""
    columns = [column.name for column in reading.columns]
    found = recognise(columns)
    if found is None:
        return
    stages: tuple[str, ...] | None = None
    if reading.parquet is not None and (stage := found.meanings.get("stage")):
        path = reading.parquet
        stages = remembered(f"{place}/stages", (path, stage), lambda: values_in(path, stage, _MOST_STAGES))
        found = recognise(columns, stages) or found
    pairs = [f"{raw(f'exports.meanings.{meaning}')}={column}" for meaning, column in found.meanings.items()]
    lines = [t("exports.found", system=found.system), t("exports.columns", columns=listed(pairs))]
    measures = [one for one in found.measures if stages or not one.guessed]
    if measures:
        names = listed(raw(f"exports.measures.{one.code}") for one in measures)
        lines.append(t("exports.can_measure", measures=names))
    st.info("  \n".join(lines), icon=":material/lightbulb:")
    if stages and any(one.guessed for one in measures):
        _own_stages(found, stages)


def _own_stages(found: Recognised, stages: tuple[str, ...]) -> None:
    values = listed(stages[:_SHOWN]) + ("…" if len(stages) > _SHOWN else "")
    words = {"column": found.meanings["stage"], "system": found.system, "values": values}
    st.markdown(f":orange[▲] {t('exports.won_not_there', **words)}")
