"""A dataset's input rules and look-ups as tables to edit, and the aliases that mend what a look-up did not find."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from kpi_core.data.lookups import Unmatched, unmatched
from kpi_core.errors import MissingError, RefusedError
from kpi_core.model.dataset import Dataset, Lookup, Rule
from kpi_core.model.measure import Filter
from kpi_core.services.composing import composed
from kpi_core.services.datasets import tables
from kpi_core.services.editing import save
from kpi_core.services.measuring import refresh
from kpi_core.services.people import Who, authorise
from kpi_core.services.quality import check_outdated, run_quality
from kpi_core.services.snapshots import snapshot
from kpi_core.services.typed_lists import read_list, write_list
from kpi_core.store.state import State
from kpi_core.vocabulary import OnBreak, RuleKind

#: A rule as a row to edit; ``limit`` holds what the kind needs, as text (see ``rows_of_rules``).
RULE_COLUMNS = ("column", "rule", "limit", "on_break", "owner", "note", "where")
_TO = "〜"


def rows_of_rules(dataset: Dataset) -> list[dict[str, Any]]:
    """The dataset's rules as rows.

    ``where`` holds the conditions on the rows a rule is checked over, as JSON; empty = all rows.
    ``limit`` is ``Won, Lost`` for allowed values, ``0〜100`` for a range, the pattern, ``products.product`` for a
    reference, the days for freshness, ``-10〜50`` (per cent against the version before) for the number of rows, and
    empty for required and unique. ``on_break`` is ``warn`` or ``block``, ``owner`` who mends what breaks the rule.
    """
    return [
        {
            "column": rule.column,
            "rule": rule.rule.value,
            "limit": _limit(rule),
            "on_break": rule.on_break.value,
            "owner": rule.owner,
            "note": rule.note,
            "where": written_where(rule.where),
        }
        for rule in dataset.rules
    ]


def written_where(filters: Sequence[Filter]) -> str:
    """Conditions as the text that a rule's row holds; empty for none."""
    return json.dumps([entry.model_dump(mode="json") for entry in filters], ensure_ascii=False) if filters else ""


def read_where(text: str | None) -> tuple[Filter, ...]:
    """The conditions that a rule's row holds."""
    return tuple(composed(Filter, entry) for entry in json.loads(text)) if text else ()


def save_rules(
    state: State, workshop_id: str, dataset_code: str, rows: Sequence[Mapping[str, Any]], revision: int, who: Who
) -> None:
    """Store the rules that the rows say and check them. Raises as ``editing.save``, and for a row that is no rule."""
    dataset = _dataset(state, workshop_id, dataset_code)
    kept = {_key(row): rule for row, rule in zip(rows_of_rules(dataset), dataset.rules, strict=True)}
    rules = [_rule(row, kept) for row in rows if _is_rule(row)]
    changed = composed(Dataset, {"rules": tuple(rules)}, dataset)
    save(state, workshop_id, "datasets", changed, revision, who)
    if tables(state, workshop_id).get(dataset_code):
        with suppress(RefusedError):  # a database gives no answer: the rules are stored, and told as not checked yet
            run_quality(state, workshop_id, dataset_code, who)


def save_lookup(
    state: State, workshop_id: str, dataset_code: str, values: Mapping[str, Any], revision: int, who: Who
) -> None:
    """Add a look-up: ``dataset``, the columns ``here`` and ``there`` that match, and the ``columns`` it brings."""
    authorise(who)
    dataset = _dataset(state, workshop_id, dataset_code)
    fields = {
        "dataset": values["dataset"],
        "on": ((values["here"], values["there"]),),
        "columns": tuple(values["columns"]),
    }
    _store_lookups(state, workshop_id, dataset, (*dataset.lookups, composed(Lookup, fields)), revision, who)


def add_alias(
    state: State, workshop_id: str, dataset_code: str, at: int, value: str, target: str, revision: int, who: Who
) -> None:
    """Say that ``value`` here means ``target`` on the other side of look-up number ``at``; values are computed anew."""
    authorise(who)
    dataset = _dataset(state, workshop_id, dataset_code)
    lookup = dataset.lookups[at]
    mended = lookup.model_copy(update={"aliases": {**lookup.aliases, value: target}})
    lookups = tuple(mended if one is lookup else one for one in dataset.lookups)
    _store_lookups(state, workshop_id, dataset, lookups, revision, who)


def remove_alias(
    state: State, workshop_id: str, dataset_code: str, at: int, value: str, revision: int, who: Who
) -> None:
    """Take an alias of look-up number ``at`` back; values are computed anew."""
    authorise(who)
    dataset = _dataset(state, workshop_id, dataset_code)
    lookup = dataset.lookups[at]
    aliases = {here: there for here, there in lookup.aliases.items() if here != value}
    mended = lookup.model_copy(update={"aliases": aliases})
    lookups = (*dataset.lookups[:at], mended, *dataset.lookups[at + 1 :])
    _store_lookups(state, workshop_id, dataset, lookups, revision, who)


def remove_lookup(state: State, workshop_id: str, dataset_code: str, at: int, revision: int, who: Who) -> None:
    """Take look-up number ``at`` away with its aliases; measures that use its columns say so then."""
    dataset = _dataset(state, workshop_id, dataset_code)
    lookups = (*dataset.lookups[:at], *dataset.lookups[at + 1 :])
    _store_lookups(state, workshop_id, dataset, lookups, revision, who)


def unmatched_values(state: State, workshop_id: str, dataset_code: str, at: int) -> tuple[Unmatched, ...] | None:
    """What look-up number ``at`` does not find; ``None`` where nobody can tell: a side has no rows or no answer."""
    workshop = snapshot(state, workshop_id).workshop
    try:
        return unmatched(workshop, tables(state, workshop_id), dataset_code, at)
    except RefusedError:
        return None


def _store_lookups(
    state: State, workshop_id: str, dataset: Dataset, lookups: tuple[Lookup, ...], revision: int, who: Who
) -> None:
    save(state, workshop_id, "datasets", dataset.model_copy(update={"lookups": lookups}), revision, who)
    refresh(state, workshop_id, who)
    check_outdated(state, workshop_id, who)


def _dataset(state: State, workshop_id: str, code: str) -> Dataset:
    dataset = snapshot(state, workshop_id).workshop.dataset(code)
    if dataset is None:
        raise MissingError("dataset_missing", dataset=code)
    return dataset


def _limit(rule: Rule) -> str:
    if rule.rule is RuleKind.ALLOWED:
        return write_list(rule.values)
    if rule.rule in (RuleKind.RANGE, RuleKind.ROW_COUNT):
        low, high = ("" if bound is None else str(bound) for bound in (rule.minimum, rule.maximum))
        return f"{low}{_TO}{high}"
    if rule.rule is RuleKind.REFERENCE:
        return f"{rule.dataset}.{rule.reference}"
    if rule.rule is RuleKind.FRESHNESS:
        return str(rule.max_age_days)
    return rule.pattern or ""


def _is_rule(row: Mapping[str, Any]) -> bool:
    """Whether a row says enough to be a rule, or to be told what it lacks."""
    return bool(row.get("rule")) and bool(row.get("column") or row["rule"] == RuleKind.ROW_COUNT)


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name) or "").strip() for name in ("column", "rule", "limit", "where"))


def _rule(row: Mapping[str, Any], kept: Mapping[tuple[str, ...], Rule]) -> Rule:
    """The rule of a row; one that was not touched keeps its values as they are (numbers stay numbers)."""
    column, kind, limit, _ = _key(row)
    beside: dict[str, Any] = {name: str(row.get(name) or "").strip() for name in ("note", "owner")}
    beside["on_break"] = row.get("on_break") or OnBreak.WARN
    same = kept.get(_key(row))
    if same is not None:
        return composed(Rule, beside, same)
    fields: dict[str, Any] = {"column": column, "rule": kind, "where": read_where(row.get("where")), **beside}
    if kind == RuleKind.ROW_COUNT:
        fields["column"] = ""
    if kind == RuleKind.ALLOWED:
        fields["values"] = read_list(limit)
    elif kind in (RuleKind.RANGE, RuleKind.ROW_COUNT):
        low, _, high = limit.replace("\uff5e", _TO).replace("~", _TO).partition(_TO)  # the full-width tilde too
        fields |= {"minimum": _bound(low), "maximum": _bound(high)}
    elif kind == RuleKind.REFERENCE:
        fields["dataset"], _, fields["reference"] = limit.partition(".")
    elif kind == RuleKind.FRESHNESS:
        fields["max_age_days"] = limit or None
    elif kind == RuleKind.PATTERN:
        fields["pattern"] = limit
    return composed(Rule, fields)


def _bound(text: str) -> int | float | str | None:
    text = text.strip().rstrip("%％").replace("−", "-").replace("△", "-")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
