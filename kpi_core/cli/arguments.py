"""What can be asked for on the command line."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from kpi_core.errors import RefusedError
from kpi_core.text import say
from kpi_core.vocabulary import Adding, AttributionMethod, ColumnType, Grain, Language, Role, Sign, Twice

Told = Callable[[str], str]
DEFAULT_DB = Path("data") / "kpi_workshop.db"


class Parser(argparse.ArgumentParser):
    """A parser whose errors are the product's own."""

    def error(self, message: str) -> NoReturn:
        raise RefusedError("usage", reason=message)


def parser(language: Language) -> Parser:
    """The parser of the whole command line, its help in ``language``."""

    def told(key: str) -> str:
        return say(f"cli.help.{key}", language).replace("%", "%%")

    whole = Parser(prog="python -m kpi_core", description=told("whole"), parents=[_common(told)], allow_abbrev=False)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, *positional: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=told(name), description=told(name), parents=[_common(told)], allow_abbrev=False
        )
        for argument in positional:
            made.add_argument(argument, metavar=argument.upper(), help=told(argument))
        return made

    command("import", "file")
    exporting = command("export", "id")
    exporting.add_argument("--with-data", action="store_true", help=told("with_data"))
    exporting.add_argument("-o", "--output", type=Path, metavar="FILE", help=told("output"))
    ingesting = command("ingest", "id", "dataset", "file")
    _ingest_options(ingesting, told)
    for reading in (ingesting, command("inspect", "file")):
        _reading_options(reading, told)
    refreshing = command("refresh", "id")
    refreshing.add_argument("--node", action="append", metavar="CODE", help=told("node"))
    looking = command("connections")
    looking.add_argument("name", nargs="?", type=str.lower, metavar="NAME", help=told("connection"))
    looking.add_argument("--schema", metavar="SCHEMA", help=told("schema"))
    looking.add_argument("--table", metavar="SCHEMA.TABLE", help=told("table"))
    connecting = command("connect", "id", "dataset", "connection", "table")
    connecting.add_argument("--source", metavar="CODE", help=told("connect_source"))
    evaluating = command("evaluate", "id")
    evaluating.add_argument("--node", action="append", metavar="CODE", help=told("node"))
    evaluating.add_argument("--grain", choices=[grain.value for grain in Grain], help=told("grain"))
    evaluating.add_argument("--from", dest="first", metavar="PERIOD", help=told("from"))
    evaluating.add_argument("--to", dest="last", metavar="PERIOD", help=told("to"))
    evaluating.add_argument("--by", metavar="DIMENSION", help=told("by"))
    _explain_options(command("explain", "id"), told)
    tracing = command("lineage", "id")
    tracing.add_argument("--node", required=True, metavar="CODE", help=told("lineage_node"))
    tracing.add_argument("--period", required=True, metavar="PERIOD", help=told("lineage_period"))
    _solve_options(command("solve", "id"), told)
    _simulate_options(command("simulate", "id"), told)
    command("check", "id")
    ruling = command("rules", "id")
    ruling.add_argument("datasets", nargs="*", metavar="DATASET", help=told("rules_datasets"))
    ruling.add_argument("--failing", type=Path, metavar="FOLDER", help=told("failing"))
    handing = command("handovers", "id")
    handing.add_argument("--grain", choices=[grain.value for grain in Grain], help=told("grain"))
    forecasting = command("forecast", "id")
    forecasting.add_argument("--node", action="append", metavar="CODE", help=told("node"))
    forecasting.add_argument("--believed-on", metavar="DATE", help=told("believed_on"))
    forecasting.add_argument("--override", type=number, metavar="VALUE", help=told("override"))
    forecasting.add_argument("--take-back", action="store_true", help=told("take_back"))
    forecasting.add_argument("--period", metavar="PERIOD", help=told("override_period"))
    forecasting.add_argument("--reason", default="", metavar="TEXT", help=told("reason"))
    testing = command("test-link", "id")
    testing.add_argument("--from", dest="source", required=True, metavar="CODE", help=told("link_from"))
    testing.add_argument("--to", dest="target", required=True, metavar="CODE", help=told("link_to"))
    testing.add_argument("--sign", choices=[sign.value for sign in Sign], help=told("sign"))
    testing.add_argument("--lag", type=int, metavar="PERIODS", help=told("lag"))
    command("backup", "file")
    command("restore", "file")
    command("doctor")
    sharing = command("share")
    sharing.add_argument("id", nargs="?", metavar="ID", help=told("share_id"))
    sharing.add_argument("--role", choices=[role.value for role in Role], default=Role.FACILITATOR, help=told("role"))
    sharing.add_argument("--hours", type=int, default=8, metavar="HOURS", help=told("hours"))
    sharing.add_argument("--address", default="http://localhost:8501", metavar="URL", help=told("address"))
    command("list")
    return whole


def _common(told: Told) -> Parser:
    """The options that stand before or after the command; an absent one leaves no mark, so neither undoes the other."""
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--json", action="store_true", help=told("json"))
    common.add_argument("--db", type=Path, metavar="PATH", help=told("db"))
    common.add_argument("--language", choices=[language.value for language in Language], help=told("language"))
    return common


def _explain_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument("--node", required=True, metavar="CODE", help=told("explain_node"))
    command.add_argument("--from", dest="first", metavar="PERIOD", help=told("explain_from"))
    command.add_argument("--to", dest="last", required=True, metavar="PERIOD", help=told("explain_to"))
    command.add_argument("--against", choices=["period", "target", "year"], default="period", help=told("against"))
    command.add_argument("--over", choices=["ends", "steps", "ytd"], default="ends", help=told("over"))
    methods = [method.value for method in AttributionMethod]
    command.add_argument("--method", choices=methods, help=told("method"))
    command.add_argument("--order", action="append", default=[], metavar="CODE", help=told("order"))
    command.add_argument("--by", metavar="DIMENSION", help=told("explain_by"))


def _solve_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument("--node", required=True, metavar="CODE", help=told("solve_node"))
    command.add_argument("--value", required=True, type=number, metavar="V", help=told("value"))
    command.add_argument("--period", required=True, metavar="PERIOD", help=told("solve_period"))
    command.add_argument("--seasonal", action="store_true", help=told("seasonal"))
    command.add_argument("--lock", action="append", default=[], metavar="CODE", help=told("lock"))
    command.add_argument("--bound", action="append", default=[], metavar="CODE:LOW:HIGH", help=told("bound"))
    command.add_argument("--bounds-from", choices=["best", "p90"], help=told("history"))
    command.add_argument("--weight", action="append", default=[], metavar="CODE=WEIGHT", help=told("weight"))


def _simulate_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument("--node", required=True, metavar="CODE", help=told("simulate_node"))
    command.add_argument("--period", required=True, metavar="PERIOD", help=told("solve_period"))
    command.add_argument("--seasonal", action="store_true", help=told("seasonal"))
    command.add_argument("--set", action="append", default=[], metavar="CODE=VALUE", help=told("set"))
    command.add_argument("--draws", type=int, default=10_000, metavar="N", help=told("draws"))
    command.add_argument("--seed", type=int, default=1, metavar="N", help=told("seed"))


def _ingest_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument("more", nargs="*", metavar="FILE", help=told("more_files"))
    command.add_argument("--as-of", metavar="DATE", help=told("as_of"))
    command.add_argument("--adding", choices=[way.value for way in Adding], help=told("adding"))
    command.add_argument("--key", action="append", default=[], metavar="COLUMN", help=told("key"))
    command.add_argument("--twice", choices=[one.value for one in Twice], help=told("twice"))
    command.add_argument("--new-shape", action="store_true", help=told("new_shape"))
    command.add_argument("--failing", type=Path, metavar="FOLDER", help=told("failing"))
    command.add_argument("--keep-recipe", action="store_true", help=told("keep_recipe"))


def _reading_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument("--sheet", metavar="NAME", help=told("sheet"))
    command.add_argument("--recipe", metavar="FILE|suggest|mend|none", help=told("recipe"))
    command.add_argument("--header-row", type=int, metavar="ROW", help=told("header_row"))
    command.add_argument("--encoding", metavar="NAME", help=told("encoding"))
    command.add_argument("--delimiter", metavar="CHARACTER", help=told("delimiter"))
    command.add_argument("--type", action="append", default=[], metavar="COLUMN=TYPE", help=told("type"))
    command.add_argument("--day-first", action="append", default=[], metavar="COLUMN", help=told("day_first"))
    command.add_argument("--month-first", action="append", default=[], metavar="COLUMN", help=told("month_first"))
    command.add_argument("--blank-failed", nargs="?", action="append", metavar="COLUMN", help=told("blank_failed"))


def number(text: str) -> float:
    """A finite number, for ``type``: argparse itself takes ``nan`` and ``inf``. Raises ``RefusedError('usage')``."""
    return _number("", text, text)


def asked_language(arguments: Sequence[str]) -> Language | None:
    """The language that is asked for, read before anything else since it words the errors of the rest."""
    for at, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--language":
            value = value or next(iter(arguments[at + 1 : at + 2]), "")
            return next((language for language in Language if language.value == value), None)
    return None


def column_types(entries: Sequence[str]) -> dict[str, ColumnType]:
    """``--type COLUMN=TYPE`` as a mapping. Raises ``RefusedError('usage')``."""
    types: dict[str, ColumnType] = {}
    for entry in entries:
        column, separator, name = entry.rpartition("=")
        if not separator or name not in list(ColumnType):
            raise RefusedError("usage", reason=f"--type {entry} ({', '.join(ColumnType)})")
        types[column] = ColumnType(name)
    return types


def numbers_by_code(option: str, entries: Sequence[str]) -> dict[str, float]:
    """``CODE=NUMBER`` entries as a mapping. Raises ``RefusedError('usage')``."""
    found: dict[str, float] = {}
    for entry in entries:
        code, _, number = entry.rpartition("=")
        found[code] = _number(option, entry, number)
        if not code:
            raise RefusedError("usage", reason=f"{option} {entry}")
    return found


def limits_by_code(entries: Sequence[str]) -> dict[str, tuple[float, float]]:
    """``CODE:LOW:HIGH`` entries (either limit may be empty) as a mapping. Raises ``RefusedError('usage')``."""
    found: dict[str, tuple[float, float]] = {}
    for entry in entries:
        parts = entry.split(":")
        if len(parts) != 3 or not parts[0]:
            raise RefusedError("usage", reason=f"--bound {entry} (CODE:LOW:HIGH)")
        low, high = (_number("--bound", entry, part) if part else None for part in parts[1:])
        found[parts[0]] = (-math.inf if low is None else low, math.inf if high is None else high)
    return found


def _number(option: str, entry: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RefusedError("usage", reason=f"{option} {entry}".strip())
    return number
