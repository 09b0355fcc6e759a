"""Landings that nobody waits for: found in a thread of their own, kept while what they rest on stays, put on record.

A landing takes seconds (models are fitted again for every past year), a page some tens of milliseconds. So a page asks
what is known, and has the rest found meanwhile. They rest on definitions, uploads and measured values: a changed name,
an answer on the checklist or a person's own figure needs no model fitted again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

from kpi_core.services.forecasts import record_landings
from kpi_core.services.landing import Landing, with_override
from kpi_core.services.people import Who
from kpi_core.services.remembered import Remembered
from kpi_core.services.snapshots import Snapshot
from kpi_core.store import observations
from kpi_core.store.forecasts import StoredForecast, forecasts_by
from kpi_core.store.state import State
from kpi_core.store.versions import versions_of
from kpi_core.vocabulary import Grain, LandingMethod

log = logging.getLogger("kpi_workshop")
Open = Callable[[], AbstractContextManager[State]]

#: Workshops and nodes whose landings are kept.
_MOST = 64
_RESTS_ON = {
    "code",
    "parent",
    "kind",
    "formula",
    "measure",
    "manual",
    "pipeline",
    "roll_up",
    "unit",
    "status",
    "nature",
}


@dataclass(frozen=True)
class Outlook:
    """A node's landings; ``None`` where the reason is in the log (a bug, told as "not to be had")."""

    period: Landing | None
    year: Landing | None


_found: OrderedDict[Hashable, Outlook] = OrderedDict()
_running: set[Hashable] = set()
_lock = threading.Lock()
_grounds: Remembered[str] = Remembered(64)
_overrides: Remembered[tuple[StoredForecast, ...]] = Remembered(64)


def outlook(state: State, workshop_id: str, node: str, *, today: date) -> Outlook | None:
    """What is known of the node's landings as the workshop stands; ``None`` while nobody has found it."""
    key = _key(state, workshop_id, node, today)
    with _lock:
        known = _found.get(key)
    if known is None or known.year is None:
        return known
    stored = _overrides.answer(state, workshop_id, (), _stored_overrides(state))
    return Outlook(*(one and with_override(one, stored) for one in (known.period, known.year)))


def find_outlook(state: State, workshop_id: str, node: str, who: Who, *, today: date) -> Outlook:
    """Finds the landings now, keeps them and puts them on record. Raises as ``landings``."""
    key = _key(state, workshop_id, node, today)
    landed = record_landings(state, workshop_id, who, [node], today=today)
    year = next((one for one in landed if one.period.grain is Grain.YEAR), None)
    made = Outlook(next((one for one in landed if one is not year), None), year)
    if key == _key(state, workshop_id, node, today):  # nobody changed what it rests on meanwhile
        _keep(key, made)
    return made


def find_meanwhile(opened: Open, workshop_id: str, node: str, who: Who, *, today: date) -> None:
    """Has a thread find them, unless one does already; ``opened`` opens the state as the person may see it."""
    with opened() as state:
        key = _key(state, workshop_id, node, today)
    with _lock:
        if key in _found or key in _running:
            return
        _running.add(key)
    threading.Thread(target=_find, args=(key, opened, workshop_id, node, who, today), daemon=True).start()


def _find(key: Hashable, opened: Open, workshop_id: str, node: str, who: Who, today: date) -> None:
    try:
        with opened() as state:
            find_outlook(state, workshop_id, node, who, today=today)
    except Exception:  # a thread has nobody above it to tell
        log.exception("no landing of %s in %s", node, workshop_id)
        _keep(key, Outlook(None, None))
    finally:
        with _lock:
            _running.discard(key)


def _keep(key: Hashable, made: Outlook) -> None:
    with _lock:
        _found[key] = made
        while len(_found) > _MOST:
            _found.popitem(last=False)


def _key(state: State, workshop_id: str, node: str, today: date) -> Hashable:
    ground = _grounds.answer(state, workshop_id, (), lambda found: _ground(state, found))
    return str(state.path), state.instance, workshop_id, node, today, ground


def _ground(state: State, found: Snapshot) -> str:
    """A fingerprint of all that landings rest on."""
    settings = found.workshop.settings
    document = [
        [settings.grain, settings.fiscal_year_start, settings.timezone],
        [node.model_dump(mode="json", include=_RESTS_ON) for node in found.workshop.nodes],
        [one.model_dump(mode="json", include={"code", "derived", "lookups"}) for one in found.workshop.datasets],
        sorted((one.id, one.dataset, str(one.as_of)) for one in versions_of(state.connection, found.id)),
        sorted((code, repr(one)) for code, one in observations.measured(state.connection, found.id).items()),
    ]
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _stored_overrides(state: State) -> Callable[[Snapshot], tuple[StoredForecast, ...]]:
    def read(found: Snapshot) -> tuple[StoredForecast, ...]:
        start = found.workshop.settings.fiscal_year_start
        return forecasts_by(state.connection, found.id, start, LandingMethod.OVERRIDE)

    return read
