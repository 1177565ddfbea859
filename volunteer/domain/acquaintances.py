"""Acquaintances: who approves whose entries for whom, so that a pair that always agrees stands out."""

from dataclasses import dataclass
from datetime import datetime

# Below so many approvals a pair says nothing yet.
LEAST_APPROVALS = 5


@dataclass(frozen=True)
class Pair:
    """Two people of whom the second did something for the first so often, out of so many times in all."""

    first: str
    second: str
    count: int
    total: int
    last_at: datetime

    @property
    def percent(self) -> int:
        """How much of all that the first one had it was."""
        return 100 * self.count // self.total

    @property
    def stands_out(self) -> bool:
        """Whether nearly everything went through the same hands."""
        return self.count >= LEAST_APPROVALS and self.percent >= 80


@dataclass(frozen=True)
class Acquaintances:
    """The pairs enterer–approver and beneficiary–approver, the closest first."""

    by_enterer: list[Pair]
    by_beneficiary: list[Pair]
