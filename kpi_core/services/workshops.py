"""Workshops as a whole: list, create, import, export, settings, delete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from kpi_core.errors import MissingError
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.model.workshop import Settings, Workshop
from kpi_core.services.bundles import export_bundle, import_bundle
from kpi_core.services.carrying import in_fiscal_year_from
from kpi_core.services.creating import create_workshop
from kpi_core.services.editing import change
from kpi_core.services.people import Who, authorise
from kpi_core.services.snapshots import Snapshot, snapshot
from kpi_core.store import workshops as rows
from kpi_core.store.state import State
from kpi_core.store.versions import drop_unused_files
from kpi_core.vocabulary import Language, Role

__all__ = [
    "Snapshot",
    "WorkshopCard",
    "create_workshop",
    "delete_workshop",
    "export_bundle",
    "export_file",
    "import_bundle",
    "import_file",
    "list_workshops",
    "save_settings",
    "snapshot",
]


@dataclass(frozen=True)
class WorkshopCard:
    """A line of the list of workshops."""

    id: str
    name: str
    updated_at: datetime
    language: Language
    updated_by: str = ""
    """Who changed it last; empty while people have no names."""


def list_workshops(state: State) -> tuple[WorkshopCard, ...]:
    """The workshops this state is opened for, the one changed last first."""
    cards = []
    for workshop_id, updated_at, who, body in rows.frames(state.connection):
        if not state.admits(workshop_id):
            continue
        settings = _settings(body)
        at = datetime.fromisoformat(updated_at)
        cards.append(WorkshopCard(workshop_id, settings.name, at, settings.language, who))
    return tuple(cards)


@lru_cache(maxsize=256)
def _settings(body: str) -> Settings:
    """Parsed once: every page lists the workshops."""
    return Settings.model_validate_json(body)


def import_file(state: State, text: str | bytes, who: Who) -> str:
    """Store the workshop of a workshop file and give its id; nothing is stored when anything is wrong.

    Raises ``RefusedError('file_refused')`` whose ``problems`` name everything wrong at once, each with its path.
    """
    authorise(who, Role.FACILITATOR, everywhere=True)
    return create_workshop(state, read_workshop(text), who)


def export_file(state: State, workshop_id: str) -> str:
    """The workshop file's text; importing it and exporting again gives the same bytes."""
    return write_workshop(snapshot(state, workshop_id).workshop)


def save_settings(state: State, workshop_id: str, settings: Settings, revision: int, who: Who) -> int:
    """Store the workshop's frame; gives its new revision. Raises as ``editing.save``.

    Another start of the fiscal year rewrites the stored quarters to the keys of the same months, and is refused where
    there are none (``RefusedError('fiscal_year_holds')``).
    """

    def framed(workshop: Workshop) -> Workshop:
        if settings.fiscal_year_start != workshop.settings.fiscal_year_start:
            workshop = in_fiscal_year_from(workshop, settings.fiscal_year_start)
        return workshop.model_copy(update={"settings": settings})

    after = change(state, workshop_id, who, framed, expect={("settings", ""): revision}, mine=settings)
    return after.revisions["settings", ""]


def delete_workshop(state: State, workshop_id: str, who: Who) -> None:
    """Remove a workshop with its history, values and every file that no other workshop uses. There is no way back."""
    state.admit(workshop_id)
    authorise(who, Role.FACILITATOR)
    with state.writing() as connection:
        if not rows.delete(connection, workshop_id):
            raise MissingError("workshop_missing", workshop=workshop_id)
    drop_unused_files(state)
