"""What the bench says and what to do next about a finding: one sentence per code, for people in a hurry."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.couriers import couriers_by_number

NEXT_STEPS: dict[str, Promise] = {
    "late_unshipped": _("Ship it first and enter the number; if it cannot go today, tell the buyer before they ask."),
    "due_within_12h": _("Ship it before the deadline."),
    "refund_hold": _("Take the parcel out of the line; ask customer service before it goes."),
    "sync_delay_unshipped": _("Enter the label's number on the platform again; the parcel is on its way."),
    "no_pickup_24h": _("Find the parcel in the warehouse; if it is gone, ask the courier to record the pickup."),
    "transposed_digits": _("Correct the number on the platform to the label's."),
    "wrong_digit": _("Correct the number on the platform to the label's."),
    "missing_character": _("Correct the number on the platform to the label's."),
    "letter_o_for_zero": _("Correct the number on the platform to the label's."),
    "swapped_labels": _("Exchange the numbers of the two orders on the platform, if their parcels are right."),
    "duplicate_waybill": _("See which order the parcel is for; give the other one its own number."),
    "wrong_courier": _("Choose the courier of the label on the platform."),
    "reprint_not_written_back": _("Enter the number of the new label on the platform."),
    "split_one_missing": _("Enter the missing parcel's number on the platform."),
    "courier_wrong_city": _("Ask the courier where the parcel is; tell the buyer."),
    "pickup_before_payment": _("Compare the number with the parcel: it may belong to another order."),
    "tracking_stalled": _("Ask the courier to look for the parcel; tell the buyer."),
}


FAULTS: dict[str, Promise] = {
    "bad_amount": _("This amount cannot be read."),
    "bad_date": _("This date cannot be read."),
    "no_order_number": _("The order number is missing, or what stands there is none."),
    "no_waybill": _("The waybill is missing."),
    "number_ruined_by_excel": _(
        "Excel turned this number into a power of ten and lost its last digits. Export again and do not save the file "
        "in Excel, or set the column to text first."
    ),
    "not_readable": _("The row has garbled characters and cannot be read. Export the file again."),
    "other_shop": _("The row is of a shop that is not known here, or not yours to import for."),
    "too_few_fields": _("The row is cut off: it has fewer columns than the header."),
    "digits_zeroed_by_excel": _(
        "Excel took this number for one to reckon with and put zeros in place of its last digits. Export again and do "
        "not save the file in Excel, or set the column to text first."
    ),
    "contradicts_other_row": _("Another row of the file (its line in brackets) says otherwise of the same order."),
    "waybill_not_readable": _("What stands in the waybill's place is no number."),
    "several_waybills": _("Several waybills stand in one cell. Export it with a row for each."),
    "several_orders": _("Several order numbers stand in one cell. Export it with a row for each order."),
    "bad_quantity": _("This quantity cannot be read."),
}

# What is to be told of a row that was not refused.
NOTES: dict[str, Promise] = {
    "order_unknown": _("No report has this order."),
    "line_not_kept": _(
        "No report has this order: the line is not kept. Import the order report, then this file again."
    ),
    "waybill_unknown": _("Neither a report nor a label log has this waybill."),
    "older": _("The file is older than what is known of this order: it is left as it is."),
    "goes_back": _("The row goes back behind what is known of this order, and the file does not say how old it is."),
    "other_waybill": _("The order report has another waybill for this order."),
}

# A log whose column was taken for another, by its kind.
STRANGERS: dict[str, Promise] = {
    "labels": _(
        "%(met)s of %(of)s rows name an order that is known here. The order's number was taken from the column "
        "“%(column)s”, e.g. “%(example)s”. If another column holds the platform's number, say so before you import."
    ),
    "aftersales": _(
        "%(met)s of %(of)s rows name an order that is known here. The order's number was taken from the column "
        "“%(column)s”, e.g. “%(example)s”. If another column holds the platform's number, say so before you import."
    ),
    "items": _(
        "%(met)s of %(of)s rows name an order that is known here. The order's number was taken from the column "
        "“%(column)s”, e.g. “%(example)s”. Import the order report of the same time, or say which column it is."
    ),
    "tracking": _(
        "%(met)s of %(of)s rows name a waybill that is known here. The waybill was taken from the column “%(column)s”, "
        "e.g. “%(example)s”. If another column holds the courier's number, say so before you import."
    ),
}
NO_ORDER_NAMED = _(
    "No row names an order: the column “%(column)s” is empty. If another one holds it, say so before you import."
)

# What a word about refunds may mean for a parcel, as a manager chooses it.
REFUND_MEANINGS: dict[str, Promise] = {
    "requested": _("under way: hold the parcel"),
    "refunded": _("refunded: hold the parcel"),
    "none": _("nothing that holds it: none, refused or closed"),
}


# What a column is called; the readers know it by its field.
COLUMNS: dict[str, Promise] = {
    "order_number": _("Order number"),
    "sub_order_number": _("Sub-order number"),
    "order_status": _("Order state"),
    "status": _("State"),
    "waybill": _("Waybill"),
    "courier": _("Courier"),
    "created_at": _("Order time"),
    "paid_at": _("Payment time"),
    "ship_by": _("Ship-by deadline"),
    "shipped_at": _("Shipping time"),
    "printed_at": _("Print time"),
    "printed_by": _("Printed by"),
    "printer": _("Printer"),
    "parcel": _("Parcel"),
    "note": _("Note"),
    "event_at": _("Event time"),
    "text": _("What the courier says"),
    "city": _("City"),
    "refund_status": _("Refund state"),
    "aftersale_status": _("After-sale state"),
    "ship_status": _("Shipping state"),
    "trouble": _("Trouble that the platform notes"),
    "changed_address": _("Changed address"),
    "refund_amount": _("Refund amount"),
    "aftersale_number": _("After-sale number"),
    "applied_at": _("Time of the request"),
    "receiver": _("Receiver"),
    "phone": _("Phone"),
    "address": _("Address"),
    "receiver_province": _("Receiver's province"),
    "receiver_city": _("Receiver's city"),
    "title": _("Goods"),
    "seller_code": _("Seller code"),
    "quantity": _("Quantity"),
    "amount": _("Amount"),
    "shop_name": _("Shop"),
}


RULES: dict[str, Promise] = {
    "ship_by_hours": _("Promised time to ship, from the payment"),
    "due_soon_hours": _("Warned before the ship-by deadline"),
    "no_pickup_hours": _("Pickup expected after the waybill was uploaded"),
    "stall_hours_after_pickup": _("First news expected after the pickup"),
    "stall_hours_near": _("Longest silence within a province or a group of neighbours"),
    "stall_hours_far": _("Longest silence between provinces"),
    "stall_hours_remote": _("Longest silence to remote provinces"),
    "near_groups": _("Groups of neighbouring provinces"),
    "remote_provinces": _("Remote provinces"),
    "loss_late": _("Cost of shipping late"),
    "loss_false": _("Cost of a false shipment"),
    "loss_stalled": _("Cost of stalled tracking"),
    "loss_abnormal": _("Cost of abnormal tracking"),
    "bench_asks": _("What is scanned at the bench"),
    "courier_patterns": _("What couriers' numbers look like"),
}


LABEL_STATES: dict[str, Promise] = {"printed": _("counts"), "void": _("void")}  # what the state of a label may mean


BENCH_ASKS: dict[str, Promise] = {
    "waybill": _("the waybill alone"),
    "codes": _("the waybill, then each piece"),
    "slip": _("the waybill, then the picking slip"),
}


@dataclass(frozen=True)
class Said:
    """A verdict in words: why, and the one thing to do."""

    sentence: Promise
    instruction: Promise


ASIDE = _("Put the parcel aside and call the lead.")
MISMATCH = Said(_("The platform has another number than this label."), ASIDE)
VERDICTS: dict[str, Said] = {
    "ok": Said(_("Passed"), _("Scan the next one.")),
    "not_found": Said(_("Nobody knows this number here."), _("Scan it again; if it stays so, call the lead.")),
    "no_order": Said(_("The label names no order."), _("Put it aside and call the lead.")),
    "order_closed": Said(_("The order is closed."), _("Take the parcel out; it does not go.")),
    "refund_requested": Said(_("The buyer asked for a refund."), _("Take the parcel out; ask customer service.")),
    "refunded": Said(_("The order is refunded."), _("Take the parcel out; it does not go.")),
    "aftersale_unknown": Said(
        _("The platform says something of a refund or trouble that nobody has explained."), ASIDE
    ),
    "state_unknown": Said(_("Nobody has explained what state this order is in."), ASIDE),
    "receivers_masked": Said(
        _(
            "The platform has this number on several orders, and their receivers are masked: nobody can tell whether "
            "it is one parcel."
        ),
        ASIDE,
    ),
    "label_void": Said(_("This label is void."), _("Take the label off and print a new one.")),
    "already_verified": Said(_("This number was verified before."), _("See whether two parcels carry it.")),
    "duplicate_waybill": Said(_("The platform has this number on two orders."), ASIDE),
    "swapped_labels": Said(_("The labels of two orders are swapped."), ASIDE),
    "wrong_courier": Said(_("The platform has another courier than the label."), ASIDE),
    "undone": Said(_("Undone"), _("Scan the next one.")),
    "asks_codes": Said(_("Scan the goods"), _("Scan each piece that goes in.")),
    "asks_slip": Said(_("Scan the picking slip"), _("Scan the slip that lies with the goods.")),
    "counted": Said(_("Counted"), _("Scan the next piece.")),
    "again": Said(
        _("The same code came again at once: it counts once."),
        _("If these are two pieces, say so, or scan the second one a moment later."),
    ),
    "goods_unknown": Said(_("What belongs in this parcel is not known: the item report was not imported."), ASIDE),
    "wrong_goods": Said(_("This does not belong in the parcel."), _("Take it out, then scan the right one.")),
    "too_many": Said(_("That is more than was ordered."), _("Take the surplus out.")),
    "goods_missing": Said(_("The parcel is not whole yet."), _("Put in and scan what is missing.")),
    "code_unknown": Said(_("Nobody knows this code here."), _("Scan it again; if it stays so, call the lead.")),
    "not_found_here": Said(_("This phone does not know the number."), _("Put it aside until the network is back.")),
    "list_old": Said(
        _("The network is down and what this phone knows is too old."), _("Put it aside until the network is back.")
    ),
    "aside_offline": Said(_("It was put aside while the network was down."), _("Scan it again: it may go now.")),
    "wrong_slip": Said(_("This slip is of another order."), _("Look for the right slip and goods.")),
}


def said_of(code: str) -> Said:
    return VERDICTS.get(code, MISMATCH)


# What nobody sees: spaces, what scanners put between fields, marks that come along from chats. The phone's judge
# (frontend/src/bench-judge.ts) reads numbers and codes by the same rules; tests/orders/scanned.json holds both to them.
BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200d\u2060\ufeff]+")


def code_in(scanned: str) -> str:
    """A product code or an order number as it is compared: wide characters, case and spaces make no difference."""
    return BLANK.sub("", unicodedata.normalize("NFKC", scanned)).upper()


def product_key(seller_code: str, title: str) -> str:
    """What a product is known by in its shop: the seller's code, else the title."""
    return code_in(seller_code) or title


NUMBER = re.compile(r"[A-Z]{0,6}\d[A-Z0-9]*(?:-\d{1,3})*", re.ASCII)
CHILD = re.compile(r"-\d{1,3}-\d{1,3}$")  # JDX…-1-2: the first of two parcels


def number_in(scanned: str) -> str:
    """The number in what a scanner gave or somebody pasted: a link or a QR code that carries it, «No: sf 1234», wide
    characters. Among several the one that looks like a courier's."""
    text = unicodedata.normalize("NFKC", scanned).upper()
    is_address = "://" in text or "?" in text
    found = NUMBER.findall(text if is_address else code_in(text))
    found = [number for number in found if couriers_by_number(number)] or found
    if is_address:
        long = [n for n in found if len(n) >= 8]
        return (long or found or [code_in(text)])[-1][:40]
    return max(found, key=len, default=code_in(text))[:40]


def candidates(number: str) -> list[str]:
    """The number, and that of the whole shipment where it is one parcel of several."""
    whole = CHILD.sub("", number)
    return [number] if whole == number else [number, whole]
