"""Under which addresses others reach the app, for the links that are shown to them."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from pages.gate.identity import is_local_name, public_names

#: Documentation's own network (RFC 5737): asking for the way there sends nothing.
_SOMEWHERE = ("192.0.2.1", 9)


def addresses(page: str) -> tuple[str, ...]:
    """Where the app can be opened from elsewhere: as the page itself was, else by the names it is told to answer to."""
    found = urlsplit(page)
    if found.hostname and not is_local_name(found.hostname):
        return (f"{found.scheme}://{found.netloc}",)
    port = f":{found.port}" if found.port else ""
    names = [name for name in public_names() if "*" not in name]
    return tuple(f"{found.scheme or 'http'}://{f'[{name}]' if ':' in name else name}{port}" for name in names)


def own_address() -> str | None:
    """This computer's address in its network, if it is in one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(_SOMEWHERE)
        except OSError:
            return None
        return str(asked.getsockname()[0])
