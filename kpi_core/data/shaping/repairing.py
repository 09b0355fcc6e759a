"""The steps of the usual reading, steps for a file that lacks columns they name, and steps with other names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kpi_core.data.reading.contract import Reading
from kpi_core.data.shaping.periods import fiscal_year_in
from kpi_core.data.shaping.seen_corner import is_nameless
from kpi_core.model.recipe import AddColumn, Header, JoinDate, Names, Rename, Skip, Step, Unpivot

_APRIL = 4
_LISTS = ("columns",)
_PARTS = ("year", "month", "day", "era")


def plain_steps(reading: Reading) -> tuple[Step, ...]:
    """The steps that say what the usual reading does."""
    first = reading.header_row
    if not first:
        return (Names(step="names", names=()),)
    above = (Skip(step="skip", rows=first - 1),) if first > 1 else ()
    return (*above, Header(step="header"))


def beginning_in(steps: Sequence[Step], month: int) -> tuple[Step, ...]:
    """The steps with fiscal years that begin in ``month``, as the workshop's do."""
    return tuple(
        step.model_copy(update={"start": month}) if isinstance(step, Unpivot | JoinDate) else step for step in steps
    )


def with_year_said(steps: Sequence[Step], texts: Iterable[str], month: int) -> tuple[Step, ...]:
    """The steps with the fiscal year only where ``texts`` say it outright: a date's was told by years from April."""
    if month == _APRIL or any(fiscal_year_in(text) is not None for text in texts):
        return tuple(steps)
    return tuple(step.model_copy(update={"year": None}) if isinstance(step, Unpivot) else step for step in steps)


def without_columns(steps: Sequence[Step], gone: Iterable[str]) -> tuple[Step, ...]:
    """The steps as far as they make sense without these columns; one that is about nothing else is left out."""
    lost = set(gone)
    kept = []
    for step in steps:
        after = _without(step, lost)
        if isinstance(step, Rename):
            lost |= {new for old, new in step.names if old in lost}
        if after is not None:
            kept.append(after)
        elif isinstance(step, JoinDate | AddColumn):
            lost.add(step.name)
    return tuple(kept)


def with_column(step: Step, old: str, new: str) -> Step:
    """The step with one column named otherwise."""
    return _named(step, {old: new}, created=False)


def with_created_names(steps: Sequence[Step], words: Mapping[str, str], taken: Iterable[str]) -> tuple[Step, ...]:
    """The steps with the columns they make called by ``words`` (old → new), where the file has none of that name.

    Later steps that use such a column follow.
    """
    there = set(taken)
    wanted = {old: new for old, new in words.items() if old not in there and new not in there}
    made: dict[str, str] = {}
    found = []
    for step in steps:
        after = _named(step, made, created=False)
        created = [getattr(step, name) for name in ("name", "period", "value") if _creates(step, name)]
        created += [new for old, new in step.names if is_nameless(old)] if isinstance(step, Rename) else []
        made |= {name: wanted[name] for name in created if name in wanted}
        found.append(_named(after, wanted, created=True))
    return tuple(found)


def _without(step: Step, lost: set[str]) -> Step | None:
    changed: dict[str, object] = {}
    for name in _LISTS:
        columns = getattr(step, name, ())
        if columns and set(columns) & lost:
            left = tuple(column for column in columns if column not in lost)
            if not left:
                return None
            changed[name] = left
    if isinstance(step, Rename):
        names = tuple(pair for pair in step.names if pair[0] not in lost)
        return step.model_copy(update={"names": names}) if names else None
    if getattr(step, "column", None) in lost:
        return None
    if isinstance(step, JoinDate):
        if step.year in lost:
            return None
        changed |= {name: None for name in _PARTS if getattr(step, name) in lost}
    return step.model_copy(update=changed) if changed else step


def _creates(step: Step, field: str) -> bool:
    return isinstance(step, Unpivot) if field in ("period", "value") else isinstance(step, AddColumn | JoinDate)


def _named(step: Step, words: Mapping[str, str], *, created: bool) -> Step:
    """The step with the columns it makes (``created``) or uses called otherwise."""
    if isinstance(step, Rename):
        return step.model_copy(update={"names": tuple(_renamed(old, new, words, created) for old, new in step.names)})
    changed: dict[str, object] = {}
    for field in type(step).model_fields:
        value = getattr(step, field)
        if field == "step" or (field in ("name", "period", "value") and _creates(step, field)) != created:
            continue
        if created or field in (*_PARTS, "column"):
            if isinstance(value, str) and value in words:
                changed[field] = words[value]
        elif field in _LISTS and any(column in words for column in value):
            changed[field] = tuple(words.get(column, column) for column in value)
    return step.model_copy(update=changed) if changed else step


def _renamed(old: str, new: str, words: Mapping[str, str], created: bool) -> tuple[str, str]:
    """A pair of ``Rename``; a name is made only where the file had none."""
    if created:
        return old, words.get(new, new) if is_nameless(old) else new
    return words.get(old, old), new
