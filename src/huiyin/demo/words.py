"""What the customers of the demo company say; {holes} are filled per contact."""

from __future__ import annotations

SAY: dict[str, tuple[str, ...]] = {
    "delay": (
        "运单{waybill}从{place}发出都{days}天了还没到，{goods}等着用，到底什么时候能送",
        "催一下{waybill}，说好前天到的，现在还在中转场不动",
        "你好，我寄的{goods}{days}天了还在路上，单号{waybill}，客户天天催我",
        "{waybill} 太慢了，同城的件走了{days}天",
    ),
    "delivery": (
        "{waybill}显示已签收，可是我根本没收到，问了门卫也没有",
        "快递没打电话就放驿站了，{goods}很重，我要求送货上门，运单{waybill}",
        "{waybill}送错地址了，别人家收到了我的{goods}",
        "派件员让我自己去取，我家有老人下不了楼，单号{waybill}",
    ),
    "lost": (
        "{waybill}里的{goods}丢了，轨迹停了{days}天，你们说找不到",
        "收到包裹{waybill}少了一件{goods}，外面胶带被重新封过",
        "我的{goods}寄丢了，价值{money}元，单号{waybill}，怎么处理",
    ),
    "damaged": (
        "收到的{goods}碎了，箱子也压扁了，运单{waybill}，照片我拍了",
        "{waybill}的{goods}漏了一箱子，根本不能用",
        "{goods}外壳裂开，内衬都没有，{waybill}，要求赔{money}元",
    ),
    "attitude": (
        "派件员态度太恶劣了，在电话里骂人，单号{waybill}",
        "客服说话很不耐烦，直接挂我电话",
        "问一句什么时候送就吼我，这是什么服务，{waybill}",
    ),
    "tracking": (
        "{waybill}物流信息{days}天没更新了，麻烦查一下到哪里了",
        "单号{waybill}一直显示已揽收，没有后续",
    ),
    "fee": (
        "寄一个{goods}收我{money}块，网上价格表没这么贵，{waybill}",
        "称重多算了两公斤，多收了我的运费，单号{waybill}",
    ),
    "claim": (
        "{waybill}破损的理赔都半个月了还没到账，说好赔{money}元",
        "保价{money}元的{goods}损坏只肯赔运费，我不同意，{waybill}",
    ),
    "pickup": (
        "预约了上午上门取件，等到晚上也没人来",
        "下单两天没有人来收件，打电话说太忙",
    ),
    "cod": ("代收货款{money}元已经签收一周了还没返给我，单号{waybill}",),
    "access": ("网点电话打了十几遍都没人接", "客服热线排队四十分钟打不进去"),
    "other": ("你们网点搬到哪里去了，原来的地方关门了，投诉都没处投",),
}
WEIGHTS: dict[str, int] = {
    "delay": 26, "delivery": 22, "lost": 10, "damaged": 10, "attitude": 7, "tracking": 9,
    "fee": 4, "claim": 4, "pickup": 3, "cod": 2, "access": 2, "other": 1,
}  # fmt: skip
AGAIN: tuple[str, ...] = (
    "{waybill}怎么还没有消息？",
    "再问一下{waybill}处理得怎么样了",
    "运单{waybill}，我上次投诉的事有结果了吗，已经等了很久",
)
NOT_COMPLAINTS: tuple[str, ...] = (
    "谢谢，已经收到了",
    "好的，辛苦了",
    "请问你们周末上班吗",
    "退订",
)
GOODS = (
    "茶具",
    "手机",
    "药品",
    "衣服",
    "图书",
    "水果",
    "化妆品",
    "合同文件",
    "奶粉",
    "显示器",
    "瓷碗",
    "耳机",
)
PLACES = ("长沙", "株洲", "湘潭", "衡阳", "岳阳", "常德", "益阳", "娄底")
SURNAMES = "陈黄张刘李王周吴徐朱马胡郭林何高罗郑梁谢"
GIVEN = ("女士", "先生", "小姐", "老师")
REPLIES = (
    "您好，给您添麻烦了。我已联系中转场核实，今天下班前给您答复。",
    "您好，非常抱歉让您久等。您的件已经找到，我们安排优先派送。",
    "您好，已要求网点说明情况并与您联系，有进展我马上告诉您。",
)
NOTES = (
    "已调取轨迹，最后一次扫描在分拨中心。",
    "与网点电话核实，派件员承认未按要求联系客户。",
    "照片显示外箱受压，内衬不足，已存档。",
)
ANSWERS = (
    "您好，已查明原因并处理完毕，相关费用已安排。再次向您致歉，感谢您的理解。",
    "您好，您的包裹已妥善处理，责任环节我们已整改，对给您带来的不便诚恳致歉。",
)
PRAISE = ("处理很快，谢谢", "态度不错", "还可以", "")
BLAME = ("等了太久", "没有解决我的问题", "赔得太少，敷衍")
CAUSES = {
    "delay": "backlog", "delivery": "courier_conduct", "lost": "lost_transit",
    "damaged": "handling", "attitude": "courier_conduct", "tracking": "scan_missing",
    "fee": "billing", "claim": "handling", "pickup": "backlog", "cod": "billing",
    "access": "no_answer", "other": "unclear",
}  # fmt: skip
