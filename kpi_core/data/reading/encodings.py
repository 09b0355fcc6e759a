"""From the bytes of a text file to UTF-8, streamed, with what must be known of its lines on the way."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.lines import Lines
from kpi_core.errors import RefusedError

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_KANA_AND_KANJI = re.compile("[\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff\uff10-\uff19\uff21-\uff5a\u3001\u3002]")
_HALF_KANA_AND_ODD = re.compile("[\uff61-\uff9f\ue000-\uf8ff\u0400-\u04ff\u2500-\u257f]")


@dataclass(frozen=True)
class Utf8Text:
    """A UTF-8 file (the upload itself, or its transcoded copy) and what its lines are like."""

    path: Path
    encoding: str
    marked: bool  # begins with a byte order mark
    records: int  # line ends outside quotes
    delimiters: Mapping[str, int]  # of each candidate, outside quotes
    open_quote: bool  # an odd number of quotes: one is never closed
    stray_quotes: bool
    empty_quotes: bool
    lone_returns: bool


def to_utf8(path: Path, copy: Path, encoding: str | None, limits: Limits) -> Utf8Text:
    """The text of ``path`` as UTF-8: itself when it is, else written to ``copy``.

    ``encoding`` is the person's answer; without one a byte order mark, a strict decode of the whole file and, between
    cp932 and euc-jp, the likelier Japanese decide. Raises ``RefusedError`` for bytes that are no text.
    """
    for candidate in _candidates(path, encoding):
        try:
            return _pass_over(path, copy, candidate, limits)
        except UnicodeDecodeError:
            continue
    if encoding is not None:
        raise RefusedError("wrong_encoding", encoding=encoding)
    with path.open("rb") as file:
        raise RefusedError("binary" if b"\0" in file.read(_SAMPLE) else "unknown_encoding")


def _candidates(path: Path, encoding: str | None) -> Iterator[str]:
    if encoding is not None:
        try:
            name = codecs.lookup(encoding).name
        except LookupError as error:
            raise RefusedError("unknown_encoding_name", encoding=encoding) from error
        yield "utf-8" if name == "utf-8-sig" else name
        return
    with path.open("rb") as file:
        top = file.read(_SAMPLE)
    if top.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield "utf-16"
        return
    wide = _wide_without_mark(top)
    if wide:
        yield wide
    if b"\x1b$" in top or b"\x1b(" in top:
        yield "iso2022_jp"
    yield "utf-8"
    yield from _legacy(_sample_of_high_bytes(path))


def _wide_without_mark(top: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin digits, separators and line ends is zero."""
    even, odd = top[0::2].count(0), top[1::2].count(0)
    enough = len(top) // 2 * 0.3
    if odd > enough and even == 0:
        return "utf-16-le"
    if even > enough and odd == 0:
        return "utf-16-be"
    return None


def _sample_of_high_bytes(path: Path) -> bytes:
    """Lines that hold bytes beyond ASCII, about 64 KiB of them, from anywhere in the file."""
    kept: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            if chunk.isascii():
                continue
            for line in chunk.splitlines()[1:-1] or [chunk]:
                if not line.isascii():
                    kept.append(line)
                    size += len(line)
                if size > _SAMPLE:
                    return b"\n".join(kept)
    return b"\n".join(kept)


def _legacy(sample: bytes) -> list[str]:
    """The encodings that may be meant, likeliest first: Japanese by how Japanese they read, else Western."""
    scores: list[tuple[float, str]] = []
    for name in ("cp932", "euc_jp"):
        text = sample.decode(name, "replace")
        beyond = sum(not character.isascii() for character in text) or 1
        likely = (
            len(_KANA_AND_KANJI.findall(text)) - 2 * len(_HALF_KANA_AND_ODD.findall(text)) - 3 * text.count("\ufffd")
        )
        scores.append((likely / beyond, name))
    scores.sort(reverse=True)
    japanese = [name for score, name in scores if score > 0]
    rest = [name for score, name in scores if score <= 0]
    # Western letters between Latin ones may read as a rare kanji: only mostly kana and kanji is Japanese
    if scores[0][0] < 0.5:
        return ["cp1252", *japanese, *rest]
    return [*japanese, "cp1252", *rest]


def _pass_over(path: Path, copy: Path, encoding: str, limits: Limits) -> Utf8Text:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    in_place = encoding in ("utf-8", "ascii")
    lines = Lines(limits)
    marked = first = False
    with path.open("rb") as source, copy.open("wb") as target:
        while chunk := source.read(_CHUNK):
            text = decoder.decode(chunk)
            if not first:
                first, marked = True, text.startswith("\ufeff")
                text = text.lstrip("\ufeff")
            part = chunk if in_place else text.encode("utf-8")
            if not in_place:
                target.write(part)
            lines.add(part)
        decoder.decode(b"", final=True)
    return Utf8Text(
        path if in_place else copy,
        _spoken(encoding, marked=marked),
        marked and in_place,
        lines.records + (not lines.ended),
        lines.delimiters,
        lines.open_quote,
        lines.stray_quotes,
        lines.empty_quotes,
        lines.lone_returns,
    )


def _spoken(encoding: str, *, marked: bool) -> str:
    if encoding == "utf-8":
        return "utf-8-sig" if marked else encoding
    return {"euc_jp": "euc-jp", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(encoding, encoding)
