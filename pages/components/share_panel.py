"""Letting others in: a link as a QR code large enough to project, the links that work, and the people who joined."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import segno
import streamlit as st

from kpi_core.services.sharing import JoinLink, Person, links, make_link, people_of, remove_person, revoke_link
from kpi_core.services.workshops import Snapshot
from kpi_core.text.numbers import ago
from kpi_core.text.periods import format_datetime
from kpi_core.vocabulary import Role
from pages.components.frame import named
from pages.components.labels import distinct
from pages.components.outcome import attempt, tell_outcome
from pages.components.session import allowed, current, opened, raw, state, t
from pages.gate.addresses import addresses, own_address

HOURS = (2, 8, 24, 168)
_ROLES = (Role.MEMBER, Role.VIEWER)
#: Pixels of the code on screen, and seconds between two looks at who joined.
_QR, _LOOK = 400, 3


@dataclass(frozen=True)
class _Place:
    """Where the panel is drawn: in a dialog or in the settings."""

    name: str
    workshop: str


def share_button() -> None:
    """For facilitators, on every page of a workshop: opens the panel."""
    snap = opened()
    if snap is None or not allowed(Role.FACILITATOR):
        return
    if st.button(t("sharing.open"), key="sharing.open", icon=":material/qr_code_2:", type="tertiary"):

        @st.dialog(t("sharing.title"), width="large")
        def panel() -> None:
            now = opened()
            if now is not None:
                share_panel(now, "dialog")
                tell_outcome()

        panel()


def share_panel(snap: Snapshot, name: str) -> None:
    """The newest link large, beside it who joined; below, the other links and another one."""
    place = _Place(name, snap.id)
    with state() as here:
        found = links(here, snap.id, current().who)
    urls = addresses(st.context.url or "")
    if not urls:
        _only_here()
        _people(place)
        return
    left, right = st.columns([1, 1], gap="large")
    with left:
        if found:
            _shown(place, snap, found, urls)
        else:
            st.markdown(t("sharing.none"))
        with st.container() if not found else st.expander(t("sharing.another")):
            _another(place)
    with right:
        _people(place)


def _only_here() -> None:
    """The app answers only this computer: how to start it for a room."""
    st.warning(t("sharing.only_here"), icon=":material/wifi_off:")
    address = own_address() or "192.168.1.20"
    hosts = " ".join(f"--server.allowedHosts {name}" for name in ("localhost", address))
    st.code(f"{_own_streamlit()} run app.py --server.address 0.0.0.0 {hosts}", language=None, wrap_lines=True)


def _own_streamlit() -> str:
    """The command that started this app, as it is typed in the project's folder; with the path where that is none."""
    own = Path(sys.executable).with_name("streamlit")
    if not own.exists():
        return "streamlit"
    return str(own.relative_to(Path.cwd())) if own.is_relative_to(Path.cwd()) else str(own)


def _shown(place: _Place, snap: Snapshot, found: tuple[JoinLink, ...], urls: tuple[str, ...]) -> None:
    """One link as a QR code, its address and its code in letters one can read from afar."""
    by_code = {link.code: link for link in found}
    code = found[0].code
    if len(found) > 1:
        key = f"sharing.link/{place.name}"
        if st.session_state.get(key) not in by_code:
            st.session_state[key] = code
        words = distinct(by_code, lambda one: _named(by_code[one], snap))
        code = st.selectbox(t("sharing.link"), list(by_code), format_func=words, key=key)
    url = urls[0]
    if len(urls) > 1:
        url = st.selectbox(t("sharing.address"), urls, key=f"sharing.address/{place.name}")
    link = by_code[code]
    address = f"{url}/join/{link.code}"
    drawn = segno.make(address, error="m").svg_inline(scale=8, border=4, light="white")
    st.image(drawn, width=_QR, caption=raw("sharing.scan"))
    st.title(_spaced(link.code), anchor=False)
    st.code(address, language=None, wrap_lines=True)
    st.caption(_named(link, snap))
    st.button(
        t("sharing.revoke"),
        key=f"sharing.revoke/{place.name}/{link.id}",
        icon=":material/link_off:",
        on_click=_revoke,
        args=(place.workshop, link.id),
        help=t("sharing.revoke_help"),
    )


def _another(place: _Place) -> None:
    st.segmented_control(
        t("sharing.role"),
        _ROLES,
        format_func=lambda one: t(f"vocabulary.role.{Role(one).value}"),
        default=Role.MEMBER,
        required=True,
        key=f"sharing.role/{place.name}",
        help=t("sharing.role_help"),
    )
    st.selectbox(
        t("sharing.hours"),
        HOURS,
        index=1,
        format_func=lambda one: t(f"sharing.lasts_{one}"),
        key=f"sharing.hours/{place.name}",
    )
    st.button(t("sharing.make"), key=f"sharing.make/{place.name}", type="primary", on_click=_make, args=(place,))


@st.fragment(run_every=_LOOK)
def _people(place: _Place) -> None:
    """Who joined, seen again every few seconds: people come in while the code is on the wall."""
    snap = opened()
    if snap is None or not allowed(Role.FACILITATOR):
        return
    with state() as here:
        found = people_of(here, place.workshop, current().who)
    st.markdown(f"**{t('sharing.people', count=len(found))}**")
    if not found:
        st.caption(t("sharing.people_none"))
    for person in found:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            with st.container(width="stretch", gap="xxsmall"):
                st.markdown(f"**{named(_name(person, snap))}**")
                st.caption(_about(person, snap))
            st.button(
                t("sharing.remove"),
                key=f"sharing.remove/{place.name}/{person.id}",
                type="tertiary",
                on_click=_remove,
                args=(place.workshop, person.id),
                help=t("sharing.remove_help"),
            )


def _name(person: Person, snap: Snapshot) -> str:
    return next((one.name for one in snap.workshop.members if one.code == person.member), person.name)


def _about(person: Person, snap: Snapshot) -> str:
    language = current().language
    member = next((one for one in snap.workshop.members if one.code == person.member), None)
    department = snap.workshop.department_name(member.department, language) if member else ""
    role = t(f"vocabulary.role.{member.role.value}") if member else ""
    return " ・ ".join(
        part for part in (named(department) if department else "", role, ago(person.seen_at, language)) if part
    )


def _named(link: JoinLink, snap: Snapshot) -> str:
    until = format_datetime(link.expires_at, current().language, snap.workshop.settings.timezone)
    return raw("sharing.link_named", role=raw(f"vocabulary.role.{link.role.value}"), until=until)


def _spaced(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _make(place: _Place) -> None:
    role, hours = Role(st.session_state[f"sharing.role/{place.name}"]), st.session_state[f"sharing.hours/{place.name}"]

    def made() -> None:
        with state() as here:
            link = make_link(here, place.workshop, role, hours, current().who)
        st.session_state[f"sharing.link/{place.name}"] = link.code

    attempt(made)


def _revoke(workshop: str, link: int) -> None:
    def revoked() -> None:
        with state() as here:
            revoke_link(here, workshop, link, current().who)

    attempt(revoked, "sharing.revoked")


def _remove(workshop: str, person: str) -> None:
    def removed() -> None:
        with state() as here:
            remove_person(here, workshop, person, current().who)

    attempt(removed, "sharing.removed")
