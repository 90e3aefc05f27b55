"""The orders of one invented week: any number of households and products, long names if wanted.

Everything follows from a seed, so a failure can be looked at again. Version 2 is the same week after a frost: one
product is gone, one is short, one order is cancelled, one line was added.
"""

import random
from dataclasses import dataclass, field
from typing import Any

FARMS = [
    ("quatre-saisons", "Maraîchage Les Quatre Saisons", "A1"), ("garenne", "Fournil de la Garenne", "A2"),
    ("haute-lande", "Vergers de la Haute-Lande", "A3"), ("kerjean", "Moulin de Kerjean", "A4"),
    ("tunnel", "Champignons du Tunnel", "F1"), ("vallon", "Chèvrerie du Vallon", "F2"),
    ("ormeaux", "Ferme des Ormeaux", "F3"), ("bocage", "Volailles du Bocage", "F4"),
    ("pres-verts", "Élevage des Prés Verts", "F5"), ("margot", "Glaces de Margot", "S1"),
]  # fmt: skip
# farm, reference, product, packaging, zone, cents, allergens, grams of a pack, greatest grams where weighed, basket
PRODUCTS = [
    (0, "LÉG P", "Panier légumes", "petit", "dry", 1100, "", 3200, 0, True),
    (0, "LÉG G", "Panier légumes", "grand", "dry", 1900, "", 6000, 0, True),
    (0, "CAF", "Carottes fanes", "botte", "dry", 250, "", 600, 0, False),
    (0, "POI", "Poireaux", "1 kg", "dry", 280, "", 1000, 0, False),
    (0, "PD5", "Pommes de terre Agria", "sac 5 kg", "dry", 650, "", 5000, 0, False),
    (0, "CEL", "Céleri-rave", "pièce ≈ 800 g", "dry", 220, "celery", 800, 0, False),
    (0, "CHF", "Chou-fleur", "pièce", "dry", 300, "", 1100, 0, False),
    (0, "BET", "Betteraves crues", "botte", "dry", 220, "", 900, 0, False),
    (0, "POT", "Potimarron", "pièce ≈ 1,5 kg", "dry", 360, "", 1500, 2100, False),
    (0, "MAC", "Mâche", "barquette 150 g", "dry", 200, "", 150, 0, False),
    (1, "PAIN", "Panier pain", "1 kg", "dry", 500, "gluten", 1000, 0, True),
    (1, "PDC", "Pain de campagne au levain", "1 kg", "dry", 520, "gluten", 1000, 0, False),
    (1, "NOI", "Pain aux noix", "500 g", "dry", 420, "gluten nuts", 500, 0, False),
    (1, "BRI", "Brioche", "pièce 400 g", "dry", 590, "gluten eggs milk", 400, 0, False),
    (2, "POM", "Pommes Reine des reinettes", "2 kg", "dry", 520, "", 2000, 0, False),
    (2, "JUS", "Jus de pomme trouble", "bouteille 1 L", "dry", 320, "", 0, 0, False),
    (2, "CID", "Cidre brut", "bouteille 75 cl", "dry", 420, "sulphites", 0, 0, False),
    (3, "F80", "Farine de blé T80", "2 kg", "dry", 410, "gluten", 2000, 0, False),
    (3, "LEN", "Lentilles vertes", "500 g", "dry", 350, "?", 500, 0, False),
    (4, "CPP", "Champignons de Paris", "barquette 250 g", "chilled", 290, "", 250, 0, False),
    (4, "PLE", "Pleurotes", "barquette 200 g", "chilled", 450, "", 200, 0, False),
    (5, "CRO", "Crottin frais", "120 g", "chilled", 220, "milk", 120, 0, False),
    (5, "BUC", "Bûche cendrée", "180 g", "chilled", 460, "milk", 180, 0, False),
    (5, "TOM", "Tomme de chèvre", "part ≈ 250 g", "chilled", 600, "milk", 250, 320, False),
    (6, "LAI", "Lait entier", "bouteille 1 L", "chilled", 150, "milk", 1030, 0, False),
    (6, "BEU", "Beurre demi-sel", "250 g", "chilled", 360, "milk", 250, 0, False),
    (6, "YAN", "Yaourts nature", "4 × 125 g", "chilled", 290, "milk", 500, 0, False),
    (6, "CRE", "Crème fraîche", "pot 40 cl", "chilled", 360, "milk", 400, 0, False),
    (7, "POU", "Poulet fermier, prêt à cuire", "pièce ≈ 1,8 kg", "chilled", 1980, "", 1800, 2300, False),
    (7, "RIL", "Rillettes de volaille", "pot 180 g", "chilled", 520, "", 180, 0, False),
    (7, "OE6", "Œufs plein air", "boîte de 6", "chilled", 240, "eggs", 360, 0, False),
    (8, "STH", "Steaks hachés", "2 × 125 g", "chilled", 560, "", 250, 0, False),
    (8, "SAU", "Saucisses de porc", "par 4, ≈ 500 g", "chilled", 725, "sulphites", 500, 620, False),
    (9, "VAN", "Glace vanille", "pot 480 ml", "frozen", 690, "milk eggs", 330, 0, False),
    (9, "CAS", "Sorbet cassis", "pot 480 ml", "frozen", 650, "", 330, 0, False),
]  # fmt: skip
FAMILIES = """Aubert Bahri Barbier Baudry Benali Bertrand Blanchet Bouchard Bourdon Briand Cadiou Carpentier Chevalier
Colin Corre Da-Silva Delaunay Delcourt Diallo Dubois-Lemaire Duval Fabre Faucheux Fernandes Garnier Gauthier Gicquel
Guérin Hamon Hervé Jaouen Joubert Kaya Lambert Le-Bihan Le-Dantec Le-Gall Lefebvre Lemoine Leroux Mahé Marchand Martin
Mercier Meunier Monnier Morvan N'Guyen Olivier Paillard Pellerin Prigent Quéré Renaud Rivière Rossi Salaün Tessier
Vasseur Zimmermann"""
GIVEN = """Camille Leïla Thomas Marie-Noëlle Karim Élodie Jérôme Lucie Anne-Sophie Gwenaëlle Ronan Hélène Mathilde
Julien"""
LONG = " de la grande parcelle du haut des Tilleuls, récolte de saison"
ZONES = ("dry", "chilled", "frozen")
Json = dict[str, Any]


@dataclass
class Product:
    farm: int
    ref: str
    name: str
    packaging: str
    zone: str
    cents: int
    allergens: list[str] | None
    grams: int
    max_grams: int
    basket: bool

    def item(self) -> Json:
        weighed = {"expected_g": self.grams, "max_g": self.max_grams} if self.max_grams else None
        return {
            "ref": self.ref,
            "product": self.name,
            "packaging": self.packaging,
            "contract": self.basket,
            "weighed": weighed,
        }

    @property
    def place(self) -> str:
        return FARMS[self.farm][2]

    @property
    def key(self) -> tuple[Any, ...]:
        return ZONES.index(self.zone), self.place, self.farm, not self.basket, self.name, self.cents


@dataclass
class Line:
    product: Product
    was: int
    quantity: int
    mark: str = ""
    reason: str = ""

    @property
    def change(self) -> Json | None:
        return {"mark": self.mark, "was": self.was, "since": 2, "reason": self.reason} if self.mark else None


@dataclass
class House:
    number: int
    family: str
    given: str
    lines: list[Line] = field(default_factory=list)
    due: int = 0
    cancelled: bool = False

    @property
    def name(self) -> str:
        return f"{self.family} {self.given}"

    @property
    def code(self) -> str:
        return f"K{self.number:05}"

    @property
    def change(self) -> Json | None:
        changed = [line for line in self.lines if line.mark]
        if not changed:
            return None
        return {
            "mark": "cancelled" if self.cancelled else "changed",
            "since": 2,
            "reason": "commande annulée" if self.cancelled else "",
        }

    @property
    def owed(self) -> str | None:
        return euros(self.due) if self.due else None


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def total_change(lines: list[Line]) -> Json | None:
    """The change of a total: what all its lines were, and are."""
    was, now = sum(line.was for line in lines), sum(line.quantity for line in lines)
    if was == now:
        return None
    return {"mark": "cancelled" if not now else "changed", "was": was, "since": 2, "reason": ""}


class Orders:
    """Who ordered what for one collection."""

    def __init__(
        self,
        households: int = 60,
        *,
        products: int = 35,
        version: int = 1,
        long_names: bool = False,
        lines: int = 10,
        points: int = 5,
    ):
        self.random = random.Random(48)
        self.version, self.points = version, points
        self.products = [self._product(nth, long_names) for nth in range(products)]
        numbers = self.random.sample(range(1, households + 1), households)
        self.houses = [self._house(nth, number, lines, long_names) for nth, number in enumerate(numbers)]
        self.houses.sort(key=lambda house: house.number)
        if version > 1:
            self._frost()

    def _product(self, nth: int, long_names: bool) -> Product:
        farm, ref, name, packaging, zone, cents, allergens, grams, most, basket = PRODUCTS[nth % len(PRODUCTS)]
        again = nth // len(PRODUCTS)
        name = (name + LONG)[:60] if long_names else name
        codes = None if allergens == "?" else allergens.split()
        return Product(
            farm,
            f"{ref}{again or ''}",
            f"{name} {again}" if again else name,
            packaging,
            zone,
            cents,
            codes,
            grams,
            most,
            basket,
        )

    def _house(self, nth: int, number: int, lines: int, long_names: bool) -> House:
        families, given = FAMILIES.split(), GIVEN.split()
        family = families[nth % len(families)].replace("-", " ") + (
            "" if nth < len(families) else f" {nth // len(families) + 1}"
        )
        house = House(
            number,
            (family + " de la Villemarqué-Kerguelen du Bois")[:36] if long_names else family,
            given[nth % len(given)],
        )
        if long_names:
            house.given = (house.given + " et Marie-Bernadette-Alix")[:23]
        taken = self.random.sample(
            self.products, min(len(self.products), max(1, round(self.random.gauss(lines, lines / 5))))
        )
        for product in sorted(taken, key=lambda product: product.key):
            quantity = 1 if product.max_grams or product.basket else self.random.choices([1, 2, 3], [76, 20, 4])[0]
            house.lines.append(Line(product, quantity, quantity))
        house.due = sum(line.product.cents * line.quantity for line in house.lines) if self.random.random() < 0.4 else 0
        return house

    def _frost(self) -> None:
        for house in self.houses:
            for line in house.lines:
                if line.product.ref == "BET":
                    line.quantity, line.mark, line.reason = 0, "cancelled", "gel de mardi"
                if line.product.ref == "MAC" and line.was > 1:
                    line.quantity, line.mark, line.reason = 1, "changed", "stock"
        gone = self.houses[len(self.houses) // 2]
        gone.cancelled, gone.due = True, 0
        for line in gone.lines:
            line.quantity, line.mark, line.reason = 0, "cancelled", "commande annulée"
        if len(self.houses) > 1:
            added = Line(
                next(product for product in self.products if product.ref == "CID"), 0, 2, "added", "ajout demandé"
            )
            lines = [line for line in self.houses[0].lines if line.product.ref != "CID"]
            self.houses[0].lines = sorted([*lines, added], key=lambda line: line.product.key)

    @property
    def lines(self) -> list[Line]:
        return [line for house in self.houses for line in house.lines]
