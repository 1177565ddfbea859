"""The units there are and were, found by name however a list spells it."""

from collections.abc import Iterable
from dataclasses import dataclass

from volunteer.domain.cells import tidy_name, tidy_plain
from volunteer.domain.refusals import Sentence
from volunteer.domain.unit_refusals import UnitDissolved, UnitSucceeded


@dataclass(frozen=True)
class KnownUnit:
    """A unit there is, or was: then with the one that came after it, if any did."""

    id: int
    name: str
    is_gone: bool = False
    successor_id: int | None = None


def unit_key(name: str) -> str:
    """What is the same for names that differ only in spaces and full-width characters."""
    return tidy_plain(tidy_name(name))


class KnownUnits:
    """Every unit there is or was, found by name however it is spaced."""

    def __init__(self, units: Iterable[KnownUnit] = ()) -> None:
        ordered = sorted(units, key=lambda unit: (unit.is_gone, unit.id))
        self._by_id = {unit.id: unit for unit in ordered}
        self._by_name = {unit.name: unit for unit in ordered}
        self._by_key: dict[str, KnownUnit] = {}
        for unit in ordered:
            self._by_key.setdefault(unit_key(unit.name), unit)

    @property
    def ids(self) -> dict[str, int]:
        """The ids of those that are still there, by name."""
        return {unit.name: unit.id for unit in self._by_id.values() if not unit.is_gone}

    def find(self, name: str) -> KnownUnit | None:
        """The unit called so, dissolved or not; None where it would be a new one."""
        return self._by_name.get(name) or self._by_key.get(unit_key(name))

    def heir_of(self, unit: KnownUnit) -> KnownUnit | None:
        """The unit itself, or the one that its members went to in the end; None where there is none."""
        while unit.is_gone:
            if unit.successor_id is None:
                return None
            unit = self._by_id[unit.successor_id]
        return unit

    def find_living_id(self, unit_id: int | None) -> int | None:
        """The id of the unit, or of the one that its members went to; None where there is none."""
        unit = self._by_id.get(unit_id) if unit_id is not None else None
        heir = self.heir_of(unit) if unit else None
        return heir.id if heir else None

    def mend(self, name: str) -> str:
        """The name of the unit that is meant today: the known spelling, the successor's; else as it is."""
        unit = self.find(name)
        heir = self.heir_of(unit) if unit else None
        return heir.name if heir else name

    def why_gone(self, name: str) -> Sentence | None:
        """Why nobody can be entered into the unit called so, or None where that can be."""
        unit = self.find(name)
        if unit is None or not unit.is_gone:
            return None
        heir = self.heir_of(unit)
        if heir is None:
            return UnitDissolved(name=unit.name).sentence
        return UnitSucceeded(name=unit.name, successor=heir.name).sentence

    def list_new(self, names: Iterable[str]) -> list[str]:
        """Those of these names that are no unit yet, each once as it is first spelled, in order."""
        new: dict[str, str] = {}
        for name in names:
            if name and self.find(name) is None:
                new.setdefault(unit_key(name), name)
        return sorted(new.values())
