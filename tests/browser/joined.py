"""Coming from elsewhere: what a person's phone does to take part."""

from __future__ import annotations

from playwright.sync_api import Page

from kpi_core.services.people import Who
from kpi_core.services.sharing import make_link
from kpi_core.vocabulary import Role

from .conftest import ROOM, Server


def link(server: Server, workshop: str, role: Role = Role.MEMBER) -> str:
    """The address of a new link, as a phone reaches it."""
    with server.state() as here:
        code = make_link(here, workshop, role, 8, Who("進行役")).code
    return f"{elsewhere(server)}/join/{code}"


def elsewhere(server: Server) -> str:
    return server.url.replace("127.0.0.1", ROOM)


def join(phone: Page, address: str, name: str, department: str | None = "営業") -> None:
    phone.goto(address)
    phone.get_by_label("お名前").fill(name)
    if department:
        phone.get_by_label("部門").select_option(label=department)
    phone.get_by_role("button", name="参加する").click()
