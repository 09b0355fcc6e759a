"""Circles in a directed graph, each with its path; no recursion, so a chain of ten thousand formulas is fine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]
"""Who uses whom: code → the codes it points to. A code that is no key of its own points nowhere."""


def cycles(graph: Graph) -> tuple[tuple[str, ...], ...]:
    """One closed path for every knot of circles (``("a", "b", "a")``), beginning at the graph's earliest code."""
    position = {code: at for at, code in enumerate(graph)}
    found = []
    for knot in _knots(graph):
        members = set(knot)
        start = min(members, key=position.__getitem__)
        path = path_between(graph, start, start, members)
        if path:
            found.append(path)
    return tuple(sorted(found, key=lambda path: position[path[0]]))


def in_cycles(graph: Graph) -> frozenset[str]:
    """Every code that can reach itself."""
    return frozenset(code for knot in _knots(graph) for code in knot if len(knot) > 1 or code in graph[code])


def levels(graph: Graph) -> dict[str, int]:
    """How many steps lie between each key and what rests on nothing: 1 where all it points to are no keys.

    Keys in circles have no level, and count as resting on nothing for those that point to them.
    """
    knotted = in_cycles(graph)
    keys = [code for code in graph if code not in knotted]
    inputs = {code: {name for name in graph[code] if name in graph and name not in knotted} for code in keys}
    users: dict[str, list[str]] = {code: [] for code in keys}
    for code, names in inputs.items():
        for name in names:
            users[name].append(code)
    open_inputs = {code: len(names) for code, names in inputs.items()}
    level = {code: 1 for code in keys if not open_inputs[code]}
    waiting = list(level)
    for code in waiting:
        for user in users[code]:
            open_inputs[user] -= 1
            if not open_inputs[user]:
                level[user] = 1 + max(level[name] for name in inputs[user])
                waiting.append(user)
    return level


def path_between(graph: Graph, first: str, last: str, among: set[str] | None = None) -> tuple[str, ...]:
    """The shortest path of at least one step, both ends named; empty where there is none."""
    came_from: dict[str, str] = {}
    waiting = [first]
    for code in waiting:
        for following in graph.get(code, ()):
            if following == last:
                path = [last, code]
                while path[-1] != first:
                    path.append(came_from[path[-1]])
                return tuple(reversed(path))
            if following not in came_from and following != first and (among is None or following in among):
                came_from[following] = code
                waiting.append(following)
    return ()


def _knots(graph: Graph) -> Iterator[list[str]]:
    """Strongly connected parts (Tarjan 1972), with the call stack kept by hand."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in graph:
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = []
        _enter(root, index, low, stack, on_stack)
        work.append((root, iter(graph[root])))
        while work:
            code, rest = work[-1]
            following = next((other for other in rest if other in graph), None)
            if following is not None:
                if following not in index:
                    _enter(following, index, low, stack, on_stack)
                    work.append((following, iter(graph[following])))
                elif following in on_stack:
                    low[code] = min(low[code], index[following])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[code])
            if low[code] == index[code]:
                yield _pop_knot(code, stack, on_stack)


def _enter(code: str, index: dict[str, int], low: dict[str, int], stack: list[str], on_stack: set[str]) -> None:
    index[code] = low[code] = len(index)
    stack.append(code)
    on_stack.add(code)


def _pop_knot(code: str, stack: list[str], on_stack: set[str]) -> list[str]:
    knot = []
    while True:
        member = stack.pop()
        on_stack.discard(member)
        knot.append(member)
        if member == code:
            return knot
