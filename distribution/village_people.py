"""Who lives in the village: its points, its farms and their stories, its households. All invented."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any


@dataclass(frozen=True)
class Place:
    """A collection point: who hosts it, how many households, its weekly rhythm."""

    code: str
    name: str
    host: tuple[str, str]
    phone: str
    households: int
    fields: dict[str, Any]
    rhythm: dict[str, Any]

    @property
    def host_email(self) -> str:
        return f"{plain(self.host[0])}@musette.example"


@dataclass(frozen=True)
class Farm:
    """A producer: identity, the person who runs it, where it stands at each point, its minimum there."""

    code: str
    name: str
    person: tuple[str, str]
    identity: dict[str, Any]
    spots: dict[str, str]
    minimum: str = "0"

    @property
    def email(self) -> str:
        return f"{plain(self.person[0])}@{self.code}.example"


@dataclass(frozen=True)
class Person:
    """A member of a household."""

    first_name: str
    last_name: str
    number: int = field(default=0)

    @property
    def email(self) -> str:
        return f"{plain(self.first_name)}.{plain(self.last_name)}@exemple.example"

    @property
    def phone(self) -> str:
        return f"06 12 34 {self.number // 100:02d} {self.number % 100:02d}"


CLOSING_HOUR = time(20)
ACCENTS = str.maketrans("àâäéèêëîïôöùûüçœÀÉÈÊÎÔ", "aaaeeeeiioouuucoAEEEIO")


def plain(name: str) -> str:
    """A name as the left side of an e-mail address."""
    return name.lower().translate(ACCENTS).replace(" ", "-").replace("’", "").replace("'", "")


def _rhythm(weekday: int, starts: time, ends: time) -> dict[str, Any]:
    return {
        "weekday": weekday, "starts": starts, "ends": ends, "opens_days_before": 6, "opens": time(8),
        "closes_days_before": 2, "closes": time(20),
    }  # fmt: skip


POINTS = (
    Place(
        "tilleuls", "Grange des Tilleuls", ("Martine", "Le Goff"), "02 99 00 00 01", 40,
        {
            "kind": "market", "address": "4 rue du Lavoir", "postcode": "35750", "city": "Saint-Gonlay", "joining": "open",
            "payment_methods": ["at-point", "account"],
            "description": "Une grange en pierre derrière l’église. On se gare au lavoir, on repart avec le sourire.",
            "access_note": "Par la cour, portail vert", "picture": "ferme-maraichere",
            "keys_note": "Clé chez Martine, maison aux volets bleus. Allumer le frigo A dès 15 h. Balance dans le placard.",
            "minimum_delay": timedelta(hours=2),
        },
        _rhythm(3, time(17, 30), time(19)),
    ),
    Place(
        "pont-neuf", "AMAP du Pont-Neuf", ("Denis", "Olivier"), "02 99 00 00 02", 22,
        {
            "kind": "amap", "address": "12 quai du Pont-Neuf", "postcode": "35000", "city": "Rennes", "joining": "request",
            "payment_methods": ["account"], "account_floor": "-50",
            "description": "La salle du rez-de-chaussée de la maison de quartier. Les amapien·nes tiennent la permanence à trois.",
            "access_note": "Digicode au 06 de l’hôte", "picture": "panier",
            "keys_note": "Code du boîtier à clés : demander à Denis. Remettre les tables en place avant 20 h 30.",
        },
        _rhythm(3, time(18), time(20)),
    ),
    Place(
        "hauts", "Tournée des Hauts", ("Ibrahim", "Sy"), "02 99 00 00 03", 13,
        {
            "kind": "round", "address": "Départ : dépôt de La Musette", "postcode": "35750", "city": "Saint-Gonlay",
            "joining": "request", "payment_methods": ["account", "at-point"], "account_floor": "-50",
            "description": "Livraison à domicile sur le plateau, en camionnette électrique.",
            "access_note": "Sonner deux fois", "picture": "panier-petit",
            "keys_note": "Charger dans l’ordre inverse des arrêts. Glacières au froid la veille.",
        },
        _rhythm(5, time(9), time(12, 30)),
    ),
)  # fmt: skip

EVERYWHERE = ("tilleuls", "pont-neuf", "hauts")


def _vat_number(siret: str) -> str:
    """The French VAT number of a company: its key is computed from the SIREN."""
    return f"FR{(12 + 3 * (int(siret[:9]) % 97)) % 97:02}{siret[:9]}"


def _iban(siret: str) -> str:
    """A farm's account at a bank that was invented, its number made of the SIREN: with the key of a French account, and the
    check digits of an IBAN."""
    bank, desk, account = 99999, 48, int(siret[:9])
    key = 97 - (89 * bank + 15 * desk + 3 * account) % 97
    number = f"{bank:05}{desk:05}{account:011}{key:02}"
    return f"FR{98 - int(f'{number}152700') % 97:02}{number}"  # FR is 15 27 among digits


def _farm(
    code: str, name: str, person: tuple[str, str], city: str, picture: str, story: str, spots: tuple[str, str, str],
    minimum: str = "0", **identity: Any,
) -> Farm:  # fmt: skip
    fields = {
        "legal_name": f"EARL {name}", "city": city, "postcode": "35750", "picture": picture, "story": story,
        "iban": _iban(identity["siret"]), "vat_number": "" if "vat_regime" in identity else _vat_number(identity["siret"]),
    } | identity  # fmt: skip
    return Farm(code, name, person, fields, {p: s for p, s in zip(EVERYWHERE, spots, strict=True) if s}, minimum)


# Companies and a bank that do not exist; their numbers have valid check digits.
ASSOCIATION, ASSOCIATION_IBAN = "Association des Tilleuls", _iban("99900023500013")  # hosts the Grange des Tilleuls

FARMS = (
    _farm("maraichage-les-quatre-saisons", "Maraîchage Les Quatre Saisons", ("Claire", "Aubin"), "Saint-Gonlay", "ferme-maraichere",
          "Claire cultive deux hectares en bio depuis 2011, avec un cheval pour le désherbage et trois serres froides.",
          ("A1", "A1", "A1"), certifications=["Agriculture biologique"],
          address="La Ville Marie", siret="99900011000018"),
    _farm("chevrerie-du-vallon", "Chèvrerie du Vallon", ("Soizic", "Hamon"), "Maxent", "ferme-chevres",
          "Soixante chèvres alpines, nourries au foin de la ferme. Traite à 6 h, fromages moulés à la louche.",
          ("F1", "F1", "F1"),
          address="Le Vallon", siret="99900012800010"),
    _farm("fournil-de-la-garenne", "Fournil de la Garenne", ("Yann", "Le Bihan"), "Plélan-le-Grand", "fournil",
          "Yann pétrit le soir et cuit au feu de bois la nuit du mercredi. Farines du moulin voisin, levain de dix ans.",
          ("A2", "A2", "A2"), default_vat_rate="5.5",
          address="La Garenne", siret="99900013600013"),
    _farm("volailles-du-bocage", "Volailles du Bocage", ("Léon", "Fabre"), "Iffendic", "basse-cour",
          "Poulets et pintades élevés en plein air 110 jours, abattus à la ferme, pesés devant vous.",
          ("F2", "F2", "F2"), minimum="60",
          address="Le Bocage", siret="99900014400017"),
    _farm("vergers-de-la-haute-lande", "Vergers de la Haute-Lande", ("Hervé", "Guillotin"), "Saint-Gonlay", "verger",
          "Vingt variétés de pommes, un pressoir de 1927 et des cidres qui prennent leur temps.",
          ("A3", "A3", "A3"), certifications=["Agriculture biologique"],
          address="La Haute-Lande", siret="99900015100012"),
    _farm("ferme-des-ormeaux", "Ferme des Ormeaux", ("Nadège", "Ferrand"), "Treffendel", "ferme-chevres",
          "Trente vaches de race pie noir, beurre de baratte et yaourts au lait entier, faits le mercredi matin.",
          ("F3", "F3", "F3"), certifications=["Agriculture biologique"],
          address="Les Ormeaux", siret="99900016900014"),
    _farm("elevage-des-pres-verts", "Élevage des Prés Verts", ("Gaël", "Riou"), "Paimpont", "basse-cour",
          "Bœufs limousins à l’herbe et porcs de plein air. Découpe à l’atelier de la ferme.",
          ("F4", "", "F4"),
          address="Les Prés Verts", siret="99900017700017"),
    _farm("rucher-de-lucie", "Rucher de Lucie", ("Lucie", "Perrin"), "Concoret", "rucher",
          "Cent vingt ruches autour de la forêt, trois récoltes par an, rien d’ajouté.",
          ("A4", "A4", "A4"), vat_regime="franchise",
          address="Le Rucher", siret="99900018500010"),
    _farm("champignons-du-tunnel", "Champignons du Tunnel", ("Théo", "Masson"), "Guer", "ferme-maraichere",
          "Dans l’ancien tunnel du chemin de fer, à 14 °C toute l’année, sur paille et marc de café.",
          ("F5", "F5", "F5"), certifications=["Agriculture biologique"],
          address="Ancienne gare", siret="99900019300014"),
    _farm("moulin-de-la-vilaine", "Moulin de la Vilaine", ("Odile", "Carré"), "Messac", "fournil",
          "Une meule de pierre, l’eau de la rivière et les blés de six voisins. Huiles pressées à froid.",
          ("A5", "A5", "A5"), certifications=["Agriculture biologique"],
          address="Le Moulin", siret="99900020100015"),
    _farm("brasserie-du-lavoir", "Brasserie du Lavoir", ("Malo", "Tanguy"), "Saint-Gonlay", "fournil",
          "Malo brasse par petites cuves de 500 litres, avec l’orge d’à côté et les houblons du jardin.",
          ("A6", "", "A6"), default_vat_rate="20",
          address="3 rue du Lavoir", siret="99900021900017"),
    _farm("jardin-de-simples", "Jardin de Simples", ("Anaïs", "Roche"), "Brocéliande", "verger",
          "Anaïs cueille à la main, sèche doucement et distille une fois l’an. Tisanes, sirops, savons.",
          ("A7", "A7", "A7"), vat_regime="flat-rate",
          address="Le Jardin", siret="99900022700010"),
)  # fmt: skip

# They have not said yet what they bring in the weeks to come; the first is the farm of the demo's own farmer.
UNDECIDED = ("maraichage-les-quatre-saisons", "fournil-de-la-garenne", "jardin-de-simples")

# They let the cooperative write their invoices.
MANDATES = ("chevrerie-du-vallon", "fournil-de-la-garenne", "vergers-de-la-haute-lande", "rucher-de-lucie")

# Two are paid through Stripe; the demo's own farmer has only begun there.
AT_STRIPE = ("champignons-du-tunnel", "moulin-de-la-vilaine")
BEGUN_AT_STRIPE = "maraichage-les-quatre-saisons"

# On their way to today's hand-over.
LATE = ("fournil-de-la-garenne", "volailles-du-bocage")

FIRST_NAMES = (
    "Camille", "Thomas", "Leïla", "Karim", "Élodie", "Jérôme", "Lucie", "Anne-Sophie", "Gwenaëlle", "Ronan", "Mathilde",
    "Julien", "Maïwenn", "Paulo", "Pierre", "Agathe", "Aminata", "Charlotte", "Nicolas", "Océane", "Dominique", "Inès",
    "Sylvie", "Étienne", "Solenn",
)  # fmt: skip
LAST_NAMES = (
    "Morel", "Barbier", "Bahri", "Benali", "Bertrand", "Blanchet", "Bouchard", "Bourdon", "Briand", "Cadiou", "Chevalier",
    "Colin", "Corre", "Da Silva", "Delaunay", "Delcourt", "Diallo", "Dubois-Lemaire", "Duval", "Fauchet", "Faucheux",
    "Fernandes", "Garnier", "Gauthier", "Gicquel",
)  # fmt: skip


def households() -> Iterator[Person]:
    """As many different people as there are pairs of names, always in the same order."""
    count = len(FIRST_NAMES)
    for number in range(count * len(LAST_NAMES)):
        turn, first = divmod(number, count)
        yield Person(FIRST_NAMES[first], LAST_NAMES[(first + turn * 7) % len(LAST_NAMES)], number)
