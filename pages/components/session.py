"""Who looks at which workshop in which language: read from the address once, kept for the session.

A page asks ``current()``; a fragment or callback may too, since nothing here depends on the page having run. Within
``page_run()`` the state is opened once and the choices are read once; a callback and a fragment's own run open it anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from kpi_core.errors import MissingError
from kpi_core.services.joining import who_is
from kpi_core.services.people import NOBODY, Who, may
from kpi_core.services.workshops import Snapshot, snapshot
from kpi_core.store.state import State
from kpi_core.text import enumerated, say
from kpi_core.vocabulary import Language, Role
from pages.components.plain import plain
from pages.components.script_run import mark
from pages.gate.database import database
from pages.gate.identity import OWNER

WORKSHOP = "workshop"
LANGUAGE = "lang"
Found = TypeVar("Found")


@dataclass(frozen=True)
class Session:
    """The choices a session has made; ``workshop`` is ``None`` until one is chosen."""

    language: Language
    workshop: str | None

    @property
    def who(self) -> Who:
        """The person as the state knows them at this moment: one who was removed is nobody from the next run on."""
        if _run.who is not None:
            return _run.who
        with _opened_for(mark()) as (_, who):
            return who


class _Run(threading.local):
    """What a page's run holds; Streamlit runs each in a thread, and a connection belongs to one thread."""

    state: State | None = None
    session: Session | None = None
    who: Who | None = None
    kept: dict[str, Any] | None = None


_run = _Run()


@contextmanager
def page_run() -> Iterator[None]:
    """Around the run of a whole page: one open state for all that it draws, closed at its end however it ends."""
    with _opened_for(mark()) as (opened, who):
        _run.state, _run.who, _run.kept = opened, who, {}
        try:
            yield
        finally:
            _run.state = _run.session = _run.who = _run.kept = None


def once_a_run(about: str, make: Callable[[], Found]) -> Found:
    """What ``make`` finds, asked once in a page's run, however many pieces of the page want to know."""
    if _run.kept is None:
        return make()
    if about not in _run.kept:
        _run.kept[about] = make()
    found: Found = _run.kept[about]
    return found


def state() -> AbstractContextManager[State]:
    """The state as the person may see it: ``with state() as opened: …``; the page run's own, else opened here."""
    return later()() if _run.state is None else nullcontext(_run.state)


def later() -> Callable[[], AbstractContextManager[State]]:
    """``state`` for what runs outside of the session (a download): still only what the person may see then."""
    asking = mark()

    @contextmanager
    def opened() -> Iterator[State]:
        with _opened_for(asking) as (found, _):
            yield found

    return opened


@contextmanager
def _opened_for(asking: str | None) -> Iterator[tuple[State, Who]]:
    with State.open(database()) as opened:
        who = _who(opened, asking)
        opened.only = who.workshops
        yield opened, who


def _who(opened: State, asking: str | None) -> Who:
    if asking == OWNER:
        return Who(name="")
    return who_is(opened, asking) if asking else NOBODY


def begin() -> Session:
    """The session at the start of a page run: takes the address's choices once, then keeps the address in step."""
    for key in (WORKSHOP, LANGUAGE):
        if key not in st.session_state:
            st.session_state[key] = st.query_params.get(key)
    if st.session_state[WORKSHOP] is None and (only := current().who.workshops) and len(only) == 1:
        (st.session_state[WORKSHOP],) = only
    if st.session_state[LANGUAGE] not in [language.value for language in Language]:
        st.session_state[LANGUAGE] = _preferred_language().value
    for key in (WORKSHOP, LANGUAGE):
        chosen = st.session_state[key]
        if chosen is not None and st.query_params.get(key) != chosen:
            st.query_params[key] = chosen
    _run.session = None  # what was read before the choices were complete
    return current()


def current() -> Session:
    """The session's choices; in a page's run only ``choose`` and ``leave_workshop`` change them."""
    if _run.session is not None:
        return _run.session
    written = st.session_state.get(LANGUAGE)
    language = Language(written) if written in [one.value for one in Language] else _preferred_language()
    session = Session(language, st.session_state.get(WORKSHOP))
    if _run.state is not None:
        _run.session = session
    return session


def choose(*, workshop: str | None = None, language: Language | None = None) -> None:
    """Keeps a choice for the session; the next run writes it into the address."""
    _run.session = None
    if workshop is not None:
        st.session_state[WORKSHOP] = workshop
    if language is not None:
        st.session_state[LANGUAGE] = language.value


def leave_workshop() -> None:
    """Forgets the chosen workshop."""
    _run.session = None
    st.session_state[WORKSHOP] = None
    st.query_params.pop(WORKSHOP, None)


def opened() -> Snapshot | None:
    """The chosen workshop as it is stored now; ``None`` when none is chosen or it is gone.

    A page's run sees it as it was at its beginning and as the run itself changed it: all its pieces show one moment.
    """
    chosen = current().workshop
    if chosen is None:
        return None
    with state() as here:
        return once_a_run(f"opened/{chosen}/{here.connection.total_changes}", lambda: _stored(here, chosen))


def _stored(here: State, workshop: str) -> Snapshot | None:
    try:
        return snapshot(here, workshop)
    except MissingError:
        return None


def allowed(at_least: Role = Role.MEMBER) -> bool:
    """Whether the person's role reaches; services refuse what it does not, pages need not offer it."""
    return may(current().who, at_least)


def everywhere() -> bool:
    """Whether the person has all workshops, and what concerns them all: new ones, imports, backups."""
    return current().who.workshops is None


def t(key: str, /, **params: object) -> str:
    """The sentence for ``key`` in the page's language, safe as markdown whatever people typed into its parameters."""
    safe = {name: plain(value) if isinstance(value, str) else value for name, value in params.items()}
    return say(key, current().language, **safe)


def listed(names: Iterable[str]) -> str:
    """Names one after another, in the page's language."""
    return enumerated(names, current().language)


def raw(key: str, /, **params: object) -> str:
    """The sentence for places that do not read markdown: tables, options, placeholders, file names."""
    return say(key, current().language, **params)


def _preferred_language() -> Language:
    """Japanese first; English for a browser that asks for anything but Japanese."""
    locale = st.context.locale or "ja"
    return Language.JA if locale.lower().startswith("ja") else Language.EN
