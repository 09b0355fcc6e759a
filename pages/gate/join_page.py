"""Joining: a small page of the app's own, outside Streamlit, for a name and a department; it works on any phone."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from kpi_core.errors import KpiError, MissingError
from kpi_core.services.checks import steps
from kpi_core.services.joining import MOST_NAME, STAYS, invitation, join, person_with, who_is
from kpi_core.services.people import Who, may
from kpi_core.services.wording import sentence_for
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language, Page
from pages.gate.database import database
from pages.gate.identity import COOKIE, token_of
from pages.gate.wrong_codes import WrongCodes

_MOST_BYTES = 8_192
_templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
_wrong = WrongCodes()


async def join_page(request: Request) -> Response:
    """The form for a code; straight on to the workshop for a browser that joined it."""
    language, code = language_of(request.scope), request.path_params.get("code") or request.query_params.get("code", "")
    if not code:
        return _drawn("code.html", language)
    if _wrong.too_many(_address(request)):
        return _drawn("code.html", language, 429, problem=say("joining.too_many", language))
    return await run_in_threadpool(_asked, request, code, language)


async def join_now(request: Request) -> Response:
    """What the form sends: joins, and hands the browser its token in a cookie that no script can read."""
    language, code = language_of(request.scope), request.path_params["code"]
    if not _from_own_page(request):
        return _drawn("code.html", language, 403, problem=say("joining.foreign_form", language))
    if _wrong.too_many(_address(request)):
        return _drawn("code.html", language, 429, problem=say("joining.too_many", language))
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return _drawn("code.html", language, 413)
    fields = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    return await run_in_threadpool(_joined, request, code, language, fields)


def refused_page(scope: Scope) -> Response:
    """What someone sees who has not joined, or no longer may come in: where to get a link, a field for a code."""
    return _drawn("code.html", language_of(scope), 403, problem=say("joining.needed", language_of(scope)))


def language_of(scope: Scope) -> Language:
    """The language asked for in the address, else the browser's; Japanese first, as on the pages."""
    asked = QueryParams(scope["query_string"]).get("lang")
    if asked in [language.value for language in Language]:
        return Language(asked)
    wanted = Headers(scope=scope).get("accept-language", "ja").strip().lower()
    return Language.JA if not wanted or wanted.startswith(("ja", "*")) else Language.EN


def _asked(request: Request, code: str, language: Language) -> Response:
    with State.open(database()) as state:
        try:
            found = invitation(state, code)
        except MissingError as error:
            return _missing(request, error, language)
        person = person_with(state, token_of(request.scope))
        if person is not None:
            who = who_is(state, person)
            if who.workshops is None or found.link.workshop in who.workshops:
                return RedirectResponse(_landing(state, who, language), 303)
        return _form(state, code, language)


def _joined(request: Request, code: str, language: Language, fields: dict[str, str]) -> Response:
    with State.open(database()) as state:
        try:
            token = join(state, code, fields.get("name", ""), fields.get("department") or None)
        except MissingError as error:
            return _missing(request, error, language)
        except KpiError as error:
            return _form(state, code, language, fields, sentence_for(error, language))
        who = who_is(state, person_with(state, token) or "")
        response = RedirectResponse(_landing(state, who, language), 303)
    secure = request.url.scheme == "https"
    age = int(STAYS.total_seconds())
    response.set_cookie(COOKIE, token, max_age=age, path="/", httponly=True, samesite="lax", secure=secure)
    response.headers["cache-control"] = "no-store"
    return response


def _form(
    state: State, code: str, language: Language, typed: dict[str, str] | None = None, problem: str = ""
) -> Response:
    found = invitation(state, code)
    workshop = found.workshop
    departments = [] if workshop is None else [one.code for one in workshop.departments]
    return _drawn(
        "join.html",
        language,
        422 if problem else 200,
        problem=problem,
        code=found.link.code,
        title=say("joining.everything", language) if workshop is None else workshop.settings.name,
        role=say(f"joining.as_{found.link.role.value}", language),
        departments=[(one, workshop.department_name(one, language)) for one in departments] if workshop else [],
        typed=typed or {},
        most=MOST_NAME,
    )


def _missing(request: Request, error: KpiError, language: Language) -> Response:
    _wrong.note(_address(request))
    return _drawn("code.html", language, 404, problem=sentence_for(error, language))


def _landing(state: State, who: Who, language: Language) -> str:
    """Where a person goes first: a viewer to the dashboard, others to the step at which the team is."""
    if who.workshops is None:
        return f"/?{urlencode({'lang': language.value})}"
    workshop = next(iter(who.workshops))
    at = next((one.page for one in steps(state, workshop) if one.state == "current"), Page.DASHBOARD)
    page = at if may(who) else Page.DASHBOARD
    return f"/{page.value}?{urlencode({'workshop': workshop, 'lang': language.value})}"


def _drawn(template: str, language: Language, status: int = 200, **values: object) -> HTMLResponse:
    nonce = secrets.token_urlsafe(12)

    def text(key: str) -> str:
        return say(f"joining.{key}", language)

    page = _templates.get_template(template)
    content = page.render(t=text, lang=language.value, nonce=nonce, **{"problem": "", **values})
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'"
    headers = {
        "cache-control": "no-store",
        "content-security-policy": f"{policy}; frame-ancestors 'none'",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(content, status, headers)


def _from_own_page(request: Request) -> bool:
    """Whether a form was sent by this app's own page; browsers name the page's origin with every form."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
