"""Which of our drawings stands for a product until its farm brings a photo."""

import unicodedata

# Longest first where one name contains another (chou-fleur before chou): the first that fits is taken.
WORDS = (
    ("carotte", "carotte"), ("poireau", "poireau"), ("pommes de terre", "pomme-de-terre"), ("pomme de terre", "pomme-de-terre"),
    ("celeri", "celeri-rave"), ("chou-fleur", "chou-fleur"), ("chou rouge", "chou-rouge"), ("mache", "mache"),
    ("epinard", "epinard"), ("betterave", "betterave"), ("navet", "navet"), ("potimarron", "potimarron"),
    ("butternut", "butternut"), ("ail ", "ail"), ("oignon", "oignon"), ("echalote", "echalote"), ("persil", "persil"),
    ("radis", "radis-noir"), ("salade", "salade"), ("brocoli", "brocoli"), ("courgette", "courgette"),
    ("aubergine", "aubergine"), ("tomate", "tomate"), ("endive", "endive"), ("champignon", "champignon"),
    ("shiitake", "champignon"), ("pleurote", "champignon"), ("jus ", "jus-de-pomme"), ("cidre brut", "jus-de-pomme"),
    ("cidre doux", "jus-de-pomme"), ("vinaigre", "huile"), ("compote", "confiture"), ("pomme", "pomme"), ("poire", "poire"),
    ("kiwi", "kiwi"), ("raisin", "raisin"), ("chataigne", "chataigne"), ("confiture", "confiture"), ("gelee", "confiture"),
    ("fraise", "fraise"), ("huile", "huile"), ("pain aux noix", "pain-aux-noix"), ("noix", "noix"), ("brioche", "brioche"),
    ("pain", "pain"), ("galette", "pain"), ("farine", "farine"), ("lentille", "lentilles"), ("pois ", "lentilles"),
    ("haricot", "lentilles"), ("flocon", "farine"), ("pates", "farine"), ("poulet", "poulet"), ("pintade", "pintade"),
    ("roti", "viande"), ("bœuf", "viande"), ("boeuf", "viande"), ("œuf", "oeufs"), ("oeuf", "oeufs"),
    ("saucisson", "saucisson"), ("saucisse", "saucisson"), ("chipolata", "saucisson"),
    ("steak", "viande"), ("bourguignon", "viande"),
    ("pot-au-feu", "viande"), ("jambon", "viande"), ("rillette", "confiture"), ("pate", "confiture"), ("miel", "miel"),
    ("lait de", "lait"), ("lait", "lait"), ("beurre", "beurre"), ("creme", "yaourt"), ("yaourt", "yaourt"),
    ("fromage blanc", "faisselle"), ("faisselle", "faisselle"), ("tomme", "tomme"), ("buche", "buche-de-chevre"),
    ("crottin", "fromage-crottin"), ("chevre", "fromage-crottin"), ("biere", "biere"), ("stout", "biere"),
    ("limonade", "jus-de-pomme"), ("savon", "savon"), ("bouquet", "bouquet"), ("thym", "persil"), ("romarin", "persil"),
    ("laurier", "persil"), ("ciboulette", "persil"),
)  # fmt: skip
BY_AISLE = {
    "vegetables": "salade", "fruit": "pomme", "meat": "viande", "dairy": "lait", "eggs": "oeufs", "bakery": "pain",
    "grocery": "confiture", "drinks": "jus-de-pomme", "herbs": "persil", "home": "savon",
}  # fmt: skip


def drawing_for(name: str, aisle: str = "") -> str:
    """The name of the drawing (hub/static/hub/pictures/<name>.svg) nearest to a product's French name or its aisle."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c)) + " "
    return next((drawing for word, drawing in WORDS if word in plain), BY_AISLE.get(aisle, "panier"))
