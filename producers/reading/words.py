"""The words farmers use in spreadsheets, as data: headings, packs, shelves, allergens, yes and no.

Every word is written as `fold` leaves it: small letters without accents, single spaces.
"""

import re
import unicodedata

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "‘": "'", "´": "'", "\u2044": "/", "−": "-", "–": "-"}
)
_HALF_AFTER_DIGIT = re.compile(r"(?<=\d)\s?½")
_SLASH = re.compile(r" ?/ ?")
_NOT_A_WORD = re.compile(r"[^a-z0-9€%/+]+")


def fold(text: str) -> str:
    """Text for comparing: no accents, no capitals, ligatures undone, every white space one space."""
    text = _HALF_AFTER_DIGIT.sub(",5", text.casefold())
    text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return " ".join(text.translate(_LETTERS).split())


def squeeze(text: str) -> str:
    """Text as it is kept: white space single, none at the ends."""
    return " ".join(text.split())


def heading(text: str) -> str:
    """A heading for comparing: words and a few signs alone."""
    return _SLASH.sub("/", _NOT_A_WORD.sub(" ", fold(text))).strip()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


# Fields and the headings that mean them, likeliest first: of two columns for one field, the earlier word wins.
HEADINGS: dict[str, str] = {
    "reference": "reference|ref|references|reference produit|reference article|ref produit|ref article|ref interne"
    "|code|code produit|code article|sku|item code|product code|n article|no article|numero article"
    "|num|id produit|plu|code barre|code barres|ean|gencod",
    "name": "produit|produits|nom|nom du produit|nom produit|nom de produit|designation|libelle|libelle produit"
    "|intitule|article|articles|denomination|product|product name|name|item|legume|legumes|espece",
    "variety": "variete|varietes|variety|cultivar",
    "packaging": "conditionnement|conditionnements|condt|cond|format|formats|emballage|presentation|packaging|pack"
    "|pack size|colisage|conditionne en|mode de vente|vente|taille|size|type de conditionnement",
    "sold_by": "unite|unites|unite de vente|u v|uv|vendu par|vendu a|vendu au|vendu a la|vente par|unite vente"
    "|unit|units|sold by|selling unit",
    "weight": "poids net|poids|contenance|poids unitaire|poids volume|poids/volume|poids/vol|poids ou volume"
    "|grammage|volume|volume net|quantite nette|net weight|net content|unit size|weight",
    "content": "contenu|contenu du conditionnement|content|contents|base content",
    "expected": "poids moyen|poids estime|poids prevu|poids attendu|poids approximatif|poids approx"
    "|poids indicatif|poids environ|poids moyen piece|expected weight|average weight|estimated weight",
    "maximum": "poids maximum|poids max|poids maxi|poids maximal|max|maxi|max weight|maximum weight|greatest weight",
    "weighed": "pese|pesee|au poids|vendu au poids|poids variable|a peser|weighed|sold by weight|variable weight",
    "price": "prix|prix ttc|prix de vente|prix de vente ttc|prix unitaire|prix unitaire ttc|prix public"
    "|prix public ttc|pu|pu ttc|p u|p u ttc|pv|pv ttc|pvttc|prix vente|prix vente ttc|tarif|tarif ttc"
    "|tarifs|montant|prix conseille|price|unit price|price incl vat|retail price|selling price|price ttc"
    "|ttc|€",
    "price_per_kg": "prix au kg|prix kg|prix/kg|prix du kg|prix le kg|prix par kg|prix au kilo|prix kilo|prix/kilo"
    "|prix du kilo|prix au kg ttc|prix ttc au kg|prix ttc/kg|prix ttc kg|prix kg ttc|prix/kg ttc"
    "|€/kg|€ kg|euros/kg|tarif au kg|tarif kg|tarif/kg|price per kg|price/kg|price kg",
    "price_per_l": "prix au litre|prix au l|prix/l|prix du litre|prix litre|prix par litre|€/l|€ l|price per litre"
    "|price/l",
    "price_net": "prix ht|ht|pu ht|p u ht|prix unitaire ht|tarif ht|pv ht|prix de vente ht|prix hors taxe"
    "|prix hors taxes|price excl vat|net price|prix au kg ht|prix ht au kg|prix kg ht|prix ht kg"
    "|prix ht/kg",
    "stock": "stock|stocks|dispo|disponible|disponibles|disponibilite|disponibilites|quantite|quantites|qte|qtes"
    "|qte dispo|quantite dispo|quantite disponible|qte disponible|stock dispo|stock disponible|en stock"
    "|qte en stock|quantite en stock|nombre|nb|nbre|available|availability|quantity|qty|on hand"
    "|stock de la semaine|offre|previsions|prevision|recolte",
    "on_sale": "en vente|mis en vente|actif|active|publie|visible|on sale|a vendre|ouvert a la vente",
    "vat": "tva|taux tva|taux de tva|tva %|taux|tva en %|% tva|code tva|vat|vat rate|vat %|tax",
    "aisle": "rayon|rayons|categorie|categories|famille|familles|sous famille|type|type de produit|groupe|aisle"
    "|category|family|department",
    "organic": "bio|ab|agriculture biologique|certifie bio|produit bio|bio ab|ab bio|organic",
    "labels": "label|labels|certification|certifications|mention|mentions|signe de qualite|signes de qualite"
    "|labels et mentions|quality label|certificat",
    "allergens": "allergenes|allergene|allergene s|liste des allergenes|allergenes inco|contient|allergens|allergen",
    "origin": "origine|provenance|origine du produit|lieu de production|pays|pays d origine|origin|made in",
    "zone": "conservation|stockage|zone|zone de stockage|temperature|mode de conservation|type de conservation"
    "|froid|storage|storage zone|temperature de conservation",
    "advice": "conseil de conservation|conseils de conservation|conseil|storage advice|comment le conserver"
    "|how to keep it",
    "use_by": "dlc|ddm|dluo|dlc jours|ddm jours|dlc ddm|dlc/ddm|dluo/dlc|duree de conservation|duree de vie"
    "|dlc en jours|se conserve|conservation jours|conservation en jours|use by|shelf life|keeps for"
    "|best before|dlc indicative|dlc ou ddm",
    "ingredients": "ingredients|ingredient|liste des ingredients|composition|recette",
    "description": "description|descriptif|description produit|description du produit|texte|presentation du produit",
    "deposit": "consigne|consigne ttc|montant consigne|deposit",
}
SYNONYMS: dict[str, tuple[str, int]] = {
    word: (field, rank) for field, words in HEADINGS.items() for rank, word in enumerate(words.split("|"))
}

# One of these is one piece, whatever it weighs: a weight beside it is for information.
ITEMS = _words(
    "piece pieces pce pces pc pcs unite unites u botte bottes bot bouquet bouquets tresse tresses gerbe gerbes"
    " fagot fagots tete tetes pied pieds plant plants brin brins grappe grappes part parts tranche tranches pain"
    " pains miche miches boule boules baguette baguettes couronne couronnes entier entiere moitie demi poulet"
    " pintade canard lapin dinde chapon piece unit each bunch bunches loaf head plante godet godets motte mottes"
    " rouleau"
)
# These hold something: a measure beside them is what they hold.
CONTAINERS = _words(
    "sac sacs sachet sachets filet filets barquette barquettes barq pot pots bocal bocaux bouteille bouteilles"
    " bidon bidons boite boites cagette cagettes caisse caisses caissette carton cartons colis panier paniers"
    " plateau plateaux plaque plaquette plaquettes tablette tablettes terrine terrines conserve conserves verrine"
    " verrines brique briques bib cubi fut seau seaux lot lots pack packs paquet paquets poche poches poignee"
    " ravier etui rondin cageot cageots jarre coffret flacon flacons berlingot tube bag box jar bottle tray net"
    " crate packet punnet tin can"
)
# Such a holder with a small number and no unit holds that many pieces.
COUNTED = _words(
    "boite boites plateau plateaux lot lots pack packs plaque carton cartons coffret paquet paquets box tray"
)
YES = _words("oui o y yes x ✓ ✔ ☑ vrai true 1 ok v")
NO = _words("non n no faux false 0 ✗ ✘ ☐")
ORGANIC = frozenset(
    ["bio", "ab", "agriculture biologique", "organic", "certifie bio", "bio ab", "ab bio", "eurofeuille"]
)

# What people write where they have nothing to say; never in a stock cell, where a dash may mean none.
DASHES = frozenset(["-", "--", "---", "/", "//", "?", "??", "."])
NOTHING = DASHES | frozenset(["n/a", "na", "nc", "n.c.", "n.c", "nd", "n.d.", "non renseigne"])
CLEAR = frozenset(["vider", "(vide)", "[vide]", "effacer", "clear"])

SOLD_OUT = _phrases(
    "rupture|en rupture|rupture de stock|epuise|epuisee|epuises|epuisees|fini|finie|termine|terminee|indisponible"
    "|aucun|aucune|neant|non|plus rien|plus de stock|pas de stock|pas dispo|non dispo|non disponible"
    "|pas cette semaine|zero|rien|vide|sold out|out of stock|none|no|hors saison|fin de saison"
)
UNLIMITED = _phrases(
    "illimite|illimitee|illimites|illimitees|stock illimite|sans limite|a volonte|non limite|∞|unlimited|no limit"
    "|quantite illimitee|pas de limite"
)

AISLES: dict[str, str] = {
    "vegetables": "legume|legumes|legumes frais|legumes racines|legumes feuilles|maraichage|fruits et legumes"
    "|legumes et fruits|primeur|primeurs|champignons|legumes secs frais|pommes de terre|vegetables",
    "fruit": "fruit|fruits|fruits frais|fruits rouges|petits fruits|verger|arboriculture",
    "meat": "viande|viandes|boucherie|volaille|volailles|charcuterie|charcuteries|boeuf|porc|agneau|veau"
    "|viande et volaille|viandes et volailles|meat|meat and poultry|poultry|viande et charcuterie",
    "dairy": "cremerie|fromage|fromages|produit laitier|produits laitiers|laitage|laitages|lait|yaourts"
    "|cremerie et fromages|fromagerie|dairy|cheese|dairy and cheese",
    "eggs": "oeuf|oeufs|eggs|egg",
    "bakery": "boulangerie|pain|pains|patisserie|viennoiserie|pains et gateaux|pain et gateaux|boulangerie patisserie"
    "|pains et viennoiseries|bakery|bread|bread and cakes",
    "grocery": "epicerie|epicerie salee|epicerie sucree|conserves|confitures|miel|miels|farine|farines|huiles"
    "|cereales|legumineuses|epices|grocery|groceries",
    "drinks": "boisson|boissons|jus|jus de fruits|vin|vins|biere|bieres|cidre|cidres|cave|sirops|drinks",
    "herbs": "herbe|herbes|aromates|aromatiques|plantes|plants|fleurs|plantes aromatiques|herbes aromatiques"
    "|tisanes|herbes et plantes|herbes et plants|herbs|herbs and plants",
    "fish": "poisson|poissons|poissonnerie|maree|produits de la mer|coquillages|fish",
    "home": "maison|hygiene|cosmetique|cosmetiques|entretien|savon|savons|beaute|soin|soins|maison et soin|maison et soins|home"
    "|home and care",
}
ZONES: dict[str, str] = {
    "chilled": "frais|au frais|refrigere|refrigeree|froid|frigo|chambre froide|chilled|fridge|0 4|2 4|4 c|+4|+4 c"
    "|4 ° c|au refrigerateur|produit frais|positif",
    "dry": "sec|au sec|ambiant|ambiante|temperature ambiante|dry|ambient|a l'abri de l'humidite|endroit sec"
    "|placard|cave",
    "frozen": "congele|congelee|surgele|surgelee|-18|-18 c|-18 ° c|frozen|congelateur|negatif",
}
# In a longer sentence about keeping, these tell the zone.
ZONE_HINTS: list[tuple[str, re.Pattern[str]]] = [
    ("frozen", re.compile(r"congel|surgel|-\s?18")),
    ("chilled", re.compile(r"\bfrais\b|frigo|refriger|\bfroid|[024]\s?(?:°|c\b|et 4|a 4)")),
    ("dry", re.compile(r"\bsec\b|ambiant|placard|humidite")),
]

ALLERGENS: dict[str, str] = {
    "gluten": "gluten|ble|froment|seigle|orge|avoine|epeautre|petit epeautre|kamut|triticale|engrain|wheat|rye"
    "|barley|oats|spelt|malt",
    "crustaceans": "crustaces?|crevettes?|crabes?|langoustines?|homards?|ecrevisses?|crustaceans?|shrimps?",
    "eggs": "oeufs?|eggs?",
    "fish": "poissons?|anchois|thon|saumon|fish",
    "peanuts": "arachides?|cacahuetes?|cacahouetes?|peanuts?",
    "soy": "soja|soya|soy",
    "milk": "lait|lactose|laitiers?|beurre|creme|fromages?|milk|dairy",
    "nuts": "fruits? a coques?|fruits? a coquilles?|noix|noisettes?|amandes?|cajou|pecan|pistaches?|macadamia"
    "|nuts?|tree nuts|almonds?|hazelnuts?|walnuts?",
    "celery": "celeri|celeris|celery",
    "mustard": "moutarde|mustard",
    "sesame": "sesame",
    "sulphites": "sulfites?|anhydride sulfureux|so2|sulphites?|sulfites? e22\\d",
    "lupin": "lupins?",
    "molluscs": "mollusques?|moules?|huitres?|escargots?|calamars?|seiches?|molluscs?|coquillages?",
}
ALLERGEN_PATTERNS: dict[str, re.Pattern[str]] = {
    code: re.compile(rf"\b(?:{words})\b") for code, words in ALLERGENS.items()
}
# Named like nuts, milk or butter and none of them.
NOT_ALLERGENS = re.compile(
    r"\bnoix (?:de )?(?:coco|muscade|veau|jambon|de veau)\b|\b(?:lait|creme|beurre) (?:de )?(?:coco|cacao|karite)\b"
)
NO_ALLERGEN = _phrases(
    "aucun|aucuns|aucune|aucun allergene|sans|sans allergene|sans allergenes|neant|non|rien|none|no|0"
    "|pas d'allergene|sans objet"
)
