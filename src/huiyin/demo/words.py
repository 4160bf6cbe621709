"""What the people of the demo company say and write; {holes} are filled per contact."""

from __future__ import annotations

SAY: dict[str, tuple[str, ...]] = {
    "delay": (
        "运单{waybill}从{place}发出都{days}天了还没到，{goods}等着用，到底什么时候能送",
        "催一下{waybill}，说好前天到的，现在还在中转场不动",
        "你好，我寄的{goods}{days}天了还在路上，单号{waybill}，客户天天催我",
        "同城的件走了{days}天，单号{waybill}，我骑车送都比你们快",
        "我妈寄来的腊肉在路上{days}天了，单号{waybill}，再不到就坏了",
        "承诺隔日达，今天第{days}天，运单{waybill}，请给个准信",
        "孩子开学要用的{goods}，单号{waybill}，后天就报到了还在{place}",
        "{place}到这里两百公里走了{days}天，单号{waybill}，是用脚走的吗",
        "来电人称单号{waybill}催了两次仍未派送，要求今天务必送到",
        "双十一的件都到了，就{waybill}这单还停着，卖家让我找你们",
        "我公司投标要用的{goods}，运单{waybill}，周五截标，今天还没到{place}",
        "一件发了{days}天，单号{waybill}，每次查都说明天到，明天复明天",
    ),
    "delivery": (
        "{waybill}显示已签收，可是我根本没收到，问了门卫也没有",
        "快递没打电话就放驿站了，{goods}很重，我要求送货上门，运单{waybill}",
        "{waybill}送错地址了，别人家收到了我的{goods}",
        "派件员让我自己去取，我家有老人下不了楼，单号{waybill}",
        "下单写明送到五楼，派件员扔在单元门口就走，运单{waybill}，东西被雨淋了",
        "运单{waybill}，签收人写的“本人”，我当时在外地出差，是谁签的",
        "{goods}放在了三公里外的代收点，天黑我不敢去拿，单号{waybill}",
        "备注晚上七点以后送，偏偏中午送，没人在家就退回网点了，单号{waybill}",
        "送货没有核对门牌，{goods}放到隔壁楼同号房间，单号{waybill}，找了一下午",
        "客户反映运单{waybill}显示妥投，本人及家人均未签收，要求提供签收底单",
        "放快递柜不通知，超时还要我付一块钱，单号{waybill}",
    ),
    "lost": (
        "{waybill}里的{goods}丢了，轨迹停了{days}天，你们说找不到",
        "收到包裹{waybill}少了一件{goods}，外面胶带被重新封过",
        "我的{goods}寄丢了，价值{money}元，单号{waybill}，怎么处理",
        "三箱货只到了两箱，运单{waybill}，另一箱在哪里",
        "单号{waybill}，箱子在，里面的{goods}不见了，封口有刀划的痕迹",
        "拆开是一块砖头，我买的是{goods}，运单{waybill}，请调监控",
        "退给卖家的{goods}卖家说没收到，你们也查不到，运单{waybill}，钱卡了半个月",
    ),
    "damaged": (
        "收到的{goods}碎了，箱子也压扁了，运单{waybill}，照片我拍了",
        "单号{waybill}的{goods}漏了一箱子，根本不能用",
        "{goods}外壳裂开，内衬都没有，单号{waybill}，要求赔{money}元",
        "外箱完好，里面{goods}的角全磕掉了，单号{waybill}，贴了易碎标也没用",
        "冷链寄的{goods}到手化了一半，单号{waybill}",
        "开箱有玻璃碴，差点扎到孩子，运单{waybill}，{goods}全废了",
        "包裹泡过水，{goods}发霉，单号{waybill}，签收时派件员不让先验",
    ),
    "attitude": (
        "派件员态度太恶劣了，在电话里骂人，单号{waybill}",
        "客服说话很不耐烦，直接挂我电话",
        "问一句什么时候送就吼我，这是什么服务，单号{waybill}",
        "网点的人说爱投诉去哪投诉去哪投诉，我要他道歉",
        "老人不会用取件码，你们的人当众嘲笑他，单号{waybill}",
        "给了差评以后派件员打电话质问我，单号{waybill}",
    ),
    "tracking": (
        "单号{waybill}物流信息{days}天没更新了，麻烦查一下到哪里了",
        "单号{waybill}一直显示已揽收，没有后续",
        "网上查{waybill}没有任何记录，寄的时候给了我回单的",
        "轨迹从{place}又跳回{place}，来回三趟，运单{waybill}到底在哪",
        "显示派送中显示了{days}天，单号{waybill}",
    ),
    "fee": (
        "寄一个{goods}收我{money}块，网上价格表没这么贵，单号{waybill}",
        "称重多算了两公斤，多收了我的运费，单号{waybill}",
        "下单显示首重十二元，收件时说包装费另算八块，事先没讲，单号{waybill}",
        "到付的件寄件人已经付过了，又收我一遍，运单{waybill}",
    ),
    "claim": (
        "单号{waybill}破损的理赔都半个月了还没到账，说好赔{money}元",
        "保价{money}元的{goods}损坏只肯赔运费，我不同意，单号{waybill}",
        "理赔材料交了三次，每次都说缺一样，单号{waybill}，发票、聊天记录都给了",
        "网点让我找总部，总部让我找网点，{waybill}这单的{money}元谁赔",
    ),
    "pickup": (
        "预约了上午上门取件，等到晚上也没人来",
        "下单两天没有人来收件，打电话说太忙",
        "收件员到了说{goods}不收，也不说为什么，白等半天",
        "取件码改了三次时间，最后系统自动取消了我的单",
    ),
    "cod": (
        "代收货款{money}元已经签收一周了还没返给我，单号{waybill}",
        "货到付款写的{money}元，派件员多收了二十，单号{waybill}",
    ),
    "access": (
        "网点电话打了十几遍都没人接",
        "客服热线排队四十分钟打不进去",
        "在线客服只有机器人，转人工转了一上午",
        "上周三登记的投诉到今天没有一个人回我",
    ),
    "other": (
        "你们网点搬到哪里去了，原来的地方关门了，投诉都没处投",
        "派送三轮车堵在我们车库门口，说了两回还停",
    ),
}
WEIGHTS: dict[str, int] = {
    "delay": 26, "delivery": 22, "lost": 10, "damaged": 10, "attitude": 7, "tracking": 9,
    "fee": 4, "claim": 4, "pickup": 3, "cod": 2, "access": 2, "other": 1,
}  # fmt: skip
AGAIN: tuple[str, ...] = (
    "单号{waybill}怎么还没有消息？",
    "再问一下运单{waybill}处理得怎么样了",
    "运单{waybill}，我上次投诉的事有结果了吗，已经等了很久",
    "补充一下，单号{waybill}的收件人是我父亲，联系他也行",
    "运单{waybill}这事你们还管不管",
)
NOT_COMPLAINTS: tuple[str, ...] = (
    "谢谢，已经收到了",
    "好的，辛苦了",
    "请问你们周末上班吗",
    "退订",
)
GOODS = (
    "茶具", "手机", "衣服", "图书", "水果", "化妆品", "合同文件", "奶粉", "显示器", "瓷碗", "耳机",
    "药品", "小家电", "球鞋", "证件", "样品",
)  # fmt: skip
PLACES = ("长沙", "株洲", "湘潭", "衡阳", "岳阳", "常德", "益阳", "娄底", "邵阳", "怀化", "郴州")
SURNAMES = "陈黄张刘李王周吴徐朱马胡郭林何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘"
GIVEN = ("女士", "先生", "小姐", "老师")

_SORRY = "您好，给您添麻烦了，实在抱歉。"
REPLIES: dict[str, tuple[str, ...]] = {
    "delay": (
        _SORRY + "我已联系中转场查找您的件，今天下班前告诉您到了哪里。",
        _SORRY + "您的件因为车次晚点压在分拨中心，已安排下一班优先发出。",
    ),
    "delivery": (
        _SORRY + "已让网点调出签收记录和派送照片，核实后马上联系您。",
        _SORRY + "已要求派件员今天把包裹送到您家门口，送前会先打电话。",
    ),
    "lost": (
        _SORRY + "我们已在沿途各站盘查您的包裹，两天内给您明确结果。请把购买凭证发给我们备用。",
    ),
    "damaged": (
        _SORRY + "照片收到了，请先保留外箱和内包装，理赔同事会按规则核算并联系您。",
    ),
    "attitude": (
        _SORRY + "您说的情况已转给当事人的上级，通话录音正在调听，二十四小时内给您答复。",
    ),
    "": (
        _SORRY + "情况已记下，正在找相关部门核实，有进展第一时间告诉您。",
        _SORRY + "这件事由我负责到底，今天之内给您回话。",
    ),
}  # fmt: skip
NOTES: dict[str, tuple[str, ...]] = {
    "delay": (
        "已调取轨迹，最后一次扫描在分拨中心，当日干线晚点六小时。",
        "网点积压，已协调加派一车。",
    ),
    "delivery": ("与网点电话核实，派件员承认未按要求联系客户。", "驿站监控已看，包裹由驿站代签。"),
    "lost": (
        "出站有扫描、到站无扫描，责任在中转环节，称重前后差 1.2 公斤。",
        "三个站点盘点未找到。",
    ),
    "damaged": (
        "照片显示外箱受压，内衬不足，已存档。",
        "重货压轻货，装车照片可见，已通知分拨中心。",
    ),
    "attitude": ("已听录音，当事人确有不当言语，交主管约谈。",),
    "": ("已与相关部门核实，记录存档。", "系统记录与客户所说一致。"),
}  # fmt: skip
ANSWERS: dict[str, tuple[str, ...]] = {
    "delay": (
        "您好，您的包裹今天已经送到，这次晚到是干线车辆晚点造成的，责任在我们。再次向您致歉。",
    ),
    "delivery": (
        "您好，经核实派件时没有先联系您，责任在我们。包裹已送到您手中，派件员已重新培训，向您诚恳致歉。",
    ),
    "lost": ("您好，包裹确实在中转环节遗失，非常抱歉。补偿方案已经批准，会按登记的方式付给您。",),
    "damaged": (
        "您好，破损是搬运造成的，责任在我们。补偿已经批准，请保留好原包装，谢谢您的配合。",
    ),
    "attitude": ("您好，当事人已向我们说明情况并受到处理，我代表公司向您郑重道歉。",),
    "": (
        "您好，已查明原因并处理完毕，给您带来不便，再次向您致歉，感谢您的理解。",
        "您好，问题已经解决，责任环节我们已整改。如还有疑问，请直接回复，我会继续跟进。",
    ),
}  # fmt: skip
REFUSALS = (
    "您好，我们逐项核查了轨迹、称重和签收记录，没有发现服务差错，具体情况已在进度页说明。给您造成的不便，我们表示歉意。",
)
PRAISE = (
    "处理很快，谢谢", "态度不错", "还可以", "", "客服一直跟进，满意", "比我想的快",
    "解决了就好", "",
)  # fmt: skip
BLAME = ("等了太久", "没有解决我的问题", "赔得太少，敷衍", "打了三次电话才有人管", "就会道歉")
CAUSES: dict[str, tuple[str, ...]] = {
    "delay": ("backlog", "transport", "missort", "weather"),
    "delivery": ("not_called", "misdelivery", "false_sign", "courier_conduct", "partner"),
    "lost": ("lost_transit", "missort", "courier_conduct"),
    "damaged": ("handling", "packing", "transport"),
    "attitude": ("courier_conduct", "agent_conduct"),
    "tracking": ("scan_missing", "system_fault", "backlog"),
    "fee": ("billing", "terms_unclear"),
    "claim": ("late_payout", "terms_unclear"),
    "pickup": ("not_collected", "backlog"),
    "cod": ("late_payout", "billing"),
    "access": ("no_answer", "backlog"),
    "other": ("unclear",),
}
