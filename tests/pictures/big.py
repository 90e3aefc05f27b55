"""A large point to look at: 60 households, 300 products, names of 60 characters, long notes, all allergens; and empty cases.

Built through the operations that pages use, so that every row is one that people can make.
"""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

from distribution import closing, confirming, demo_time, handover, settlement, statements
from distribution.handover import Act
from distribution.models import Statement
from distribution.village_people import households
from hub import calendar, demo_doors, founding, joining
from hub.models import Collection, CollectionPoint, Household, Member
from hub.money import money
from orders import ordering, payments, wishes
from orders.models import Order
from producers import farms, imports, stock
from producers.models import Offer, Producer, Product

LONG_HOUSEHOLD = "Famille de Kergariou-Saint-Hilaire et Oyarzabal-Etchegoyhenn"
LONG_FARM = "Groupement maraîcher des Hautes-Terres et du Val d’Anast réu"
LONG_PRODUCT = "Assortiment de racines anciennes du jardin conservatoire bios"
LONG_NOTE = (
    "Je passe vers 18 h 45 avec la petite, merci de garder les œufs à l’ombre. Si je suis en retard, la voisine du 14,"
    " Mme Le Guennec, prend tout, y compris les bouteilles consignées, et les monte."
)
KINDS = (
    # name, aisle, packaging, price, zone
    ("Carottes", "Légumes", "botte", "2,50", "sec"),
    ("Pommes", "Fruits", "1 kg", "3,20", "sec"),
    ("Tomme", "Crémerie", "250 g", "5,90", "frais"),
    ("Pain", "Boulangerie", "pièce", "5,20", "sec"),
    ("Confiture", "Épicerie", "pot 350 g", "6,40", "sec"),
    ("Bière", "Boissons", "bouteille 75 cl", "5,60", "sec"),
    ("Rôti", "Viandes", "500 g", "14,80", "surgelé"),
)
ALLERGENS = (
    "gluten, crustacés, œufs, poisson, arachides, soja, lait, fruits à coque, céleri, moutarde, sésame, sulfites, lupin,"
    " mollusques"
)
HOUSEHOLDS, FARMS, PRODUCTS = 60, 6, 50


@dataclass
class Big:
    """Who looks, and at what."""

    member: Member
    newcomer: Member
    idle: Member
    farmer: Member
    new_farmer: Member
    host: Member
    new_host: Member
    coordinator: Member
    sale: Collection
    today: Collection
    past: Collection
    farm: Producer
    new_farm: Producer
    import_code: str

    @property
    def people(self) -> dict[str, Member]:
        """Whose page it is, by the names of the routes' test."""
        return {"household": self.member, "farmer": self.farmer, "host": self.host, "coordinator": self.coordinator}

    @property
    def rows(self) -> dict[str, Any]:
        """What fills the parts of addresses, by the names of the routes' test."""
        order = Order.objects.get(collection=self.today, household=self.member.household)
        line = order.lines.select_related("packaging__product").filter(producer=self.farm).order_by("pk")[0]
        product = Product.objects.get(producer=self.farm, name=LONG_PRODUCT)
        return {
            "farm": self.farm.code, "point": self.sale.point.code, "sale": self.sale.code, "today": self.today.code,
            "week": self.today.week, "order": order.code, "line": line.packaging.code, "product": product.code,
            "pack": product.packagings.order_by("pk")[0].code, "import": self.import_code,
            "statement": Statement.objects.filter(producer=self.farm).latest("pk").number, "settled": self.past.code,
        }  # fmt: skip


def build(now: datetime) -> Big:
    """The whole of it, in an empty database."""
    boss = _found(now)
    point, host = _point("grange", "Grange des Tilleuls et de la Haute-Rive", boss, now)
    nowhere, new_host = _point("gare", "Ancienne gare", boss, now)
    growers = [_farm(number, point, boss, now) for number in range(FARMS)]
    new_farm = farms.take_in(code="toute-nouvelle", name="Ferme toute nouvelle", by=boss, now=now)
    new_farmer = founding.register(email="nouvelle@exemple.example", first_name="Rose", last_name="Neuve")
    farms.entrust(producer=new_farm, member=new_farmer, by=boss, now=now)
    homes = _households(point, host, boss, now)
    past, today, sale = (_sale(point, days, now) for days in (-7, 0, 7))
    for producer, farmer in growers:
        _publish(producer, farmer, [past.week, today.week, sale.week], now)
    _lived(past, homes, host, now)
    _under_way(today, homes, host, now)
    _open(sale, homes, now)
    for home in homes[:5]:
        joining.ask(household=home, point=nowhere, message=LONG_NOTE, by=home.members.get(), now=now)
    farm, farmer = growers[0]
    return Big(
        homes[0].members.get(), founding.register(email="neuf@exemple.example", first_name="Ida", last_name="Neuf"),
        homes[-1].members.get(), farmer, new_farmer, host, new_host, boss, sale, today, past, farm, new_farm,
        _preview(farm, farmer, sale.week, now),
    )  # fmt: skip


def _found(now: datetime) -> Member:
    founding.found(name="La Musette", legal_name="Coopérative La Musette, SCIC", email="bonjour@musette.example")
    since = calendar.local_date(now) - timedelta(days=400)
    founding.set_vat_rates({Decimal(rate): since for rate in ("5.5", "10", "20", "2.1")})
    boss = founding.register(email="helene@musette.example", first_name="Hélène", last_name="Marchand")
    founding.appoint_coordinator(member=boss, by=None, now=now)
    demo_doors.give_second_factor(boss)
    for payee, share in (("host", "8"), ("hub", "12")):
        founding.set_fee(payee=payee, percentage=Decimal(share), valid_from=since, by=boss, now=now)
    return boss


def _point(code: str, name: str, by: Member, now: datetime) -> tuple[CollectionPoint, Member]:
    point = founding.open_point(
        code=code, name=name, by=by, now=now, address="4 bis rue du Vieux-Lavoir-de-la-Reine", postcode="35750",
        city="Saint-Gonlay-sur-Meu", payment_methods=["at-point", "account"], description=LONG_NOTE, access_note=LONG_NOTE,
        keys_note=LONG_NOTE, account_floor="-500", at_point_ceiling="5000",
    )  # fmt: skip
    host = founding.register(email=f"hote@{code}.example", first_name="Marie-Antoinette", last_name="Le Goff-Kermadec")
    founding.appoint_host(member=host, point=point, by=by, now=now)
    return point, host


def _farm(number: int, point: CollectionPoint, by: Member, now: datetime) -> tuple[Producer, Member]:
    name = LONG_FARM if number == 0 else f"Ferme des Ormeaux {number}"
    producer = farms.take_in(
        code=f"ferme-{number}", name=name, by=by, now=now, story=LONG_NOTE, city="Plélan-le-Grand",
        certifications=["Agriculture biologique", "Nature & Progrès"], iban="FR7630006000011234567890189",
    )  # fmt: skip
    farmer = founding.register(email=f"claire@ferme-{number}.example", first_name="Claire", last_name="Aubin")
    farms.entrust(producer=producer, member=farmer, by=by, now=now)
    since = calendar.local_date(now) - timedelta(days=60)
    farms.accept_at(
        producer=producer, point=point, since=since, by=by, now=now, minimum=money("0"), spot=f"Allée {number}, au fond"
    )
    return producer, farmer


def _households(point: CollectionPoint, host: Member, by: Member, now: datetime) -> list[Household]:
    found = []
    for number, person in zip(range(HOUSEHOLDS + 1), households(), strict=False):
        member = founding.register(
            email=person.email, first_name=person.first_name, last_name=person.last_name, phone=person.phone,
            address="3 rue des Tilleuls", postcode="35750", city="Saint-Gonlay", route_position=number + 1,
            name=LONG_HOUSEHOLD if number == 0 else f"{person.first_name} {person.last_name}",
        )  # fmt: skip
        home = member.household
        assert home is not None
        founding.accept(household=home, point=point, by=host, now=now)
        payments.receive(
            household=home, amount=Decimal(150), means="transfer", key=f"big:{home.code}", received_by=by, now=now
        )
        found.append(home)
    return found


def _sale(point: CollectionPoint, days: int, now: datetime) -> Collection:
    """Open now; `days` from now is when it is, or will have been, handed out."""
    day = calendar.local_date(now) + timedelta(days=days)
    collection = calendar.hold(
        point=point,
        opens_at=now - timedelta(days=2),
        closes_at=now + timedelta(days=1, hours=4),
        starts_at=now + timedelta(days=2),
        ends_at=now + timedelta(days=2, hours=2),
        code=calendar.code_of(point, day),
    )
    return demo_time.belong_to_week(collection, calendar.week_of(day))


def catalogue(number: int, extra: str = "") -> bytes:
    """A farm's spreadsheet: fifty products, the first with the longest name, one weighed, one sold out, one unlimited."""
    file = StringIO()
    rows = csv.writer(file, delimiter=";")
    rows.writerow(
        ["Réf", "Produit", "Conditionnement", "Prix TTC", "Stock", "Rayon", "Allergènes", "Conservation", "Bio"]
    )
    for n in range(PRODUCTS):
        kind, aisle, pack, price, zone = KINDS[(n + number) % len(KINDS)]
        name = LONG_PRODUCT if n == 0 and number == 0 else f"{kind} n° {number}{n:02d} {extra}".strip()
        left = {1: "0", 2: "illimité", 3: "4"}.get(n, "400")
        allergens = ALLERGENS if n % 5 == 0 else "aucun"
        rows.writerow([f"R{number}-{n}", name, pack, price, left, aisle, allergens, zone, "oui" if n % 2 else "non"])
    weighed = ["Poulet fermier", "pièce ~1,8 kg (max 2,3 kg)", "11,00 €/kg", "200", "Viandes", "aucun", "frais", "non"]
    rows.writerow([f"V{number}", *weighed])
    return file.getvalue().encode()


def _publish(producer: Producer, by: Member, weeks: list[str], now: datetime) -> None:
    number = int(producer.code.removeprefix("ferme-"))
    preview = imports.preview(
        producer=producer, week=weeks[0], file_name="catalogue.csv", content=catalogue(number), by=by, now=now
    )
    imports.confirm(imp=preview, by=by, now=now)
    for week in weeks[1:]:
        stock.copy_last_week(producer=producer, week=week, by=by, now=now)


def _preview(producer: Producer, by: Member, week: str, now: datetime) -> str:
    """A spreadsheet that creates, changes and errs, still to be confirmed."""
    more = "N1;Rutabagas;1 kg;2,10;40;Légumes;aucun;sec;oui\nN2;Navets boule d’or;botte;2,60;30;Légumes;aucun;sec;oui\n"
    wrong = "X1;Chou romanesco;pièce;douze;20;Légumes;lait de licorne;frais;\nX2;;botte;2,00;-4;Légumes;;;\n"
    content = catalogue(0, "d’hiver") + (more + wrong).encode()
    return imports.preview(producer=producer, week=week, file_name="décembre.csv", content=content, by=by, now=now).code


def _order(collection: Collection, homes: list[Household], now: datetime) -> None:
    """Seven lines each, spread over the farms; the first household orders from every shelf and leaves a long note."""
    plenty = Offer.objects.at(collection).exclude(packaging__reference__regex="-[123]$").order_by("pk")
    packs = list(plenty.values_list("packaging", flat=True))
    for number, home in enumerate(homes):
        lines = 24 if number == 0 else 7
        chosen = [packs[(number * 5 + n * 13) % len(packs)] for n in range(lines)]
        weighed = (
            Offer.objects.at(collection).filter(packaging__weighed=True).order_by("pk")[number % FARMS].packaging_id
        )
        ordering.place(
            household=home, collection=collection, wish={pack: 1 + n % 3 for n, pack in enumerate([weighed, *chosen])},
            by=home.members.get(), now=now, note=LONG_NOTE if number % 7 == 0 else "", payment_method="at-point",
        )  # fmt: skip


def _close(collection: Collection, starts_at: datetime) -> None:
    demo_time.move_window(
        collection,
        opens_at=starts_at - timedelta(days=6),
        closes_at=starts_at - timedelta(days=2),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
    )
    closing.close_collection(collection=collection, now=starts_at - timedelta(days=2))
    collection.refresh_from_db()


def _lived(past: Collection, homes: list[Household], host: Member, now: datetime) -> None:
    """Last week: eight households, handed over, confirmed, settled, stated."""
    _order(past, homes[:8], now)
    _close(past, now - timedelta(days=7))
    _arrive(past, host, now, FARMS)
    _serve(past, host, now, 8)
    confirming.confirm(collection=past, uncollected={}, by=host, now=now)
    settlement.settle(collection=past, now=now)
    for producer in Producer.objects.filter(lines__collection=past).distinct().order_by("pk"):
        statements.issue(producer=producer, week=past.week, now=now)


def _under_way(today: Collection, homes: list[Household], host: Member, now: datetime) -> None:
    """Sixty baskets; all farms but two have arrived, nine households have been served."""
    _order(today, homes[:HOUSEHOLDS], now)
    _close(today, now - timedelta(minutes=40))
    _arrive(today, host, now, FARMS - 2)
    _serve(today, host, now, 9, since=1)


def _arrive(collection: Collection, host: Member, now: datetime, count: int) -> None:
    for producer in Producer.objects.filter(lines__collection=collection).distinct().order_by("pk")[:count]:
        handover.arrive(collection=collection, producer=producer, by=host, now=now)


def _serve(collection: Collection, host: Member, now: datetime, count: int, since: int = 0) -> None:
    for order in Order.objects.live().filter(collection=collection).order_by("basket_number")[since : since + count]:
        acts = [
            Act(uuid4(), "weighed", now, order.code, line.packaging.code, {"grams": line.content * line.due})
            for line in order.lines.filter(weighed=True).select_related("packaging")
        ]
        handover.apply(
            collection=collection, actions=[*acts, Act(uuid4(), "collected", now, order.code, "", {})], by=host, now=now
        )


def _open(sale: Collection, homes: list[Household], now: datetime) -> None:
    """The first household has ordered and then wished for more; the last has not begun."""
    _order(sale, homes[:20], now)
    more = Offer.objects.at(sale).filter(stock__quantity=None).order_by("pk")[0].packaging
    wishes.touch(household=homes[0], collection=sale, touches={more.code: wishes.Touch(2, 0)}, now=now)
