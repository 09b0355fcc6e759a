"""What every engine can do under a name of its own that Ibis does not know."""

import ibis
import ibis.expr.datatypes as dt

from kpi_core.data.values import Value

_MOMENT = dt.Timestamp(timezone="UTC")
_CLOCK = dt.Timestamp()


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, _MOMENT), _CLOCK))  # type: ignore[untyped-decorator]
def _timezone(zone: str, moment: Value) -> Value:
    """Of PostgreSQL and DuckDB."""


@ibis.udf.scalar.builtin(  # type: ignore[untyped-decorator]
    name="from_utc_timestamp", signature=((_MOMENT, dt.string), _CLOCK)
)
def _from_utc_timestamp(moment: Value, zone: str) -> Value:
    """Of Spark, whose sessions Ibis runs in UTC."""


@ibis.udf.scalar.builtin(name="convert_to", signature=((dt.string, dt.string), dt.binary))  # type: ignore[untyped-decorator]
def _convert_to(text: Value, encoding: str) -> Value:
    """Of PostgreSQL."""


def wall_clock(moment: Value, zone: str, dialect: str) -> Value:
    """The local time of a moment as the clock on the wall in ``zone`` shows it."""
    return _from_utc_timestamp(moment, zone) if dialect == "pyspark" else _timezone(zone, moment)


def in_order(text: Value, dialect: str) -> Value:
    """What text is ordered by: its characters' numbers; PostgreSQL alone would follow its collation."""
    return _convert_to(text, "UTF8") if dialect == "postgres" else text
