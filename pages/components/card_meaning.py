"""The card's meaning: names, what it is in plain words, what counts and what does not."""

from __future__ import annotations

from kpi_core.model.base import Bilingual
from kpi_core.model.node import Node
from kpi_core.services.workshops import Snapshot
from pages.components.card_draft import card_draft, card_foot
from pages.components.draft import Values
from pages.components.session import raw, t

_TEXTS = ("definition", "includes", "excludes", "counting_unit", "example")


def card_meaning(snap: Snapshot, node: Node) -> None:
    """The form of the first tab."""
    draft = card_draft(snap, node, "meaning", _read)
    draft.text("name_ja", t("kpi_design.name_ja"), max_chars=200)
    draft.text("name_en", t("kpi_design.name_en"), max_chars=200)
    hint = raw("kpi_design.definition_hint")
    draft.area("definition", t("kpi_design.field.definition"), placeholder=hint, height=96, max_chars=5000)
    draft.area("includes", t("kpi_design.field.includes"), height=72, max_chars=5000)
    draft.area("excludes", t("kpi_design.field.excludes"), height=72, max_chars=5000)
    counting = raw("kpi_design.counting_unit_hint")
    draft.text("counting_unit", t("kpi_design.field.counting_unit"), placeholder=counting, max_chars=200)
    example = raw("kpi_design.example_hint")
    draft.area("example", t("kpi_design.field.example"), placeholder=example, height=72, max_chars=5000)
    card_foot(draft, snap, node, _fields)


def _read(node: Node) -> Values:
    return {"name_ja": node.name.ja, "name_en": node.name.en, **{name: getattr(node, name) for name in _TEXTS}}


def _fields(values: Values) -> dict[str, object]:
    name = Bilingual(ja=values["name_ja"].strip(), en=values["name_en"].strip())
    return {"name": name, **{field: values[field] for field in _TEXTS}}
