"""Which fields a file of each kind may have, and which it needs."""

MAX_COLUMNS = 400  # of a row; what stands further right is not read

FIELDS: dict[str, tuple[str, ...]] = {
    "orders": (
        "order_number",
        "order_status",
        "paid_at",
        "created_at",
        "ship_by",
        "shipped_at",
        "waybill",
        "courier",
        "ship_status",
        "refund_status",
        "aftersale_status",
        "refund_amount",
        "trouble",
        "receiver",
        "phone",
        "address",
        "changed_address",
        "receiver_province",
        "receiver_city",
        "title",
        "quantity",
        "amount",
        "shop_name",
        "sub_order_number",
    ),
    "items": (
        "order_number",
        "sub_order_number",
        "title",
        "seller_code",
        "quantity",
        "waybill",
        "refund_status",
        "aftersale_status",
        "refund_amount",
        "amount",
    ),
    "aftersales": (
        "order_number",
        "aftersale_number",
        "sub_order_number",
        "refund_status",
        "aftersale_status",
        "refund_amount",
        "amount",
        "applied_at",
    ),
    "labels": (
        "printed_at",
        "waybill",
        "order_number",
        "courier",
        "printed_by",
        "printer",
        "parcel",
        "status",
        "note",
    ),
    "tracking": ("waybill", "event_at", "status", "courier", "text", "city"),
}
# Of each group one field at least.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "orders": (("order_number",), ("order_status",), ("paid_at", "created_at")),
    "items": (("order_number",), ("sub_order_number",), ("title",)),
    "aftersales": (("order_number",), ("refund_status", "aftersale_status")),
    "labels": (("printed_at",), ("waybill",), ("order_number",)),
    "tracking": (("waybill",), ("event_at",), ("status",)),
}
IDENTIFIERS = ("order_number", "sub_order_number", "waybill")
MOMENTS = ("created_at", "paid_at", "ship_by", "shipped_at", "printed_at", "event_at", "applied_at")


def lacking(kind: str, columns: "dict[str, int]") -> list[tuple[str, ...]]:
    """The groups of needed fields of which none has a column."""
    return [group for group in NEEDED[kind] if not any(field in columns for field in group)]
