"""Names of codes for people, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language

from huiyin.core.access import ROLE_NAMES
from huiyin.core.because import Reason
from huiyin.core.lifecycle import STATUS_NAMES
from huiyin.core.playbook import Playbook, Text
from huiyin.core.playbook import names as named
from huiyin.core.playbook.facts import FACTS

URGENCY_NAMES = named.URGENCY_NAMES
CHANNEL_NAMES: dict[str, tuple[str, str]] = {
    "portal": ("网上投诉", "Portal"),
    "phone": ("电话", "Phone"),
    "desk": ("前台", "Front desk"),
    "email": ("邮件", "E-mail"),
    "wechat": ("微信", "WeChat"),
    "wecom": ("企业微信", "WeCom"),
    "douyin": ("抖音", "Douyin"),
    "sms": ("短信", "SMS"),
    "webhook": ("事件推送", "Webhook"),
    "push": ("手机提醒", "Notice on a phone"),
    "chat": ("在线客服", "Chat"),
    "web": ("网页", "Web"),
    "app": ("App", "App"),
    "api": ("接口", "API"),
    "social": ("社交媒体", "Social"),
    "regulator": ("监管转办", "Regulator"),
    "marketplace": ("电商平台", "Marketplace"),
    "history": ("历史导入", "Import"),
    "care": ("主动关怀", "Care"),
    "survey": ("满意度评价", "Survey"),
}
TICKET_STATES: dict[str, tuple[str, str]] = {
    "waiting": ("等候", "Waiting"),
    "called": ("请到柜台", "Called"),
    "served": ("已办理", "Served"),
    "absent": ("未到", "Absent"),
}
PROMISE_NAMES: dict[str, tuple[str, str]] = {
    "promise": ("答应的回话", "Word promised"),
    "promise_deed": ("答应的事", "Deed promised"),
}
ASSISTANT_NAMES: dict[str, tuple[str, str]] = {
    "summary": ("摘要", "Summary"),
    "draft": ("草拟回复", "Draft reply"),
    "translation": ("翻译", "Translation"),
    "opinion": ("第二意见", "Second opinion"),
}
VERDICT_NAMES = named.VERDICT_NAMES
EVENT_NAMES: dict[str, tuple[str, str]] = {
    "ComplaintOpened": ("建立投诉", "Complaint opened"),
    "ContactJoined": ("来件并入", "Contact joined"),
    "ComplaintReopened": ("重新打开", "Reopened"),
    "ComplaintSorted": ("判定类别与紧急程度", "Sorted"),
    "ComplaintAssigned": ("分派", "Assigned"),
    "ClocksStarted": ("开始计时", "Clocks started"),
    "Acknowledged": ("已告知客户受理", "Acknowledged"),
    "ComplaintTaken": ("受理", "Taken"),
    "HandedOver": ("转交", "Handed over"),
    "Returned": ("退回队列", "Returned"),
    "ClockWarned": ("即将到期", "Due soon"),
    "ClockBreached": ("已超时", "Too late"),
    "Escalated": ("升级提醒", "Escalated"),
    "NoteAdded": ("内部备注", "Note"),
    "ChatJoined": ("在线会话接入", "Chat joined"),
    "ChatEnded": ("在线会话结束", "Chat ended"),
    "CustomerAsked": ("请客户补充", "Customer asked"),
    "VerdictGiven": ("核查结论", "Verdict"),
    "RemedyProposed": ("提出补偿", "Remedy proposed"),
    "RemedyApproved": ("补偿批准", "Remedy approved"),
    "RemedyRejected": ("补偿驳回", "Remedy rejected"),
    "RemedyWithdrawn": ("补偿撤回", "Remedy withdrawn"),
    "RemedyAccepted": ("客户接受补偿", "Remedy accepted"),
    "RemedyDeclined": ("客户未接受补偿", "Remedy declined"),
    "RemedyCountered": ("客户还价", "Customer asks for another sum"),
    "PayoutRequested": ("请财务付款", "Payment requested"),
    "PayoutSent": ("已发起付款", "Payment sent"),
    "PayoutReleased": ("放行付款", "Payment released"),
    "PayoutPaid": ("已付款", "Paid"),
    "PayoutFailed": ("付款失败", "Payment failed"),
    "PayoutReturned": ("付款退回", "Payment came back"),
    "ReplySent": ("回复客户", "Reply"),
    "ComplaintResolved": ("答复办结", "Resolved"),
    "SurveySent": ("发出评价邀请", "Survey sent"),
    "SurveyReminded": ("提醒评价", "Survey reminder"),
    "SurveyAnswered": ("客户评价", "Survey answered"),
    "RehandlingStarted": ("转上级重新处理", "Handled again"),
    "SatisfactionShown": ("客户满意", "Customer satisfied"),
    "LastLevelReached": ("已达最高处理级别", "Highest level reached"),
    "ComplaintClosed": ("办结", "Closed"),
    "ComplaintArchived": ("存档", "Archived"),
    "PastTakenOver": ("收录历史投诉", "Past complaint taken over"),
    "ComplaintMerged": ("并入另一件", "Merged"),
    "ComplaintAbsorbed": ("并入一件", "Another merged in"),
    "MergeUndone": ("撤销合并", "Merge undone"),
    "JoinUndone": ("撤销并入", "Join undone"),
    "SaidDifferent": ("判断不是同一件", "Said to be another matter"),
    "SaidDifferentUndone": ("撤销“不是同一件”", "Taken back: another matter"),
    "WriterVouched": ("核实来信人，答复改发给他", "Writer vouched for, answers go to him"),
    "WriterVouchedUndone": ("撤销改发，答复发回原处", "Taken back, answers go where they went"),
    "CustomerLinked": ("客户归到一起", "Customers brought together"),
    "CustomerUnlinked": ("客户分开", "Customers parted"),
    "IdentityConfirmed": ("核实联系方式", "Address confirmed"),
    "CustomerMoveUndone": ("撤销客户归并或分开", "Customers put back"),
    "CollaborationAsked": ("发起协办", "Department asked"),
    "CollaborationAccepted": ("协办已接收", "Request accepted"),
    "CollaborationAnswered": ("协办答复", "Department answered"),
    "CollaborationReturned": ("协办退回", "Request returned"),
    "CollaborationAskedBack": ("协办反问", "Department asks back"),
    "CollaborationSupplied": ("协办补充说明", "More was supplied"),
    "CollaborationTransferred": ("协办转其他部门", "Request passed on"),
    "CollaborationAskedAgain": ("重新发起协办", "Asked again"),
    "CollaborationWithdrawn": ("协办撤回", "Request withdrawn"),
    "UrgencyRaised": ("上调紧急程度", "Urgency raised"),
    "CategoryCorrected": ("人工更正", "Corrected"),
    "PromiseMade": ("作出承诺", "Promised"),
    "PromiseKept": ("承诺兑现", "Promise kept"),
    "PromiseBroken": ("承诺没守住", "Promise broken"),
    "PromiseWithdrawn": ("撤回承诺", "Promise taken back"),
    "CustomerCalled": ("打通客户电话", "Customer called"),
    "CallMissed": ("电话没打通", "Call not answered"),
    "CallerMissed": ("来电没人接", "Missed call"),
    "CallerCalledBack": ("已回电", "Called back"),
    "GroundMarked": ("登记外部处理", "Taken outside"),
    "SurveyExpired": ("评价到期，没有回音", "Survey ran out"),
    "CallBackDue": ("安排回访", "Call-back due"),
    "CallBackDone": ("回访", "Called back"),
    "StepDone": ("完成步骤", "Step done"),
    "StepUndone": ("取消完成", "Step taken back"),
    "StepRun": ("规程自动执行", "Done by the playbook"),
    "FactLearned": ("补充事实", "Facts told"),
    "TrackUpdated": ("轨迹有更新", "Track updated"),
    "ParcelArrived": ("包裹已有最终状态", "The parcel has arrived"),
    "PlaybookChanged": ("改用另一版规程", "Moved to another playbook version"),
    "LetterWritten": ("出具答复函", "Letter written"),
    "SentDespite": ("有提醒，仍然发送", "Sent all the same"),
    "IncidentLinked": ("归入事件", "Linked to an incident"),
    "IncidentUnlinked": ("移出事件", "Taken off an incident"),
    "LiabilityClaimed": ("发起定责", "Liability claimed"),
    "LiabilityStated": ("当事方陈述", "A party was heard"),
    "LiabilityHeard": ("举证结束", "Statements closed"),
    "LiabilityRuled": ("定责裁定", "Liability ruled"),
    "LiabilityAppealed": ("定责申诉", "Ruling appealed"),
    "LiabilityFinal": ("定责生效", "Ruling final"),
    "LiabilityLate": ("裁定超期", "Ruling late"),
    "LiabilityWithdrawn": ("撤销定责", "Claim withdrawn"),
    "FineImposed": ("作出处罚", "Fine imposed"),
    "FineAppealed": ("处罚申诉", "Fine appealed"),
    "FineDecided": ("处罚申诉结果", "Fine appeal decided"),
    "FineFinal": ("处罚生效", "Fine final"),
    "FineLate": ("处罚申诉答复超期", "Fine appeal late"),
    "FineWithdrawn": ("撤回处罚", "Fine withdrawn"),
    "DoubtReviewed": ("人工核对", "Looked at again"),
    "ConductFileOpened": ("另立服务态度档案", "Service attitude file opened"),
    "EvidenceRequested": ("要材料", "Evidence asked for"),
    "EvidenceAdded": ("收到材料", "Evidence received"),
    "EvidenceWaived": ("不需要的材料", "Evidence waived"),
    "PackMade": ("生成证据包", "Evidence pack made"),
    "FileArrived": ("收到客户的文件", "File arrived"),
    "FileLost": ("客户的文件取不到", "File cannot be had"),
    "MailBounced": ("邮件被退回", "Mail came back"),
    "ChannelPreferred": ("客户选择联系渠道", "Channel chosen"),
    "MessagePassedOn": ("改由另一渠道发送", "Sent by another channel"),
    "Revealed": ("查看完整信息", "Personal data revealed"),
    "AssistantAsked": ("请助手帮忙", "Assistant asked"),
    "AssistantAnswered": ("助手已回答", "Assistant answered"),
}


def english() -> bool:
    """Tell whether the page is in English."""
    return (get_language() or "zh").startswith("en")


def pick(names: Mapping[str, tuple[str, str]], code: str) -> str:
    """Return the name of a code in the language of the page, the code itself when unknown."""
    pair = names.get(code)
    if pair is None:
        return code
    return pair[1] if english() else pair[0]


def channels() -> list[tuple[str, str]]:
    """Return the channels (code, name) by which contacts may come."""
    return [(code, pick(CHANNEL_NAMES, code)) for code in CHANNEL_NAMES]


def channel_code(*, said: str) -> str:
    """Return the code of a channel given by code or name; empty when there is none such."""
    word = said.strip().lower()
    for code, names in CHANNEL_NAMES.items():
        if word in {code, names[0].lower(), names[1].lower()}:
            return code
    return ""


def listed(names: Iterable[str]) -> str:
    """Join names as the language of the page does."""
    return (", " if english() else "、").join(names)


def clauses(said: Iterable[str]) -> str:
    """Join clauses as the language of the page does; an empty one is none."""
    return ("; " if english() else "；").join(one for one in said if one)


def colon() -> str:
    """Return the colon as the language of the page writes it."""
    return ": " if english() else "："


def sentences(said: Iterable[str]) -> str:
    """Join sentences as the language of the page does; an empty one is none."""
    return (". " if english() else "。").join(one for one in said if one)


def category_code(playbook: Playbook, *, said: str) -> str:
    """Return the code of a category given by code or name; empty when there is none such."""
    word = said.strip().lower()
    for category in playbook.categories:
        if word in {category.code, category.name.zh.lower(), category.name.en.lower()}:
            return category.code
    return ""


def said(text: Text | Reason) -> str:
    """Return a playbook's text, or a reason, in the language of the page."""
    return text.en if english() else text.zh


def category(playbook: Playbook, code: str) -> str:
    """Return the name of a category."""
    try:
        return said(playbook.category(code=code).name)
    except KeyError:
        return code


def department(playbook: Playbook, code: str | None) -> str:
    """Return the name of a department."""
    if not code:
        return ""
    try:
        return said(playbook.department(code=code).name)
    except KeyError:
        return code


def clock(playbook: Playbook, rule: str) -> str:
    """Return the name of a clock: the playbook's, a step's, or a promise's."""
    try:
        if rule.startswith("step:"):
            return said(playbook.step(id=rule[5:]).name)
        return said(playbook.clock(id=rule).name)
    except KeyError:
        return pick(PROMISE_NAMES, rule)


def step(playbook: Playbook, id: str) -> str:
    """Return the name of a step of the procedure."""
    try:
        return said(playbook.step(id=id).name)
    except KeyError:
        return id


def fact(name: str) -> str:
    """Return the name of a fact that playbooks ask for."""
    known = FACTS.get(name)
    if known is None:
        return name
    return known.en if english() else known.zh


def status(code: str) -> str:
    """Return the name of a status."""
    return pick(STATUS_NAMES, code)


def role(code: str) -> str:
    """Return the name of a role."""
    return pick(ROLE_NAMES, code)
