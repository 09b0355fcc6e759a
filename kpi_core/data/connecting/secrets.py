"""Where databases are and how to sign in there: from the environment or Streamlit's secrets, never from the state.

``KPI_WORKSHOP_CONNECTION_SFA=postgresql://…`` or, in ``.streamlit/secrets.toml``, ``[connections.sfa]`` with ``url``.
What is said of a connection anywhere else is its name; ``hidden`` takes everything secret out of a text on its way to a
person.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

from kpi_core.data.uncomputable import UncomputableError

PREFIX = "KPI_WORKSHOP_CONNECTION_"
_PROJECT = Path(__file__).parent.parent.parent.parent
_HIDDEN = "•••"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
UNKNOWN = "unknown"
"""The kind of what is no URL: it may be a secret from its first letter."""
_DIALECTS = {"postgresql": "postgres", "spark": "pyspark"}


def connection_names() -> tuple[str, ...]:
    """The connections that this server knows, in order."""
    return tuple(sorted(_urls()))


def url_of(name: str) -> str:
    """The secret itself; raises ``UncomputableError('connection_unknown')``."""
    url = _urls().get(name)
    if url is None:
        raise UncomputableError("connection_unknown", place="dataset", connection=name)
    return url


def dialect_of(name: str) -> str:
    """What Ibis calls the kind of database behind a connection, ``UNKNOWN`` for no URL; raises as ``url_of``."""
    found = _SCHEME.match(url_of(name))
    scheme = found[1].casefold() if found else UNKNOWN
    return _DIALECTS.get(scheme, scheme)


def hidden(text: str, url: str) -> str:
    """``text`` without anything the URL says: itself, user, password, host, port, database, values of parameters."""
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = re.sub(re.escape(secret), _HIDDEN, text, flags=re.IGNORECASE)  # hosts are written large and small
    return text


def _secrets(url: str) -> set[str]:
    found = {url}
    try:
        parts = urlsplit(url)
        found |= {parts.username or "", parts.password or "", parts.netloc.rpartition("@")[0]}
        found |= {parts.netloc, parts.netloc.rpartition("@")[2], parts.hostname or ""}
        path = parts.path.strip("/")
        found |= {path, parts.path if path else "", path.partition("/")[0] if parts.netloc else ""}
        found |= {value for key, value in parse_qsl(parts.query) if not key.startswith("spark.sql.")}
        found |= {str(parts.port or "")}
    except ValueError:
        pass
    found |= {changed(secret) for secret in found for changed in (unquote_plus, quote, quote_plus)}
    return {secret for secret in found if secret}


def _urls() -> Mapping[str, str]:
    """Name → URL; the environment before the files, a nearer file before a farther one."""
    found: dict[str, str] = {}
    for folder in (Path.home(), _PROJECT, Path.cwd()):
        found |= _of_file(folder / ".streamlit" / "secrets.toml")
    for key, url in os.environ.items():
        if key.startswith(PREFIX) and url.strip():
            found[key.removeprefix(PREFIX).casefold()] = url.strip()
    return found


def _of_file(path: Path) -> dict[str, str]:
    try:
        stated = tomllib.loads(path.read_text("utf-8")).get("connections", {})
    except (OSError, ValueError):
        return {}
    tables = stated.items() if isinstance(stated, dict) else ()
    urls = {name: said.get("url") if isinstance(said, dict) else said for name, said in tables}
    return {name.casefold(): url.strip() for name, url in urls.items() if isinstance(url, str) and url.strip()}
