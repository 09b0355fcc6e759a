"""Beginning a workshop: a blank one with its departments, one from a file, or a copy of another one with its data."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_core.errors import RefusedError
from kpi_core.model.base import Bilingual
from kpi_core.model.workshop import Department, Settings, Workshop
from kpi_core.services.bundles import is_bundle
from kpi_core.services.codes import code_from
from kpi_core.services.composing import composed
from kpi_core.services.measuring import Refreshed, refresh
from kpi_core.services.people import Who, authorise
from kpi_core.services.workshops import (
    create_workshop,
    export_bundle,
    import_bundle,
    import_file,
    save_settings,
    snapshot,
)
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, Role


def blank(
    name: str,
    language: Language,
    fiscal_year_start: int,
    departments: Sequence[Bilingual],
    currency: str = "JPY",
) -> Workshop:
    """A workshop with nothing but its frame and departments. Raises ``RefusedError('workshop_name_needed')``."""
    if not name.strip():
        raise RefusedError("workshop_name_needed")
    frame = {"name": name.strip(), "language": language, "fiscal_year_start": fiscal_year_start, "currency": currency}
    settings = composed(Settings, frame)
    found: list[Department] = []
    for department in departments:
        code = code_from(department, "department", [one.code for one in found])
        found.append(composed(Department, {"code": code, "name": department}))
    return Workshop(settings=settings, departments=tuple(found))


def create_blank(
    state: State,
    name: str,
    language: Language,
    fiscal_year_start: int,
    departments: Sequence[Bilingual],
    who: Who,
    currency: str = "JPY",
) -> str:
    """Store a blank workshop and give its id."""
    return create_workshop(state, blank(name, language, fiscal_year_start, departments, currency), who)


def from_file(state: State, content: bytes, who: Who) -> tuple[str, Refreshed | None]:
    """Store the workshop of a file, or of a zip with its data, and give its id; with data also what was measured.

    Raises ``RefusedError`` as ``import_file`` and ``import_bundle`` do.
    """
    authorise(who, Role.FACILITATOR, everywhere=True)
    if not is_bundle(content):
        return import_file(state, content, who), None
    workshop_id = import_bundle(state, content, who)
    return workshop_id, refresh(state, workshop_id, who)


def copy_workshop(state: State, workshop_id: str, name: str, who: Who) -> str:
    """Store a copy of a workshop, data included, under another name and give its id."""
    new_id = import_bundle(state, export_bundle(state, workshop_id), who)
    refresh(state, new_id, who)
    copied = snapshot(state, new_id)
    if not name.strip():
        raise RefusedError("workshop_name_needed")
    settings = composed(Settings, {"name": name}, copied.workshop.settings)
    save_settings(state, new_id, settings, copied.revisions["settings", ""], who)
    return new_id
