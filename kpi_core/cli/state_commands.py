"""Commands on workshops as a whole and on the state: import, export, list, backup, restore, doctor."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from kpi_core.cli.answering import DONE, WRONG, problem_json
from kpi_core.cli.common import caller, content_of, existing, issue_lines, tell, write_file
from kpi_core.errors import RefusedError
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Language, Role


def import_(asked: Namespace) -> int:
    from kpi_core.services.beginning import from_file
    from kpi_core.services.snapshots import snapshot

    content = content_of(Path(asked.file))
    with State.open(asked.db) as state:
        workshop_id, measured = from_file(state, content, caller())
        language: Language = asked.spoken or snapshot(state, workshop_id).workshop.settings.language
    document: dict[str, object] = {"workshop": workshop_id}
    if measured is not None:
        issues = [problem_json(problem, language) for problem in measured.problems]
        document |= {"observations": measured.observations, "issues": issues}
        print(*issue_lines(issues), sep="\n", end="\n" if issues else "", file=sys.stderr)
    return tell(asked, document, [workshop_id])


def export(asked: Namespace) -> int:
    from kpi_core.services.workshops import export_bundle, export_file

    with State.open(asked.db) as state:
        content = export_bundle(state, asked.id) if asked.with_data else export_file(state, asked.id).encode("utf-8")
    if asked.output is None:
        if asked.with_data and (asked.json or sys.stdout.isatty()):
            raise RefusedError("usage", reason="--with-data -o FILE")
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return DONE
    write_file(asked.output, content)
    return tell(asked, {"file": str(asked.output), "bytes": len(content)}, [str(asked.output)])


def list_(asked: Namespace) -> int:
    from kpi_core.services.workshops import list_workshops

    with State.open(asked.db) as state:
        cards = list_workshops(state)
    listed = [{"workshop": card.id, "name": card.name, "updated_at": card.updated_at.isoformat()} for card in cards]
    return tell(asked, {"workshops": listed}, [f"{card.id}\t{card.name}" for card in cards])


def backup(asked: Namespace) -> int:
    from kpi_core.services.backups import backup

    with State.open(asked.db) as state:
        done = backup(state, Path(asked.file), caller())
    document = {"ok": True, "file": str(done.file), "bytes": done.bytes, "workshops": done.workshops}
    return tell(asked, {**document, "files": done.files}, [str(done.file)])


def restore(asked: Namespace) -> int:
    from kpi_core.services.backups import restore

    done = restore(existing(Path(asked.file)), asked.db, caller())
    kept = None if done.kept is None else str(done.kept)
    document = {"ok": True, "path": str(done.path), "workshops": done.workshops, "kept": kept}
    return tell(asked, document, [str(done.path)])


def doctor(asked: Namespace) -> int:
    from kpi_core.services.backups import doctor

    language = asked.spoken or Language.JA
    with State.open(asked.db) as state:
        found = doctor(state, caller())
    problems = [problem_json(problem, language) for problem in found.problems]
    document = {
        "ok": found.ok,
        "version": found.version,
        "workshops": found.workshops,
        "files": found.files,
        "problems": problems,
    }
    line = say("cli.done.doctor_ok" if found.ok else "cli.done.doctor_failed", language)
    tell(asked, document, [line, *issue_lines(problems)])
    return DONE if found.ok else WRONG


def share(asked: Namespace) -> int:
    from kpi_core.services.sharing import make_link

    with State.open(asked.db) as state:
        link = make_link(state, asked.id, Role(asked.role), asked.hours, caller())
    url = f"{asked.address.rstrip('/')}/join/{link.code}"
    document = {
        "url": url,
        "role": link.role.value,
        "workshop": link.workshop,
        "expires_at": link.expires_at.isoformat(),
    }
    return tell(asked, document, [url])
