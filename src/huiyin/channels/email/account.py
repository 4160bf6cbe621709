"""A mailbox as a channel account: what its settings form asks."""

from __future__ import annotations

from huiyin.channels.protocol import Channel, Field, Limits

_TLS = (
    ("tls", ("TLS（常用，端口 993 / 465）", "TLS (usual, ports 993 and 465)")),
    ("starttls", ("STARTTLS（端口 143 / 587）", "STARTTLS (ports 143 and 587)")),
    ("none", ("不加密（仅限本机）", "none (this machine only)")),
)

CHANNEL = Channel(
    code="email",
    name=("邮箱", "Mailbox"),
    about=(
        "从一个邮箱收信、发信。可以添加多个邮箱；客户写到哪个邮箱，就从哪个邮箱回复。",
        "Reads and sends by one mailbox. Any number can be added; a customer is answered by the "
        "one he wrote to.",
    ),
    guide="email",
    limits=Limits(files=True, long_text=True),
    fields=(
        Field(
            name="sender",
            kind="text",
            label=("发件人", "Sender"),
            help=("例如 客服 <kefu@example.com>", "such as Care <care@example.com>"),
            required=True,
        ),
        Field(name="user", kind="text", label=("登录账号", "User name"), required=True),
        Field(
            name="auth",
            kind="choice",
            label=("登录方式", "Log in by"),
            default="password",
            choices=(
                ("password", ("密码或授权码", "password or app password")),
                (
                    "oauth2",
                    ("OAuth 2.0（Microsoft 365 等）", "OAuth 2.0 (Microsoft 365 and others)"),
                ),
            ),
        ),
        Field(
            name="password",
            kind="secret",
            label=("密码或授权码", "Password"),
            help=("多数邮箱要用专给程序的授权码", "most providers want an app password here"),
        ),
        Field(
            name="imap_host",
            kind="text",
            label=("收信服务器（IMAP）", "IMAP server"),
            help=("为空则只发信", "empty: this mailbox only sends"),
        ),
        Field(
            name="imap_port", kind="integer", label=("收信端口", "IMAP port"),
            default=993, least=1, most=65535,
        ),
        Field(
            name="imap_tls", kind="choice", label=("收信加密", "IMAP encryption"),
            default="tls", choices=_TLS,
        ),
        Field(
            name="imap_folder", kind="text", label=("收信文件夹", "Folder"), default="INBOX",
            help=("一般是 INBOX", "usually INBOX"),
        ),
        Field(
            name="idle", kind="flag", label=("来信时立刻收（IDLE）", "Take mail at once (IDLE)"),
            default=True,
            help=("服务器不支持时自动改为定时收信", "a server that cannot is looked at by time"),
        ),
        Field(
            name="take_over_days", kind="integer",
            label=("接管多少天以内的旧邮件", "Take over mail of so many days"),
            default=0, least=0, most=36500,
            help=(
                "包括别人已读的，登记但永不自动答复；0 表示只收未读的",
                "also what was read already, never answered by itself; 0 takes only what is unread",
            ),
        ),
        Field(
            name="smtp_host", kind="text", label=("发信服务器（SMTP）", "SMTP server"),
            help=("为空则只收信", "empty: this mailbox only reads"),
        ),
        Field(
            name="smtp_port", kind="integer", label=("发信端口", "SMTP port"),
            default=465, least=1, most=65535,
        ),
        Field(
            name="smtp_tls", kind="choice", label=("发信加密", "SMTP encryption"),
            default="tls", choices=_TLS,
        ),
        Field(
            name="smtp_user", kind="text", label=("发信账号", "SMTP user name"),
            help=("与登录账号不同时填写", "where it differs"),
        ),
        Field(
            name="smtp_password", kind="secret", label=("发信密码", "SMTP password"),
            help=("与登录密码不同时填写", "where it differs"),
        ),
        Field(
            name="token_url", kind="url", label=("OAuth 令牌地址", "OAuth token address"),
            help=("仅 OAuth 2.0 需要，见操作手册", "for OAuth 2.0 only, see the manual"),
        ),
        Field(name="client_id", kind="text", label=("OAuth 客户端编号", "OAuth client id")),
        Field(
            name="client_secret", kind="secret",
            label=("OAuth 客户端密钥", "OAuth client secret"),
        ),
        Field(name="refresh_token", kind="secret", label=("OAuth 刷新令牌", "OAuth refresh token")),
        Field(name="scope", kind="text", label=("OAuth 权限范围", "OAuth scope")),
        Field(
            name="bounce_to", kind="text", label=("退信地址", "Return address"),
            help=(
                "例如 kefu+b*@example.com，* 换成每封信的编号；邮箱要能收到这些地址的信",
                "such as care+b*@example.com, * becomes each mail's id; the mailbox must take it",
            ),
        ),
        Field(
            name="trusted_servers", kind="text",
            label=("相信谁的发件人认证结果", "Whose results on senders are believed"),
            help=(
                "Authentication-Results 里收信服务器的名字；Exchange Online 写 microsoft365",
                "its name in Authentication-Results; microsoft365 for Exchange Online",
            ),
        ),
        Field(
            name="verify", kind="flag",
            label=("自己核对 SPF、DKIM、DMARC", "Verify SPF, DKIM and DMARC ourselves"),
            help=("收信时查询 DNS", "asks the DNS when mail comes"),
        ),
    ),
)  # fmt: skip
