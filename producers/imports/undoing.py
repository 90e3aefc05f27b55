"""Taking an import back: exactly what it changed, unless somebody has changed or ordered it since."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model, QuerySet

from hub.money import money
from producers.imports.writing import MONEY, overwrite, plain
from producers.models import Import, Offer, Packaging, Product, Stock

MODELS: dict[str, type[Any]] = {"product": Product, "packaging": Packaging, "stock": Stock, "offer": Offer}
_CHANGED, _ORDERED = "changed-since", "ordered-since"


def restore(imp: Import) -> list[dict[str, Any]]:
    """Undo what `imp.applied` tells, in the caller's transaction; returns the rows left as they are, with why.

    A fixed number of statements however many rows.
    """
    undoing = _Undoing(imp)
    undoing.find_what_stays()
    undoing.put_back()
    undoing.take_away()
    return undoing.left_rows()


class _Undoing:
    def __init__(self, imp: Import) -> None:
        self.created = {kind: set(ids) for kind, ids in imp.applied["created"].items()}
        self.changed = imp.applied["changed"]
        self.rows = {int(pk): number for pk, number in imp.applied["rows"].items()}
        self.things = {kind: self._load(kind) for kind in ("product", "packaging", "stock", "offer")}
        self.reasons: dict[int, str] = {}
        packagings = Packaging.objects.filter(pk__in=self.rows).values_list("pk", "product")
        self.product_of = dict(packagings)

    def _load(self, kind: str) -> dict[int, Any]:
        ids = self.created.get(kind, set()) | {int(pk) for pk in self.changed.get(kind, {})}
        found: QuerySet[Any] = MODELS[kind].objects.filter(pk__in=ids).order_by("pk")
        return {thing.pk: thing for thing in found.select_for_update(no_key=True, of=("self",))}

    def find_what_stays(self) -> None:
        """Note, by packaging, the rows that cannot be put back."""
        for kind, things in self.things.items():
            for thing in things.values():
                if self._moved_since(kind, thing):
                    self._keep(kind, thing, _CHANGED)
        for stock in self.things["stock"].values():
            if self._is_ordered(stock):
                self._keep("stock", stock, _ORDERED)
        ours = {MODELS[kind]: ids for kind, ids in self.created.items()}
        for kind, made in self.created.items():
            for pk in referenced(MODELS[kind], made, besides=ours):
                if pk in self.things[kind]:
                    self._keep(kind, self.things[kind][pk], _ORDERED)

    def _moved_since(self, kind: str, thing: Any) -> bool:
        if getattr(thing, "archived_at", None) is not None:
            return True
        fields = self.changed.get(kind, {}).get(str(thing.pk), {})
        return any(_value(thing, name) != new for name, (_old, new) in fields.items())

    def _is_ordered(self, stock: Stock) -> bool:
        """Whether the quantity that was would no longer cover what is reserved."""
        if stock.pk in self.created.get("stock", ()):
            return stock.reserved > 0
        old = self.changed["stock"][str(stock.pk)]["quantity"][0]
        return old is not None and old < stock.reserved

    def _keep(self, kind: str, thing: Any, reason: str) -> None:
        """A product or its stock that stays keeps all its rows; a packaging or its offer, its own."""
        if kind in ("product", "stock"):
            product = thing.pk if kind == "product" else thing.product_id
            concerned: Iterable[int] = [pk for pk, owner in self.product_of.items() if owner == product]
        else:
            concerned = [thing.pk if kind == "packaging" else thing.packaging_id]
        for pk in concerned:
            self.reasons.setdefault(pk, reason)

    def _stays(self, kind: str, thing: Any) -> bool:
        """A product and its stock are put back with the rows that are; they stay when all of theirs do."""
        if kind == "packaging":
            return thing.pk in self.reasons
        if kind == "offer":
            return thing.packaging_id in self.reasons
        product = thing.pk if kind == "product" else thing.product_id
        mine = [pk for pk, owner in self.product_of.items() if owner == product]
        kept = [pk for pk in mine if pk in self.reasons]
        return bool(kept) and (len(kept) == len(mine) or thing.pk in self.created.get(kind, ()))

    def put_back(self) -> None:
        """Give the changed rows their old values."""
        for kind, changes in self.changed.items():
            again: list[Any] = []
            names: set[str] = set()
            for pk, fields in changes.items():
                thing = self.things[kind].get(int(pk))
                if thing is None or self._stays(kind, thing):
                    continue
                for name, (old, _new) in fields.items():
                    setattr(thing, name, money(old) if name in MONEY else old)
                if kind == "stock":
                    thing.version += 1
                again.append(thing)
                names |= set(fields) | ({"version"} if kind == "stock" else set())
            overwrite(MODELS[kind], again, sorted(names))

    def take_away(self) -> None:
        """Delete what the import made and nobody has used: offers before packagings and stocks, products last."""
        for kind in ("offer", "packaging", "stock", "product"):
            made = [self.things[kind][pk] for pk in self.created.get(kind, ()) if pk in self.things[kind]]
            gone = [thing.pk for thing in made if not self._stays(kind, thing)]
            if gone:
                # One statement, no cascade: whatever still refers to a row makes the database refuse.
                rows = MODELS[kind].objects.filter(pk__in=gone)
                rows._raw_delete(rows.db)

    def left_rows(self) -> list[dict[str, Any]]:
        """The rows that stay, by number, with why."""
        left = {self.rows[pk]: reason for pk, reason in self.reasons.items() if pk in self.rows}
        return [{"row": number, "code": reason} for number, reason in sorted(left.items())]


def referenced(model: type[Model], ids: set[int], *, besides: Mapping[Any, set[int]]) -> set[int]:
    """Which of the rows something refers to, whatever package it is from, rows in `besides` apart; one statement per
    kind of reference."""
    found: set[int] = set()
    for relation in model._meta.related_objects if ids else ():
        other: Any = relation.related_model
        name = relation.field.name
        rows = other._base_manager.filter(**{f"{name}__in": ids}).exclude(pk__in=besides.get(other, set()))
        found |= set(rows.values_list(name, flat=True))
    return found


def _value(thing: Any, name: str) -> Any:
    value = getattr(thing, name)
    return str(value.amount) if name in MONEY else plain(value)
