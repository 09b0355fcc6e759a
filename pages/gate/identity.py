"""Who a request comes from: the owner at their own machine, someone who joined, or nobody.

The gate says it to Streamlit in a header that no browser can send through (``server.trustedUserHeaders``); pages read
it as ``st.user``, and Streamlit binds every session to it: a session's id alone opens nothing.
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope
from streamlit import config

from kpi_core.store.state import State
from pages.gate.database import database

#: What ``st.user`` holds it as, the header it travels in, and what stands there for the owner.
MARK = "kpi_person"
HEADER = "x-kpi-person"
OWNER = "owner"
#: The cookie that holds the token of someone who joined.
COOKIE = "kpi_person"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


def mark_of(scope: Scope) -> str | None:
    """``OWNER``, a person's id, or ``None``. A person who joined is that person on the owner's machine, too."""
    token = token_of(scope)
    if token:
        from kpi_core.services.joining import person_with

        with State.open(database()) as state:
            person = person_with(state, token)
        if person is not None:
            return person
    return OWNER if is_owner(scope) else None


def token_of(scope: Scope) -> str:
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")


def is_owner(scope: Scope) -> bool:
    """Whether it comes from the very machine that serves, by a local name, from a page of this app.

    A foreign page cannot do that: its ``Origin`` is its own, and a name rebound to this machine is not a local name.
    A reverse proxy's requests come from this machine as well, so behind one nobody is the owner by place.
    """
    headers = Headers(scope=scope)
    if owner_by_link() or any(name in headers for name in _FORWARDED):
        return False
    client, origin = scope.get("client"), headers.get("origin")
    local = client is not None and _is_loopback(client[0]) and _is_local(f"//{headers.get('host', '')}")
    return local and (origin is None or _is_local(origin))


def owner_by_link() -> bool:
    """Behind a reverse proxy: said so, or seen by foreign names of a server that only this machine can reach."""
    said = os.environ.get("KPI_WORKSHOP_OWNER")
    if said in ("machine", "link"):
        return said == "link"
    return config.get_option("server.address") in _LOCAL_NAMES and bool(public_names())


def public_names() -> tuple[str, ...]:
    """The names under which others may open the app (``server.allowedHosts`` without the local ones)."""
    return tuple(name.strip() for name in config.get_option("server.allowedHosts") if name.strip() not in _LOCAL_NAMES)


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)  # how a dual-stack socket writes 127.0.0.1
    return (mapped or found).is_loopback


def is_local_name(name: str) -> bool:
    """Whether a host name means the machine itself."""
    return name in _LOCAL_NAMES


def _is_local(url: str) -> bool:
    try:
        return is_local_name(urlsplit(url).hostname or "")
    except ValueError:
        return False
