"""Reading uploads: CSV, XLSX, XLS and ODS, each in a spawned child process, typed from all rows."""

from kpi_core.data.reading.contract import ColumnReport, Reading, ReadOptions
from kpi_core.data.reading.limits import Limits
from kpi_core.data.reading.report import inspect_json
from kpi_core.data.reading.upload import read_upload

__all__ = ["ColumnReport", "Limits", "ReadOptions", "Reading", "inspect_json", "read_upload"]
