"""What is refused of boxes and cheques."""

from hub.refusals import Refusal


class Changed(Refusal):
    """The books have moved since the person looked."""

    code = "box-changed"


class Unexplained(Refusal):
    """What was counted is not what was expected, and nobody says why."""

    code = "unexplained-difference"
    status = 422


class NotInTheBox(Refusal):
    """More than the box holds, or nothing at all, cannot be carried to the bank."""

    code = "not-in-the-box"
    status = 422


class NoSuchCheque(Refusal):
    """The cheque is not in hand, or was not handed in."""

    code = "no-such-cheque"


class OnASlip(Refusal):
    """The cheque was handed in at the bank: its slip, or that it bounced, comes first."""

    code = "on-a-slip"
