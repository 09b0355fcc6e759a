"""Commands on data: ingest, inspect, refresh."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kpi_core.cli.answering import WRONG, problem_json
from kpi_core.cli.arguments import column_types
from kpi_core.cli.common import caller, existing, issue_lines, language_of, tell
from kpi_core.cli.rule_commands import refused_positions, write_failing
from kpi_core.data.reading import ReadOptions, inspect_json
from kpi_core.errors import Problem, RefusedError
from kpi_core.model.file_problems import problems_of
from kpi_core.model.recipe import Recipe
from kpi_core.services.snapshots import snapshot
from kpi_core.store.state import State
from kpi_core.text import say
from kpi_core.vocabulary import Adding, Language, Severity, Twice


def ingest(asked: Namespace) -> int:
    from kpi_core.data.shaping.repairing import beginning_in, with_year_said
    from kpi_core.services.adding import Upload, Way, failing_csv_of_files, store_files
    from kpi_core.services.quality import check_outdated
    from kpi_core.services.recipes import keep_recipe

    paths = [existing(Path(file)) for file in (asked.file, *asked.more)]
    as_of = _day(asked.as_of)
    with State.open(asked.db) as state:
        language = language_of(state, asked)
        options = with_recipe(asked, reading_options(asked))
        if asked.recipe == "suggest" and options.recipe is not None:
            start = snapshot(state, asked.id).workshop.settings.fiscal_year_start
            steps = with_year_said(beginning_in(options.recipe.steps, start), [asked.file], start)
            options = replace(options, recipe=options.recipe.model_copy(update={"steps": steps}))
        if asked.recipe == "mend":
            mended = _mended(state, asked, options)
            options = options if mended is None else options.by(mended)
        files = [Upload(path, path.name) for path in paths]
        adding = Adding(asked.adding) if asked.adding else None
        how = Way(adding, tuple(asked.key), Twice(asked.twice) if asked.twice else None, asked.new_shape)
        try:
            version = store_files(
                state,
                asked.id,
                asked.dataset,
                files,
                options,
                caller(),
                adding=how.adding,
                keys=how.keys,
                twice=how.twice,
                new_shape=how.new_shape,
                as_of=as_of,
            )
        except RefusedError as error:
            if asked.failing is not None and error.code == "upload_rules_broken":

                def rows_of(position: int) -> bytes:
                    return failing_csv_of_files(state, asked.id, asked.dataset, files, options, how, position)

                write_failing(asked.failing, asked.dataset, refused_positions(error), rows_of)
            if asked.recipe is None and any(one.code.startswith("shape_") for one in error.problems):
                raise _with_way_out(error, _mended(state, asked, options)) from error
            raise
        check_outdated(state, asked.id, caller())  # rules of other datasets that refer to this one
        if asked.keep_recipe:
            keep_recipe(state, asked.id, asked.dataset, options, version.reading, caller(), how)
    document = {"dataset": asked.dataset, "version": version.id, **inspect_json(version.reading, language)}
    return tell(asked, document, _lines(document))


def _mended(state: State, asked: Namespace, options: ReadOptions) -> Recipe | None:
    """The steps kept with the dataset as they would fit the first file; ``None`` where they do or nothing is known."""
    from kpi_core.services.inspecting import dataset_of, inspect_for, mended_recipe

    path = Path(asked.file)
    kept = dataset_of(snapshot(state, asked.id).workshop, asked.dataset).recipe
    if kept is None:
        return None
    reading = inspect_for(state, asked.id, asked.dataset, path, path.name, options)
    return mended_recipe(kept, reading, path, path.name, options)


def _with_way_out(error: RefusedError, mended: Recipe | None) -> RefusedError:
    """The refusal of a file of another shape with how it can be stored all the same."""
    code = "shape_meant" if mended is None else "shape_mendable"
    return RefusedError(error.code, (*error.problems, Problem(code, severity=Severity.INFO)), **error.params)


def inspect(asked: Namespace) -> int:
    from kpi_core.services.inspecting import inspect_upload

    path = existing(Path(asked.file))
    options = with_recipe(asked, reading_options(asked))
    reading = inspect_upload(path, path.name, options)
    document = inspect_json(reading, asked.spoken or Language.JA)
    if options.recipe is not None and options.recipe.steps:
        document["recipe"] = options.recipe.model_dump(mode="json", exclude_defaults=True)
    return tell(asked, document, _lines(document))


def refresh(asked: Namespace) -> int:
    from kpi_core.services.measuring import refresh

    with State.open(asked.db) as state:
        language = language_of(state, asked)
        done = refresh(state, asked.id, caller(), asked.node, again=True)
    issues = [problem_json(problem, language) for problem in done.problems]
    document = {"observations": done.observations, "seconds": round(done.seconds, 3), "issues": issues}
    said = {"count": done.observations, "unchanged": done.unchanged, "seconds": f"{done.seconds:.1f}"}
    lines = [say("cli.done.refresh", language, **said)]
    if done.unread:
        lines.append(say("cli.done.refresh_unread", language, count=done.unread))
    told = tell(asked, document, [*lines, *issue_lines(issues)])
    unreached = any(problem.code.startswith("connection_") for problem in done.problems)
    return WRONG if unreached else told  # a scheduler must notice: what a database holds was not measured


def reading_options(asked: Namespace) -> ReadOptions:
    """The reading options that the arguments state. Raises ``RefusedError('usage')``."""
    blank = asked.blank_failed or []
    order = dict.fromkeys(asked.day_first, True) | dict.fromkeys(asked.month_first, False)
    return ReadOptions(
        sheet=asked.sheet,
        header_row=asked.header_row,
        encoding=asked.encoding,
        delimiter="\t" if asked.delimiter in ("\\t", "tab") else asked.delimiter,
        types=column_types(asked.type),
        day_first=order,
        blank_failed=None in blank or frozenset(blank),
    )


def with_recipe(asked: Namespace, options: ReadOptions) -> ReadOptions:
    """The options with the recipe of ``--recipe``: of a file, the one the layout asks for, or none at all."""
    from kpi_core.services.inspecting import inspect_upload

    if asked.recipe is None or (asked.recipe == "mend" and "dataset" in asked):
        return options
    if asked.recipe == "none":
        return replace(options, recipe=Recipe())
    if asked.recipe == "suggest":
        path = existing(Path(asked.file))
        reading = inspect_upload(path, path.name, replace(options, suggest=True))
        return replace(options, recipe=reading.suggestion or Recipe())
    return replace(options, recipe=_recipe_of(existing(Path(asked.recipe))))


def _recipe_of(path: Path) -> Recipe:
    """A recipe file: the recipe itself, or what ``inspect --json`` printed with one."""
    try:
        document = json.loads(path.read_bytes())
        found = document.get("recipe", document) if isinstance(document, dict) else document
        return Recipe.model_validate(found)
    except ValidationError as error:
        problems = problems_of(error)
        raise RefusedError("recipe_refused", problems, file=path.name, count=len(problems)) from error
    except ValueError as error:
        raise RefusedError("recipe_unreadable", file=path.name) from error


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise RefusedError("usage", reason=f"--as-of {text} (2026-04-01)") from None


def _lines(document: Mapping[str, Any]) -> list[str]:
    """A reading as plain lines: what was found, each column, each issue."""
    found = {
        name: document[name] for name in ("version", "rows", "encoding", "sheet", "header_row") if name in document
    }
    lines = ["  ".join(f"{name}={value}" for name, value in found.items() if value is not None)]
    lines += [f"{column['name']}\t{column['type']}\t{column['nulls']}" for column in document["columns"]]
    return [*lines, *issue_lines(document["issues"])]
