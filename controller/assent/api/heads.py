"""How far a ledger reaches, in the two values that are kept of it outside of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """A chain's length, and the seal of its last record: 64 lower-case hex digits."""

    length: int
    mac: str

    @property
    def well_formed(self) -> bool:
        """Whether these values, read from outside, can be a head at all."""
        return type(self.length) is int and self.length >= 0 and len(self.mac) == 64 and set(self.mac) <= _HEX  # noqa: PLR2004 -- SHA-256


_HEX = frozenset("0123456789abcdef")
