"""A changed item made from what a form holds; everything wrong with it is reported at once, with its field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from kpi_core.errors import RefusedError
from kpi_core.model.base import Model
from kpi_core.model.file import problems_of

M = TypeVar("M", bound=Model)


def composed(model: type[M], fields: Mapping[str, object], over: M | None = None) -> M:
    """An item of ``model`` with ``fields``, the rest as in ``over`` (else as the model begins).

    Raises ``RefusedError('change_refused')`` whose problems name each field that does not fit.
    """
    kept = {} if over is None else {name: getattr(over, name) for name in type(over).model_fields}
    try:
        return model.model_validate({**kept, **fields})
    except ValidationError as error:
        problems = problems_of(error)
        raise RefusedError("change_refused", problems, count=len(problems)) from None
