"""The content of each printed sheet: what is frozen, hashed, sent through the API and rendered.

A content is plain JSON (dict, list, str, int, bool, None), typed here with TypedDicts, so what the database gives
back *is* the content. The rules, for whoever builds one:

- money is a string with two decimals ("12.50", "-3.40") in the header's currency; shares are decimal strings ("3.5");
- quantities are whole packs (int); weights are whole grams (int);
- moments are ISO 8601 with offset, dates ISO ("2026-11-26"), weeks "2026-W48"; paper shows local wall time;
- codes (zones, allergens, marks, exceptions, means of payment) are language-neutral and translated on rendering;
  names, reasons and instructions are words in the hub's language, frozen as they were;
- lists are sorted as they are to be printed (each docstring says how); rendering groups but never sorts;
- every key is always there: what is not known is None, "" or [].

Quantities are those of this version. A line that differs from version 1 carries a `Change`; a cancelled line stays,
with quantity 0, and is printed struck through with the word "annulé".

`shared` holds the pieces; `farm`, `point` and `day` the nine sheets; `money` the statement and the receipt.
"""

from distribution.contents.day import Duty, Route
from distribution.contents.farm import DeliveryNote, Harvest, MemberSlips
from distribution.contents.point import Labels, Packing, SignOff, TablePlan
from distribution.contents.shared import Kind

Content = Harvest | DeliveryNote | MemberSlips | Packing | SignOff | TablePlan | Labels | Duty | Route

SHEETS: dict[Kind, type] = {
    "harvest": Harvest,
    "delivery-note": DeliveryNote,
    "member-slips": MemberSlips,
    "packing": Packing,
    "sign-off": SignOff,
    "table-plan": TablePlan,
    "labels": Labels,
    "duty": Duty,
    "route": Route,
}
