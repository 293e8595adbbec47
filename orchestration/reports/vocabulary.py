"""Words for the codes that events carry; one that is not here is written as it came."""

from __future__ import annotations

from orchestration.reports.wording import Text

# Of channels, escalation reasons, ticket types and priorities alike.
WORDS = {
    "after_sales": "售后",
    "app": "应用",
    "complaint": "投诉",
    "email": "邮件",
    "exchange": "换货",
    "high": "高",
    "keyword": "关键词",
    "logistics": "物流",
    "low": "低",
    "low_confidence": "AI 把握不足",
    "negative_emotion": "负面情绪",
    "normal": "普通",
    "other": "其他",
    "payment": "支付",
    "phone": "电话",
    "refund": "退款",
    "refund_dispute": "退款争议",
    "repeated_question": "重复提问",
    "return": "退货",
    "technical": "技术",
    "unknown": "未知",
    "urgent": "紧急",
    "user_request": "客户要求",
    "vip": "重要客户",
    "web": "网页",
    "wechat": "微信",
}


def name_code(code: str) -> Text:
    """Give a code's words: `user_request` is 客户要求 | user request."""
    if code not in WORDS:
        return Text(code, code)
    return Text(WORDS[code], code.replace("_", " "))
