"""The gate as a browser meets it: the whole app with Streamlit behind it; without a person nothing is served."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from kpi_core.model.base import Bilingual
from kpi_core.services.beginning import create_blank
from kpi_core.services.joining import person_with
from kpi_core.services.people import Who
from kpi_core.services.sharing import make_link, remove_person
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.vocabulary import Language, Role
from pages.gate.gate import Gate
from pages.gate.identity import COOKIE, HEADER
from pages.gate.join_routes import routes
from pages.gate.wrong_codes import MOST, WITHIN, WrongCodes

HTML = {"accept": "text/html"}
LOCAL, ELSEWHERE = ("127.0.0.1", 50000), ("192.168.1.77", 50000)
ME = Who("佐藤")
HOST = "192.168.1.20:8501"


async def echo(request: Request) -> PlainTextResponse:
    """Stands for Streamlit: says whom the gate let in."""
    return PlainTextResponse(request.headers.get(HEADER, "nobody"))


async def echo_socket(socket: WebSocket) -> None:
    await socket.accept()
    async for _ in socket.iter_text():
        await socket.send_text(socket.headers.get(HEADER, "nobody"))


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "w.db"
    monkeypatch.setenv("KPI_WORKSHOP_DB", str(file))
    return file


@pytest.fixture
def here(database: Path) -> Iterator[State]:
    with State.open(database) as state:
        yield state


@pytest.fixture
def workshop(here: State) -> str:
    return create_blank(here, "受注<b>拡大</b>", Language.JA, 4, (Bilingual(ja="営業", en="Sales"),), ME)


@pytest.fixture
def code(here: State, workshop: str) -> str:
    return make_link(here, workshop, Role.MEMBER, 8, ME).code


def browser(address: tuple[str, int] = ELSEWHERE, host: str = f"http://{HOST}") -> TestClient:
    app = Starlette(
        routes=[
            *routes,
            WebSocketRoute("/_stcore/stream", echo_socket),
            Route("/{path:path}", echo, methods=["GET", "PUT"]),
        ],
        middleware=[Middleware(Gate)],
    )
    return TestClient(app, base_url=host, client=address, follow_redirects=False)


def joined(code: str, name: str = "鈴木", host: str = f"http://{HOST}") -> TestClient:
    phone = browser(host=host)
    answer = phone.post(f"/join/{code}", data={"name": name}, headers={"origin": host})
    assert answer.status_code == 303, answer.text
    return phone


PATHS = ("/", "/kgi", "/settings", "/media/abc.csv", "/_stcore/upload_file/s/f", "/_stcore/metrics", "/static/js/a.js")


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_served_nothing(database: Path, path: str) -> None:
    answer = browser().get(path)
    assert (answer.status_code, answer.text) == (403, "Forbidden")


def test_nobody_connects(database: Path) -> None:
    with pytest.raises(WebSocketDisconnect), browser().websocket_connect(f"ws://{HOST}/_stcore/stream"):
        pass


def test_a_browser_cannot_say_itself_who_it_is(database: Path) -> None:
    assert browser().get("/", headers={HEADER: "owner"}).status_code == 403
    assert browser().get("/healthz", headers={HEADER: "owner"}).text == "nobody"


def test_the_owner_at_the_machine_needs_nothing(database: Path) -> None:
    at_home = browser(LOCAL, "http://localhost:8501")
    assert at_home.get("/media/abc.csv").text == "owner"
    with at_home.websocket_connect(
        "ws://localhost:8501/_stcore/stream", headers={"origin": "http://localhost:8501"}
    ) as socket:
        socket.send_text("?")
        assert socket.receive_text() == "owner"


@pytest.mark.parametrize(
    ("address", "host", "headers"),
    [
        (LOCAL, "http://attacker.example:8501", {}),  # a name rebound to this machine
        (LOCAL, "http://localhost:8501", {"origin": "https://attacker.example"}),  # a foreign page
        (LOCAL, "http://localhost:8501", {"x-forwarded-for": "203.0.113.9"}),  # a proxy on this machine
        (LOCAL, "http://localhost:8501", {"forwarded": "for=203.0.113.9"}),
        (ELSEWHERE, "http://localhost:8501", {}),  # only says that it is here
    ],
)
def test_whoever_only_seems_to_be_at_the_machine_is_nobody(database: Path, address, host: str, headers) -> None:
    assert browser(address, host).get("/", headers=headers).status_code == 403


def test_behind_a_proxy_place_counts_for_nothing(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_WORKSHOP_OWNER", "link")
    assert browser(LOCAL, "http://localhost:8501").get("/").status_code == 403


def test_who_joins_is_let_in_with_a_cookie_no_script_reads(
    database: Path, here: State, code: str, workshop: str
) -> None:
    phone = browser()
    answer = phone.post(f"/join/{code}?lang=ja", data={"name": "鈴木"}, headers={"origin": f"http://{HOST}"})
    assert answer.headers["location"] == f"/kgi?workshop={workshop}&lang=ja"
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))
    assert phone.get("/").text == person_with(here, phone.cookies[COOKIE])


def test_the_cookie_is_secure_over_https(database: Path, code: str) -> None:
    host = "https://kpi.example.com"
    answer = browser(host=host).post(f"/join/{code}", data={"name": "鈴木"}, headers={"origin": host})
    assert "Secure" in answer.headers["set-cookie"].split("; ")


@pytest.mark.parametrize("headers", [{}, {"origin": "https://attacker.example"}, {"origin": "null"}])
def test_a_foreign_form_joins_nobody(database: Path, here: State, code: str, workshop: str, headers) -> None:
    answer = browser().post(f"/join/{code}", data={"name": "鈴木"}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert snapshot(here, workshop).workshop.members == ()


class Watch(MetaPathFinder):
    """Notes for each loading of the join page whether an event loop waits for it."""

    def __init__(self) -> None:
        self.waits: list[bool] = []

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pages.gate.join_page":
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                self.waits.append(False)
            else:
                self.waits.append(True)


@pytest.mark.parametrize("way", ["page", "form", "refused"])
def test_the_event_loop_does_not_wait_for_what_the_first_who_joins_needs(
    database: Path, code: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    watch = Watch()
    monkeypatch.delitem(sys.modules, "pages.gate.join_page", raising=False)
    monkeypatch.setattr(sys, "meta_path", [watch, *sys.meta_path])
    if way == "page":
        assert "受注&lt;b&gt;拡大&lt;/b&gt;" in browser().get(f"/join/{code}").text
    elif way == "form":
        joined(code)
    else:
        assert browser().get("/", headers=HTML).status_code == 403
    assert watch.waits == [False]


def test_names_are_text_on_the_page(database: Path, code: str) -> None:
    page = browser().get(f"/join/{code}").text
    assert "受注&lt;b&gt;拡大&lt;/b&gt;" in page
    assert "<b>" not in page
    hostile = '"><script>ran=1</script>'
    joined(code, "田中")
    again = browser().post(
        f"/join/{code}",
        data={"name": "田中", "department": hostile},
        headers={"origin": f"http://{HOST}"},
    )
    assert again.status_code == 422
    assert "<script" not in again.text
    assert "<script" not in browser().get("/join", params={"code": hostile}).text


@pytest.mark.parametrize(("asked", "lang"), [("ja-JP,en;q=0.5", "ja"), ("en-US", "en"), ("fr", "en"), ("", "ja")])
def test_the_page_speaks_the_browsers_language(database: Path, code: str, asked: str, lang: str) -> None:
    page = browser().get(f"/join/{code}", headers={"accept-language": asked}).text
    assert f'<html lang="{lang}">' in page
    assert f'<html lang="{lang}">' in browser().get("/", headers={**HTML, "accept-language": asked}).text
    assert '<html lang="en">' in browser().get(f"/join/{code}?lang=en", headers={"accept-language": asked}).text


def test_guessing_is_slowed_down(database: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    guesser = browser(("192.168.1.99", 1))
    answers = [guesser.get(f"/join/wrong{number}").status_code for number in range(MOST + 1)]
    assert answers == [404] * MOST + [429]
    assert guesser.get(f"/join/{code}").status_code == 429
    assert browser().get(f"/join/{code}").status_code == 200


def test_an_address_waits_only_for_a_while() -> None:
    now = 1000.0
    wrong = WrongCodes(lambda: now)
    for _ in range(MOST):
        wrong.note("a")
    assert wrong.too_many("a")
    assert not wrong.too_many("b")
    now += WITHIN
    assert not wrong.too_many("a")


def test_a_large_form_is_refused(database: Path, code: str) -> None:
    answer = browser().post(f"/join/{code}", data={"name": "x" * 10_000}, headers={"origin": f"http://{HOST}"})
    assert answer.status_code == 413


def test_a_removed_persons_open_connection_is_cut(database: Path, here: State, code: str, workshop: str) -> None:
    with joined(code) as phone, phone.websocket_connect(f"ws://{HOST}/_stcore/stream") as socket:
        person = person_with(here, phone.cookies[COOKIE]) or ""
        socket.send_text("?")
        assert socket.receive_text() == person
        remove_person(here, workshop, person, ME)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()
        assert phone.get("/").status_code == 403
        with pytest.raises(WebSocketDisconnect), phone.websocket_connect(f"ws://{HOST}/_stcore/stream"):
            pass


def test_scanning_again_leads_back_in(database: Path, code: str, workshop: str) -> None:
    assert joined(code).get(f"/join/{code}").headers["location"] == f"/kgi?workshop={workshop}&lang=ja"


def test_figures_of_the_server_are_the_owners(database: Path, code: str) -> None:
    phone = joined(code)
    assert [phone.get(path).status_code for path in ("/_stcore/metrics", "/_stcore/agent/x")] == [404, 404]
