"""Files that the routes' test sends up."""

from io import BytesIO

from PIL import Image

from tests import make

CATALOGUE = "Produit;Conditionnement;Prix\n{product};botte;2,80\n"


def photo(colour: str) -> bytes:
    """A small picture."""
    file = BytesIO()
    Image.new("RGB", (240, 240), colour).save(file, "PNG")
    return file.getvalue()


def bank_csv(*lines: str) -> bytes:
    """A statement of today: label and amount of each line."""
    return "\n".join(["Date;Libellé;Montant", *(f"{make.today():%d/%m/%Y};{line}" for line in lines)]).encode()
