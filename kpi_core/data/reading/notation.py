"""How people write numbers, as vectorised polars expressions over cells that are text.

Every expression here expects the cell already ``tidied``: trimmed, full-width forms made plain, empty cells null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_SIGN = r"[-+△▲−]"
_MONEY = r"[¥￥\\$€]"  # in cp932 files the yen sign is often a backslash
_BODY = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_TAIL = r"(?:\s?[KkMm])?(?:\s?(?:円|%|€|\$|¥|￥))?"
_SIGNED = rf"(?:{_SIGN}\s?(?:{_MONEY}\s?)?|{_MONEY}\s?{_SIGN}?\s?)?{_BODY}{_TAIL}"
_BRACKETED = rf"{_MONEY}?\s?\((?:{_MONEY}\s?)?{_BODY}{_TAIL}\)(?:\s?(?:円|%))?"
NUMBER = rf"^(?:{_SIGNED}|{_BRACKETED})$"
"""The whole of a cell that is a number: at most one sign, thousands in groups of three, a currency, K or M, %."""

CODE = r"^[-+]?0[0-9]+$"
"""Digits with a leading zero: a code whose zero matters."""

LONG_DIGITS = r"^[-+]?[0-9]{16,}$"
"""More digits than a float64 (or a spreadsheet) holds exactly: an identifier, not an amount."""

SIGN_ONLY = r"^(?i:[-‐‑–—―−ー]+|\.{2,}|・+|\*+|x|n/?a)$"
"""A cell that stands for no number among numbers, tidied: －, …, ***, x, n/a."""

CURRENCIES: tuple[tuple[str, str], ...] = (("JPY", r"[¥￥\\円]"), ("USD", r"\$"), ("EUR", "€"))
PERCENT = r"%\)?$"
_NEGATIVE = rf"^{_MONEY}?\s?(?:\(|[-△▲−])"


def tidied(cell: pl.Expr) -> pl.Expr:
    """The cell trimmed, full-width digits and signs made plain (NFKC); null when nothing is left."""
    import polars as pl

    plain = cell.str.strip_chars().str.normalize("NFKC")
    return pl.when(plain.str.len_bytes() > 0).then(plain)


def is_number(cell: pl.Expr) -> pl.Expr:
    """Whether the tidied cell is a number in one of the notations, and no code or identifier of digits."""
    return cell.str.contains(NUMBER)


def is_whole(cell: pl.Expr) -> pl.Expr:
    """Whether a number is written without fraction, exponent, percent or K/M: then it is an exact integer."""
    return ~cell.str.contains(r"[.eE%KkMm]")


def integer(cell: pl.Expr) -> pl.Expr:
    """Int64 of a whole number; null where the cell is none or does not fit."""
    import polars as pl

    digits = _body(cell).cast(pl.Int64, strict=False)
    return pl.when(is_number(cell) & is_whole(cell)).then(pl.when(_is_negative(cell)).then(-digits).otherwise(digits))


def decimal(cell: pl.Expr) -> pl.Expr:
    """Float64 of a number, a percentage as a ratio; null where the cell is none.

    K and M multiply by 1,000 and 1,000,000.
    """
    import polars as pl

    thousand, million = cell.str.contains("[Kk]"), cell.str.contains("[Mm]")
    exponent = cell.str.contains("[eE]")  # has its own, behind which no other can stand
    percent = cell.str.contains("%", literal=True)
    shifted = percent & ~exponent
    # the point is moved in the text: a product or a quotient would be off by a last digit
    places = (
        pl.when(thousand)
        .then(pl.when(shifted).then(pl.lit("e1")).otherwise(pl.lit("e3")))
        .when(million)
        .then(pl.when(shifted).then(pl.lit("e4")).otherwise(pl.lit("e6")))
        .otherwise(pl.when(shifted).then(pl.lit("e-2")).otherwise(pl.lit("")))
    )
    scaled = (_body(cell) + places).cast(pl.Float64, strict=False)
    ratio = scaled / pl.when(percent & exponent).then(100.0).otherwise(1.0)
    signed = pl.when(_is_negative(cell)).then(-ratio).otherwise(ratio)
    return pl.when(is_number(cell) & signed.is_finite()).then(signed)


def _body(cell: pl.Expr) -> pl.Expr:
    """The digits of a number, without what stands around them: valid only where :func:`is_number` holds."""
    return cell.str.strip_chars("¥￥\\$€円%()+-△▲− KkMm").str.replace_all(",", "", literal=True)


def _is_negative(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains(_NEGATIVE)


def boolean(cell: pl.Expr) -> pl.Expr:
    """TRUE and FALSE in any case; Yes/No and はい/いいえ stay text, as filters name them."""
    import polars as pl

    word = cell.str.to_lowercase()
    return pl.when(word == "true").then(pl.lit(True)).when(word == "false").then(pl.lit(False))
