"""What a dataset's rules found, put on record with the version they looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kpi_core.data.rule_results import RuleResult
from kpi_core.model.workshop import Workshop
from kpi_core.services.basis import Versions, dataset_basis
from kpi_core.services.people import Who, authorise
from kpi_core.store import changes
from kpi_core.store.rule_runs import record_run
from kpi_core.store.state import Connection


def put_on_record(
    connection: Connection,
    workshop_id: str,
    workshop: Workshop,
    dataset_code: str,
    kept: Versions,
    results: Sequence[RuleResult],
    who: Who,
) -> None:
    """Record what the rules found over the newest of the versions, in the transaction of ``connection``."""
    authorise(who)
    basis = dataset_basis(workshop, dataset_code, kept)
    version = str(kept[dataset_code][0].id)
    record_run(connection, workshop_id, dataset_code, version, basis, [result.to_json() for result in results])
    after = json.dumps({"rules": len(results), "failed": sum(result.failed > 0 for result in results)})
    changes.append(connection, workshop_id, who.name, "quality", dataset_code, "run", None, after)
