"""An input rule's pattern for databases: the part of RE2's syntax that every engine reads alike, spelled out.

``\\d``, ``\\w``, ``\\s``, ``.`` and ``$`` mean other characters on every engine, so they are written as what they mean
for files. What only some engines know (look-ahead, ``\\b``, Unicode classes, flags) is refused by name.
"""

from __future__ import annotations

import re

from kpi_core.data.uncomputable import UncomputableError

_TOKEN = re.compile(
    r"(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<escape>\\.)|(?P<group>\((?:\?(?::|P?<\w+>|.)?)?)|(?P<other>.)",
    re.DOTALL,
)
_RANGES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_CONTROL = "tnrf"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_IN_CLASS = re.compile(r"\\.|\[", re.DOTALL)
_END = {"postgres": r"\Z"}


def pattern_for(pattern: str, dialect: str) -> str:
    """``pattern`` for a whole cell; raises ``UncomputableError('pattern_not_everywhere')``."""
    end = _END.get(dialect, r"\z")
    made = []
    for found in _TOKEN.finditer(pattern):
        text = found[0]
        if found["class"]:
            made.append(_class(pattern, text))
        elif found["escape"]:
            made.append(_escape(pattern, text[1]))
        elif found["group"]:
            made.append(_group(pattern, text))
        else:
            made.append({".": r"[^\n]", "^": r"\A", "$": end}.get(text, text))
    return rf"\A(?:{''.join(made)}){end}"


def _class(pattern: str, text: str) -> str:
    negated = text.startswith("[^")
    inside = text[2 if negated else 1 : -1]
    escapes = _ESCAPE.findall(inside)
    if "[:" in inside or "&&" in inside or any(one.isalnum() and one not in "dws" + _CONTROL for one in escapes):
        raise _refused(pattern, text)
    spelled = _IN_CLASS.sub(lambda found: _spelled(found[0]), inside)
    return f"[{'^' if negated else ''}{spelled}]"


def _spelled(part: str) -> str:
    """An escape or an opening bracket inside a class."""
    return "\\[" if part == "[" else _RANGES.get(part[1], part)


def _escape(pattern: str, character: str) -> str:
    if character.lower() in _RANGES:
        return f"[{'^' if character.isupper() else ''}{_RANGES[character.lower()]}]"
    if character.isalnum() and character not in _CONTROL:
        raise _refused(pattern, f"\\{character}")
    return f"\\{character}"


def _group(pattern: str, text: str) -> str:
    if text in ("(", "(?:"):
        return "(?:"
    if text.endswith(">"):  # a name is for whoever replaces
        return "(?:"
    raise _refused(pattern, text)


def _refused(pattern: str, part: str) -> UncomputableError:
    return UncomputableError("pattern_not_everywhere", pattern=pattern, part=part)
