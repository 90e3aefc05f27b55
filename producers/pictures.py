"""Which of our drawings stands for a product until its farm brings a photo, and on which aisle it stands until the farm says so."""

import unicodedata

# The first that fits is taken: what is made before what it is made of (a yoghurt with strawberries), and longer words
# before those they contain (chou-fleur before chou).
MADE = (
    ("yaourt", "yaourt"), ("sorbet", "yaourt"), ("riz au lait", "yaourt"), ("gros lait", "yaourt"),
    ("fromage blanc", "faisselle"), ("faisselle", "faisselle"), ("tomme", "tomme"), ("buche", "buche-de-chevre"),
    ("crottin", "fromage-crottin"), ("fromage", "fromage-crottin"), ("savon", "savon"), ("bougie", "bougie"),
    ("saucisson", "saucisson"), ("saucisse", "saucisson"), ("chipolata", "saucisson"), ("rillette", "bocal"), ("terrine", "bocal"),
    ("confiture", "confiture"), ("gelee", "confiture"), ("marmelade", "confiture"), ("compote", "bocal"), ("chutney", "bocal"),
    ("tartinade", "bocal"), ("veloute", "bocal"), ("soupe", "bocal"), ("pesto", "bocal"), ("sauce", "bocal"), ("coulis", "bocal"),
    ("biere", "biere"), ("stout", "biere"), ("hydromel", "bouteille"), ("limonade", "bouteille"), ("sirop", "bouteille"),
    ("kefir", "bouteille"), ("cidre brut", "bouteille"), ("cidre doux", "bouteille"), ("boisson", "bouteille"),
    ("vinaigre", "huile"), ("huile", "huile"), ("jus ", "jus-de-pomme"), ("tisane", "sachet"), ("infusion", "sachet"),
    ("graine", "sachet"), ("pollen", "sachet"), ("bonbon", "sachet"), ("nougat", "sachet"), ("dreche", "sachet"),
    ("biscuit", "sachet"), ("granola", "sachet"), ("gateau", "brioche"), ("tarte", "brioche"), ("brioche", "brioche"),
    ("pain aux noix", "pain-aux-noix"), ("pain", "pain"), ("galette", "pain"), ("farine", "farine"), ("flocon", "farine"),
    ("pates", "farine"), ("pate", "bocal"),
)  # fmt: skip
GROWN = (
    ("carotte", "carotte"), ("poireau", "poireau"), ("pommes de terre", "pomme-de-terre"), ("pomme de terre", "pomme-de-terre"),
    ("celeri", "celeri-rave"), ("chou-fleur", "chou-fleur"), ("chou rouge", "chou-rouge"), ("mache", "mache"),
    ("epinard", "epinard"), ("betterave", "betterave"), ("navet", "navet"), ("potimarron", "potimarron"),
    ("butternut", "butternut"), ("ail ", "ail"), ("oignon", "oignon"), ("echalote", "echalote"), ("persil", "persil"),
    ("radis", "radis-noir"), ("salade", "salade"), ("laitue", "salade"), ("brocoli", "brocoli"), ("courgette", "courgette"),
    ("aubergine", "aubergine"), ("tomate", "tomate"), ("endive", "endive"), ("champignon", "champignon"),
    ("shiitake", "champignon"), ("pleurote", "champignon"), ("pomme", "pomme"), ("poire", "poire"),
    ("kiwi", "kiwi"), ("raisin", "raisin"), ("chataigne", "chataigne"), ("fraise", "fraise"), ("noix", "noix"),
    ("lentille", "lentilles"), ("pois ", "lentilles"), ("haricots verts", "panier"), ("haricot", "lentilles"),
    ("poulet", "poulet"), ("pintade", "pintade"), ("roti", "viande"), ("bœuf", "viande"), ("boeuf", "viande"),
    ("œuf", "oeufs"), ("oeuf", "oeufs"), ("steak", "viande"), ("bourguignon", "viande"), ("pot-au-feu", "viande"),
    ("jambon", "viande"), ("miel", "miel"), ("lait", "lait"), ("beurre", "beurre"), ("creme", "yaourt"),
    ("chevre", "fromage-crottin"), ("bouquet", "bouquet"), ("thym", "persil"), ("romarin", "persil"), ("laurier", "persil"),
    ("ciboulette", "persil"), ("menthe", "persil"), ("basilic", "persil"),
)  # fmt: skip
BY_AISLE = {
    "vegetables": "panier", "fruit": "pomme", "meat": "viande", "dairy": "lait", "eggs": "oeufs", "bakery": "pain",
    "grocery": "bocal", "drinks": "bouteille", "herbs": "persil",
}  # fmt: skip
NEUTRAL = "panier"
# Where what a drawing shows is found. A basket is of no aisle.
AISLES = {
    "vegetables": (
        "ail", "aubergine", "betterave", "brocoli", "butternut", "carotte", "celeri-rave", "champignon", "chou-fleur",
        "chou-rouge", "courgette", "echalote", "endive", "epinard", "mache", "navet", "oignon", "poireau", "pomme-de-terre",
        "potimarron", "radis-noir", "salade", "tomate",
    ),
    "fruit": ("chataigne", "fraise", "kiwi", "noix", "poire", "pomme", "raisin"),
    "meat": ("pintade", "poulet", "saucisson", "viande"),
    "dairy": ("beurre", "buche-de-chevre", "faisselle", "fromage-crottin", "lait", "tomme", "yaourt"),
    "eggs": ("oeufs",),
    "bakery": ("brioche", "pain", "pain-aux-noix"),
    "grocery": ("bocal", "confiture", "farine", "huile", "lentilles", "miel", "sachet"),
    "drinks": ("biere", "bouteille", "jus-de-pomme"),
    "herbs": ("persil",),
    "home": ("bougie", "bouquet", "savon"),
}  # fmt: skip
_AISLE_OF = {drawing: aisle for aisle, drawings in AISLES.items() for drawing in drawings}


def drawing_for(name: str, aisle: str = "") -> str:
    """The name of the drawing (hub/static/hub/pictures/<name>.svg) nearest to a product's French name or its aisle."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c)) + " "
    return next((drawing for word, drawing in (*MADE, *GROWN) if word in plain), BY_AISLE.get(aisle, NEUTRAL))


def aisle_for(name: str) -> str:
    """The aisle where a product of that name is looked for; none where the name says nothing to us."""
    return _AISLE_OF.get(drawing_for(name), "")
