"""The sample company: its workshop file and its exports, loaded as a team would."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from kpi_core.data.reading import ReadOptions
from kpi_core.errors import RefusedError
from kpi_core.services.datasets import store_upload
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who
from kpi_core.services.quality import check_outdated
from kpi_core.services.workshops import delete_workshop, import_file
from kpi_core.store.state import State

FOLDER = Path(__file__).parent.parent.parent / "sample_data"


def load_sample(state: State, who: Who, folder: Path = FOLDER) -> str:
    """Store the sample workshop with its data, values and quality runs, and give its id; all or nothing.

    Raises ``RefusedError('sample_missing')`` where the folder does not lie beside the package.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        text = (folder / manifest["workshop"]).read_bytes()
    except FileNotFoundError as error:
        raise RefusedError("sample_missing", path=str(folder)) from error
    workshop_id = import_file(state, text, who)
    try:
        for code, entry in manifest["datasets"].items():
            options = ReadOptions.from_json(entry["options"])
            as_of = date.fromisoformat(entry["as_of"])
            store_upload(state, workshop_id, code, folder / entry["file"], entry["file"], options, who, as_of)
        refresh(state, workshop_id, who)
        check_outdated(state, workshop_id, who)  # rules that refer to a dataset which came later
    except BaseException:
        delete_workshop(state, workshop_id, who)
        raise
    return workshop_id
