"""A workshop with its data as one zip: the workshop file, each version's rows as Parquet, and how they were read."""

from __future__ import annotations

import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from kpi_core.data.reading import Reading
from kpi_core.errors import KpiError, RefusedError
from kpi_core.model.file import read_workshop, write_workshop
from kpi_core.services.creating import insert_workshop
from kpi_core.services.people import Who, authorise
from kpi_core.services.quality import run_quality
from kpi_core.services.snapshots import snapshot
from kpi_core.store import versions
from kpi_core.store.state import State
from kpi_core.vocabulary import Role

_FILE = "workshop.json"
_VERSIONS = "versions.json"
_PARQUET = re.compile(r"data/([0-9a-f]{64}\.parquet)")
_MAGIC = b"PAR1"
#: A bundle larger than this when unpacked is refused.
MOST_BYTES = 8 << 30


def export_bundle(state: State, workshop_id: str) -> bytes:
    """The zip's bytes; ``import_bundle`` makes an equal workshop of it, here or elsewhere."""
    out = io.BytesIO()
    write_bundle(state, workshop_id, out)
    return out.getvalue()


def write_bundle(state: State, workshop_id: str, out: BinaryIO) -> None:
    """Write the zip to ``out``. Raises ``MissingError('workshop_missing')``."""
    with state.reading() as connection:
        workshop = snapshot(state, workshop_id).workshop
        kept = [version for version in versions.versions_of(connection, workshop_id) if version.parquet]
    listed = [
        {
            "dataset": version.dataset,
            "parquet": version.parquet,
            "as_of": version.as_of.isoformat(),
            "file_name": version.file_name,
            "rows": version.rows,
            "report": version.report,
        }
        for version in reversed(kept)
    ]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_FILE, write_workshop(workshop))
        archive.writestr(_VERSIONS, json.dumps(listed, ensure_ascii=False, indent=1))
        for name in sorted({version.parquet for version in kept}):
            archive.write(versions.file_of(state, name), f"data/{name}", zipfile.ZIP_STORED)


def is_bundle(content: bytes) -> bool:
    """Whether a file's first bytes are those of a zip."""
    return content.startswith(b"PK")


def import_bundle(state: State, content: bytes, who: Who) -> str:
    """Store the workshop of a bundle with its data, all or nothing, check its rules over them, and give its id.

    Raises ``RefusedError``: ``bundle_unreadable``, and ``file_refused`` with every problem of the workshop file.
    """
    authorise(who, Role.FACILITATOR, everywhere=True)
    state.folder.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix=versions.INCOMING, dir=state.folder))
    try:
        text, listed = _unpacked(content, incoming)
        workshop = read_workshop(text)
        known = {dataset.code for dataset in workshop.datasets}
        entries = [_entry(entry, incoming, known) for entry in listed]
        with state.writing() as connection:
            workshop_id = insert_workshop(connection, workshop, who)
            for entry in entries:
                _place(state, incoming, entry["parquet"])
                versions.add_version(connection, workshop_id, who=who.name, **entry)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    for dataset in workshop.datasets:
        if dataset.rules and workshop.connection_of(dataset.code) is None:  # a database is asked when a person asks
            with suppress(KpiError):  # the workshop is there; its rules can be checked at any time
                run_quality(state, workshop_id, dataset.code, who)
    return workshop_id


def _unpacked(content: bytes, folder: Path) -> tuple[bytes, list[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise RefusedError("bundle_unreadable", detail=f"> {MOST_BYTES >> 30} GiB")
            text = archive.read(_FILE)
            listed = json.loads(archive.read(_VERSIONS)) if _VERSIONS in archive.namelist() else []
            for name in archive.namelist():
                match = _PARQUET.fullmatch(name)
                if match:
                    with archive.open(name) as packed, (folder / match[1]).open("wb") as unpacked:
                        shutil.copyfileobj(packed, unpacked)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, KeyError, ValueError, OSError) as error:
        raise RefusedError("bundle_unreadable", detail=str(error)[:200]) from error
    if not isinstance(listed, list):
        raise RefusedError("bundle_unreadable", detail=_VERSIONS)
    return text, listed


def _entry(entry: Any, folder: Path, datasets: set[str]) -> dict[str, Any]:
    """One version as the store takes it; the zip may come from anywhere, so everything is checked."""
    try:
        parquet = folder / _PARQUET.fullmatch(f"data/{entry['parquet']}")[1]  # type: ignore[index]  # None: see except
        report: Mapping[str, Any] = entry["report"]
        made = {
            "dataset": str(entry["dataset"]),
            "parquet": parquet.name,
            "as_of": date.fromisoformat(entry["as_of"]),
            "file_name": str(entry["file_name"]),
            "rows": int(entry["rows"]),
            "report": Reading.from_json(report).to_json(),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError("bundle_unreadable", detail=f"{_VERSIONS}: {error}"[:200]) from error
    if made["dataset"] not in datasets or not parquet.exists() or versions.hash_of(parquet) != parquet.stem:
        raise RefusedError("bundle_unreadable", detail=f"{made['dataset']}: {parquet.name}")
    with parquet.open("rb") as file:
        if file.read(4) != _MAGIC:
            raise RefusedError("bundle_unreadable", detail=parquet.name)
    return made


def _place(state: State, folder: Path, name: str) -> None:
    if (folder / name).exists():  # two versions may share one file
        versions.place_file(state, folder / name)
