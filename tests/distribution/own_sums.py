"""The sums of a cooperative done over again in whole cents, by nothing of the product's: what lived weeks are compared with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

HOST, HUB = 835, 1215  # of 10 000: 8.35 % and 12.15 %


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number, half up; of numbers that are not below zero."""
    return (2 * numerator + denominator) // (2 * denominator)


def parts(total: int) -> tuple[int, int, int]:
    """What farm, point and cooperative have of a price: the cents left over go to the largest remainders, the farm first."""
    weights = (10_000 - HOST - HUB, HOST, HUB)
    whole = [total * weight // 10_000 for weight in weights]
    rest = [total * weight % 10_000 for weight in weights]
    for _cent in range(total - sum(whole)):
        most = rest.index(max(rest))
        whole[most] += 1
        rest[most] = -1
    return whole[0], whole[1], whole[2]


@dataclass
class Line:
    """A product in a basket. `price` is per pack, or per kilogram where the pack is weighed."""

    farm: str
    packs: int
    price: int
    deposit: int = 0
    content: int = 0
    most: int = 0
    short: int = 0
    grams: int = 0

    @property
    def left(self) -> int:
        return self.packs - self.short

    @property
    def final(self) -> int:
        if not self.most:
            return self.price * self.left
        return half_up(min(self.grams, self.most * self.left) * self.price, 1000) if self.left else 0

    @property
    def missing(self) -> int:
        """What the missing packs would have cost."""
        each = half_up(self.content * self.price, 1000) if self.most else self.price
        return (each + self.deposit) * self.short


@dataclass
class Sums:
    """What everybody owns or owes, by the ledger's names, in cents above zero on its usual side. `waiting` is what is on no
    statement yet of a farm, its part of deposits and corrections included; `carried` what a farm owed in its last one."""

    of: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    waiting: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    deposits: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    fees: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    carried: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    moved: set[str] = field(default_factory=set)
    point: int = 0
    vat: int = 0

    def sell(self, home: str, point: str, lines: Sequence[Line]) -> int:
        """Settle one order; what it came to."""
        for line in lines:
            farm, host, hub = parts(line.final)
            deposit = line.deposit * line.left
            self.of[home] -= line.final + deposit
            self.of[line.farm] += farm
            self.of[point] += host
            self.of["hub"] += hub
            self.of["deposits"] += deposit
            self.point += host
            self.waiting[line.farm] += farm + deposit
            self.deposits[line.farm] += deposit
            self.fees[line.farm] += hub
            self.moved.add(line.farm)
        return sum(line.final + line.deposit * line.left for line in lines)

    def pay(self, account: str, home: str, amount: int) -> None:
        """A household's money comes in."""
        self.of[account] += amount
        self.of[home] += amount

    def give_back(self, account: str, home: str, amount: int) -> None:
        self.pay(account, home, -amount)

    def correct(self, farm: str, other: str, amount: int) -> None:
        """The farm gets so much of a household or of the cooperative, or gives it."""
        self.of[farm] += amount
        self.of[other] -= amount
        self.waiting[farm] += amount
        self.moved.add(farm)

    def state(self, farm: str) -> int | None:
        """The net of the farm's next statement; None where there is nothing to tell."""
        if farm not in self.moved:
            return None
        self.moved.remove(farm)
        net = self.waiting.pop(farm, 0) + min(self.carried.pop(farm, 0), 0)
        passed = self.deposits.pop(farm, 0)
        self.of["deposits"] -= passed
        self.of[farm] += passed
        self.vat += half_up(self.fees.pop(farm, 0) * 20, 120)
        self.carried[farm] = net
        return net

    def state_point(self) -> int:
        net, self.point = self.point, 0
        return net
