from __future__ import annotations

from kpi_core.vocabulary import Page
from pages.components.frame import heading

heading(Page.HOME)
