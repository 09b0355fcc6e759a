"""Changing a view: which KPIs it shows, in which order, and how often it is brought up to date."""

from __future__ import annotations

from kpi_core.model.operation import View
from kpi_core.services.composing import composed
from kpi_core.services.editing import save
from kpi_core.services.workshops import Snapshot
from kpi_core.vocabulary import Cadence, NodeStatus
from pages.components.draft import Draft, Values
from pages.components.session import current, raw, state, t

#: How often a dashboard may be brought up to date.
_REFRESH = (Cadence.DAY, Cadence.WEEK, Cadence.MONTH, Cadence.QUARTER)


def view_editor(snap: Snapshot, view: View) -> None:
    """The form of one view; the order of its KPIs is the order in which they were picked."""
    language = current().language
    names = {
        node.code: node.name.in_language(language) or node.code
        for node in snap.workshop.nodes
        if node.status is not NodeStatus.RETIRED
    }
    draft = Draft(f"views.{view.code}", _read(view), snap.revisions["views", view.code], _read)
    draft.text("name_ja", t("dashboard.view_name_ja"))
    draft.text("name_en", t("dashboard.view_name_en"))
    draft.several(
        "nodes",
        t("dashboard.view_nodes"),
        [code for code in dict.fromkeys([*draft.value("nodes"), *names]) if code in names],
        lambda code: names.get(code, code),
        help=t("dashboard.view_nodes_help"),
        placeholder=raw("dashboard.view_nodes_placeholder"),
    )
    draft.choice(
        "refresh",
        t("dashboard.view_refresh"),
        [one.value for one in _REFRESH],
        lambda one: raw(f"vocabulary.cadence.{one}"),
        help=t("dashboard.view_refresh_help"),
    )
    workshop_id = snap.id

    def store(values: Values, revision: int | None) -> None:
        name = {"ja": values["name_ja"], "en": values["name_en"]}
        changed = composed(View, {"name": name, "nodes": values["nodes"], "refresh": values["refresh"]}, view)
        with state() as here:
            save(here, workshop_id, "views", changed, revision, current().who)

    draft.foot(store)


def _read(view: View) -> Values:
    return {
        "name_ja": view.name.ja,
        "name_en": view.name.en,
        "nodes": list(view.nodes),
        "refresh": view.refresh.value if view.refresh else None,
    }
