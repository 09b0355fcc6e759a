"""What one upload may cost before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20
_GIB = 1 << 30


@dataclass(frozen=True)
class Limits:
    """Bounds on one reading; a file that breaks one is refused with a sentence, never read in part.

    ``memory_bytes`` bounds the resident memory of the reading child. Time is ``base_seconds`` plus
    ``seconds_per_mib`` for each MiB of the (unpacked) file, at most ``max_seconds``: a small hostile file is answered
    within 10 s, a large honest one gets the time it needs.
    """

    file_bytes: int = 2 * _GIB
    expanded_bytes: int = 2 * _GIB
    expansion_ratio: int = 200
    memory_bytes: int = 2 * _GIB
    base_seconds: float = 8.0
    seconds_per_mib: float = 1.0
    max_seconds: float = 600.0
    columns: int = 2_000
    line_bytes: int = 16 * _MIB
    listed_cells: int = 200

    def seconds_for(self, size: int) -> float:
        """Seconds of work a file of ``size`` unpacked bytes may take; on an idle machine also by the clock."""
        return min(self.max_seconds, self.base_seconds + self.seconds_per_mib * (size // _MIB))

    @property
    def address_space(self) -> int:
        """Virtual bytes the child may map: idle threads and allocators reserve about 1.2 GiB they never touch."""
        return 2 * self.memory_bytes + 2 * _GIB
