"""What happens on a packing floor, in the words of those who work there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One kind of trouble, from how it was noticed to how it ended."""

    kind: str
    source: str
    cause: str
    note: str
    whom: str
    channel: str
    said: str
    promised: str
    waiting: str
    resolution: str
    ending: str


STORIES = (
    Story(
        *("no_pickup", "check", "courier", "上传满 24 小时没有揽收，包裹在交接单上有签字。", "courier", "chat"),
        *(
            "网点说昨晚漏扫，车上还有一袋。",
            "18:00 前补扫",
            "wait_courier",
            "courier_corrected",
            "网点 17:42 补扫揽收，轨迹正常。",
        ),
    ),
    Story(
        *("mismatch", "finding", "manual_entry", "平台单号末四位两位颠倒，跟面单不一样。", "platform", "ticket"),
        *("已在后台修改物流单号。", "", "wait_platform", "platform_corrected", "改成面单单号，十分钟后轨迹显示。"),
    ),
    Story(
        *("mismatch", "bench", "manual_entry", "两个订单的面单贴反，验货台拦下。", "other", "visit"),
        *("当场换回面单，重新扫过。", "", "open", "platform_corrected", "两件都重扫通过，未出仓。"),
    ),
    Story(
        *("stalled", "finding", "courier", "到转运中心后三天没有更新，买家来问。", "courier", "phone"),
        *(
            "客服说分拣滞留，已加急查件。",
            "明天上午给结果",
            "wait_courier",
            "reshipped",
            "确认丢件，补发一件，快递赔付登记。",
        ),
    ),
    Story(
        *("hold", "buyer", "hold", "买家申请退款，包裹已装箱未交接。", "buyer", "chat"),
        *("买家确认不要了。", "", "wait_buyer", "refunded", "从交接区取回，退款完成。"),
    ),
    Story(
        *("unshipped", "check", "late", "缺货三件，到最晚发货时间发不出。", "buyer", "chat"),
        *("买家同意等两天，已改约定时间。", "周五前发出", "wait_buyer", "reshipped", "到货当天发出。"),
    ),
    Story(
        *("no_pickup", "finding", "sync_delay", "快递已揽收，平台仍显示待发货。", "platform", "ticket"),
        *("接口延迟，建议手动回传。", "", "wait_platform", "platform_corrected", "重新回传后平台显示已发货。"),
    ),
    Story(
        *("wrong_goods", "buyer", "other", "买家收到少一件地钉，称重记录偏轻。", "buyer", "chat"),
        *("向买家道歉，补发配件。", "今天发出", "wait_buyer", "reshipped", "补发配件，加一道配件复核。"),
    ),
    Story(
        *("lost", "courier", "courier", "快递告知车辆事故，两件外箱破损。", "courier", "phone"),
        *("网点承认责任，同意理赔。", "三天内赔付", "wait_courier", "reshipped", "已补发，理赔到账。"),
    ),
)

REMARKS = (
    "有 2 单缺货，已建异常单",
    "扫码枪一把没电，已换",
    "面单卷只剩 3 卷，已申领",
    "快递还没来，已催",
    "1 单改地址，已拦下",
    "打印头有白线，已清洁",
)

FALSE_ALARMS = ("买家改了地址，快递已改派", "面单重打过，系统外已登记", "大促前预打单，不算无揽收")

WORDS = (
    "手工补录时看串了一行，后来改用扫描枪。",
    "两张面单叠在一起，贴的时候没有再对一遍。",
    "旺旺上催得急，没扫就填了单号。",
)
