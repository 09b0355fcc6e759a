"""What one number is computed from, one step down: which nodes in which periods its formula takes."""

from __future__ import annotations

from kpi_core.model.period import Period
from kpi_core.tree.network import Network
from kpi_core.tree.plan import Plan
from kpi_core.tree.unrolling import unroll


def inputs_of(plan: Plan, code: str, period: Period) -> tuple[tuple[str, Period], ...]:
    """The (node, period) that the formula of ``code`` takes in ``period``, in its order, each once.

    ``lag`` takes an earlier period, ``ytd`` and ``rolling`` several; of a coarser period that is rolled up it is the
    node itself in the finer ones. Nothing for a node without a formula.
    """
    if code not in plan.expressions:
        return ()
    network = unroll(plan, code, (period, period))
    places = {at: place for place, at in network.nodes.items()}
    taken = [places[at] for at in _nearest(network)]
    return tuple((name, slot[1]) for name, slot in taken if slot[1] is not None)


def _nearest(network: Network) -> list[int]:
    """The steps of other places that the top's own steps use, found without passing through one."""
    places = set(network.nodes.values()) - {network.top}
    seen: dict[int, None] = {}
    waiting = [network.top]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen[at] = None
            waiting += reversed(network.steps[at].operands) if at not in places else ()
    return [at for at in seen if at in places]
