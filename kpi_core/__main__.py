"""``python -m kpi_core COMMAND``."""

import sys

from kpi_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
