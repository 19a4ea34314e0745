"""The three sides: what the platform says, what the warehouse printed, what the courier recorded."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.couriers import courier_name
from orders.models.imports import Import
from orders.unchecked import Gap, read_gaps
from people.models import Employee, Shop


class OrderQuerySet(models.QuerySet["Order"]):
    def to_ship(self) -> Self:
        return self.filter(status__in=[Order.Status.TO_SHIP, Order.Status.PART_SHIPPED])


class Order(models.Model):
    """An order as the platform has it. Of the buyer only what is needed to compare: surname, phone tail, city."""

    class Status(models.TextChoices):
        UNPAID = "unpaid", _("waiting for payment")
        TO_SHIP = "to_ship", _("waiting for shipment")
        PART_SHIPPED = "part_shipped", _("partly shipped")
        SHIPPED = "shipped", _("shipped")
        DONE = "done", _("completed")
        CLOSED = "closed", _("closed")
        UNKNOWN = "unknown", _("unknown")

    class Refund(models.TextChoices):
        NONE = "", _("none")
        REQUESTED = "requested", _("refund requested")
        REFUNDED = "refunded", _("refunded")
        UNKNOWN = "unknown", _("after-sale state not explained")

    class Deadline(models.TextChoices):
        PLATFORM = "platform", _("from the platform")
        RULE = "rule", _("payment plus the shop's promise")
        MOVED = "moved", _("moved for a promotion, holiday or disaster")

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="orders")
    number = models.CharField(max_length=40)
    status = models.CharField(max_length=14, choices=Status.choices)
    raw_status = models.CharField(max_length=40, blank=True)
    refund = models.CharField(max_length=10, choices=Refund.choices, blank=True, default=Refund.NONE)
    said_refund = models.CharField(
        max_length=10, blank=True, default="", help_text="what its order report alone says of a refund"
    )
    created_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    ship_by = models.DateTimeField(null=True, blank=True)
    platform_ship_by = models.DateTimeField(null=True, blank=True, help_text="as its report says, if it says one")
    deadline_source = models.CharField(max_length=10, choices=Deadline.choices, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    receiver_surname = models.CharField(max_length=4, blank=True)
    phone_tail = models.CharField(max_length=4, blank=True)
    province = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=200, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    amount_cents = models.BigIntegerField(default=0)
    buyer_since = models.DateTimeField(
        null=True, blank=True, help_text="when it was placed; empty once its buyer is forgotten"
    )
    seen_in = models.ForeignKey(Import, models.SET_NULL, null=True, blank=True, related_name="+")
    recheck_at = models.DateTimeField(null=True, blank=True, help_text="when the verdict may have changed")
    awaits_tracking = models.BooleanField(default=False, help_text="the verdict waits for tracking that speaks for it")
    said_at = models.DateTimeField(null=True, blank=True, help_text="until when the file may be from that said so last")
    unchecked = models.CharField(
        max_length=400,
        blank=True,
        help_text="what could not be compared and for lack of which side, see orders.unchecked",
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "number"], name="orders_order_number_once")]
        indexes = [
            models.Index(fields=["number"], name="orders_order_number"),  # look-up across shops
            models.Index(  # the tick: whose verdict may change with time
                fields=["recheck_at"], name="orders_order_recheck", condition=Q(recheck_at__isnull=False)
            ),
            models.Index(  # tracking came: whose verdict waits for it
                fields=["shop"], name="orders_order_awaiting", condition=Q(awaits_tracking=True)
            ),
            models.Index(  # what could not be compared
                fields=["shop", "unchecked"], name="orders_order_unchecked", condition=~Q(unchecked="")
            ),
            models.Index(  # the tick: whose buyer is to be forgotten
                fields=["buyer_since"], name="orders_order_buyer", condition=Q(buyer_since__isnull=False)
            ),
            models.Index(fields=["shop", "status", "ship_by"], name="orders_order_open"),  # what is to be shipped
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> str:
        return f"order:{self.pk}"

    @property
    def gaps(self) -> list[Gap]:
        return read_gaps(self.unchecked)

    @property
    def is_to_ship(self) -> bool:
        return self.status in (self.Status.TO_SHIP, self.Status.PART_SHIPPED)

    @property
    def tail(self) -> str:
        return self.number[-4:]


class OrderItem(models.Model):
    """A line of an order, from the item report."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="items")
    line_number = models.CharField(max_length=40)
    title = models.CharField(max_length=200, blank=True)
    seller_code = models.CharField(max_length=60, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    refund = models.CharField(max_length=10, choices=Order.Refund.choices, blank=True, default=Order.Refund.NONE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "line_number"], name="orders_orderitem_once")]

    def __str__(self) -> str:
        return self.title


class AfterSale(models.Model):
    """A refund, return or exchange, from the platform's list of them. The order may come in later."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order_number = models.CharField(max_length=40)
    number = models.CharField(max_length=80, blank=True, help_text="its own, with the line's; else when it was asked")
    refund = models.CharField(max_length=10, choices=Order.Refund.choices, blank=True, default=Order.Refund.NONE)
    cents = models.BigIntegerField(default=0, help_text="what goes back; 0 where the list does not say")
    at = models.DateTimeField(null=True, blank=True, help_text="when it was asked for")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "order_number", "number"], name="orders_aftersale_once")]

    def __str__(self) -> str:
        return self.number


class Waybill(models.Model):
    """A number that the platform has for an order; one that it no longer has is withdrawn, not deleted."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="waybills")
    number = models.CharField(max_length=40)
    courier = models.CharField(max_length=20, blank=True, help_text="courier code, e.g. yto")
    seen_at = models.DateTimeField(help_text="when an import first brought it")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="orders_waybill_once")]
        indexes = [models.Index(fields=["number"], name="orders_waybill_number")]  # look-up, duplicates

    def __str__(self) -> str:
        return self.number

    @property
    def courier_name(self) -> str:
        return courier_name(self.courier)


class OrderChange(models.Model):
    """What an import changed on an order, appended: status, waybills, deadline, refund."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="changes")
    batch = models.ForeignKey(Import, models.PROTECT, null=True, related_name="+")
    field = models.CharField(max_length=12)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["order", "at"], name="orders_orderchange_order")]

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


class Label(models.Model):
    """A label that the warehouse printed. One without orders is a replacement; a voided one counts for nothing."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="labels")
    number = models.CharField(max_length=40)
    courier = models.CharField(max_length=20, blank=True)
    printed_at = models.DateTimeField()
    printed_by = models.CharField(max_length=40, blank=True, help_text="as the log has it: who printed, not who erred")
    printer = models.CharField(max_length=40, blank=True)
    parcel = models.PositiveSmallIntegerField(default=1)
    parcels = models.PositiveSmallIntegerField(default=1)
    is_void = models.BooleanField(default=False)
    note = models.CharField(max_length=100, blank=True)

    operator: Employee | None = None  # whom `printed_by` was matched to, where a page asked

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "number", "printed_at"], name="orders_label_once"),
        ]
        indexes = [models.Index(fields=["number"], name="orders_label_number")]

    def __str__(self) -> str:
        return self.number

    @property
    def courier_name(self) -> str:
        return courier_name(self.courier)


class LabelOrder(models.Model):
    """An order that a label's parcel is for; merged parcels have several. The order may come in later."""

    label = models.ForeignKey(Label, models.CASCADE, related_name="orders")
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    order_number = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["label", "order_number"], name="orders_labelorder_once")]
        indexes = [models.Index(fields=["shop", "order_number"], name="orders_labelorder_order")]

    def __str__(self) -> str:
        return self.order_number


class TrackingEvent(models.Model):
    """What the courier recorded of a parcel at a moment; appended."""

    class Status(models.TextChoices):
        ORDERED = "ORDERED", _("waiting for pickup")
        PICKED_UP = "PICKED_UP", _("picked up")
        IN_TRANSIT = "IN_TRANSIT", _("in transit")
        OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY", _("out for delivery")
        AT_LOCKER = "AT_LOCKER", _("at the locker")
        SIGNED = "SIGNED", _("signed")
        EXCEPTION = "EXCEPTION", _("problem")
        RETURNED = "RETURNED", _("returned")
        CANCELLED = "CANCELLED", _("cancelled")
        UNKNOWN = "UNKNOWN", _("state not explained")

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    courier = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    city = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=18, choices=Status.choices)
    text = models.CharField(
        max_length=200, null=True, blank=True, help_text="the courier's words, which may name the buyer"
    )
    is_latest_only = models.BooleanField(default=False, help_text="a latest status: earlier events are unknown")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "number", "at", "status"], name="orders_trackingevent_once"),
        ]
        indexes = [
            models.Index(fields=["number", "at"], name="orders_trackingevent_number"),
            models.Index(  # the tick: whose words may name a buyer
                fields=["at"], name="orders_trackingevent_words", condition=Q(text__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.status}"
