"""The one table of settings: name, type, default and help.

The environment variables (``HUIYIN_<NAME>``), the check at start-up and the page
``docs/how-to/settings.md`` are derived from it. To add a setting, add one field to
:class:`Settings` and run ``make docs``.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from huiyin.config.database_url import read_database_url
from huiyin.core.outgoing import CannotReadQuiet, quiet_of

PREFIX = "HUIYIN_"
_NEAR = 0.75
_PLATFORM = re.compile(r"_(SERVICE_(HOST|PORT)|PORT_[0-9]+_(TCP|UDP))(_[A-Z0-9_]+)?$")
"""What Kubernetes and its kin tell every program of a service, by the service's name."""

Kind = Literal[
    "text",
    "integer",
    "flag",
    "choice",
    "folder",
    "url",
    "service",
    "database",
    "zone",
    "names",
    "networks",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table: what may be set, in which form, and what it means.

    ``least`` and ``most`` bound an integer. ``when_empty`` says in both languages what an empty
    default leads to.
    """

    name: str
    kind: Kind
    default: Any
    help_zh: str
    help_en: str
    secret: bool = False
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    when_empty: tuple[str, str] = ("", "")

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return PREFIX + self.name.upper()


class CannotStart(Exception):
    """The settings contradict themselves or cannot be read; ``problems`` has one line for each."""

    def __init__(self, *, problems: tuple[str, ...]) -> None:
        self.problems = problems
        many = "setting needs" if len(problems) == 1 else "settings need"
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"huiyin cannot start, {len(problems)} {many} a change:{lines}")


def _row(
    kind: Kind,
    default: Any,
    zh: str,
    en: str,
    *,
    secret: bool = False,
    choices: tuple[str, ...] = (),
    least: int | None = None,
    most: int | None = None,
    when_empty: tuple[str, str] = ("", ""),
) -> Any:
    """Describe a field of :class:`Settings`; secrets stay out of its repr."""
    row = {
        "kind": kind,
        "default": default,
        "help_zh": zh,
        "help_en": en,
        "secret": secret,
        "choices": choices,
        "least": least,
        "most": most,
        "when_empty": when_empty,
    }
    return field(repr=not secret, metadata={"row": row})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of a running installation, read and checked; made by :func:`load`."""

    data: Path = _row(  # noqa: RUF009 - describes the field, as dataclasses.field does
        "folder",
        "~/.local/share/huiyin",
        "数据目录：数据库文件、附件、密钥与备份都放在这里。",
        "Data folder: database file, attachments, keys and backups live here.",
    )
    database: str = _row(
        "database",
        "",
        "数据库地址：sqlite:////绝对路径，或 postgresql://用户:密码@主机:端口/库名。",
        "Database address: sqlite:////absolute/path or postgresql://user:password@host:port/name.",
        secret=True,
        when_empty=(
            "数据目录中的 SQLite 文件 huiyin.sqlite3",
            "the SQLite file huiyin.sqlite3 in the data folder",
        ),
    )
    host: str = _row(
        "text",
        "127.0.0.1",
        "网页服务监听的地址；0.0.0.0 表示所有网卡。",
        "Address the web server listens on; 0.0.0.0 means every interface.",
    )
    port: int = _row(
        "integer",
        8000,
        "网页服务监听的端口。",
        "Port the web server listens on.",
        least=1,
        most=65535,
    )
    public_url: str = _row(
        "url",
        "",
        "客户和坐席看到的网址，写在邮件和查询链接里。",
        "Address customers and staff see; written into mails and tracking links.",
        when_empty=("http://监听地址:端口", "http://host:port"),
    )
    allowed_hosts: tuple[str, ...] = _row(
        "names",
        "",
        "除公开网址的主机名之外，还接受哪些主机名（逗号分隔）。",
        "Host names accepted besides that of the public address (comma-separated).",
    )
    trusted_proxies: tuple[str, ...] = _row(
        "networks",
        "",
        "反向代理的地址或网段（逗号分隔）；只采信它们给出的客户地址。",
        "Addresses or networks of reverse proxies (comma-separated); only their word on the "
        "client address is taken.",
    )
    metrics_token: str = _row(
        "text",
        "",
        "从别的机器读 /metrics 时要出示的口令（Authorization: Bearer 口令）。",
        "Token that shows /metrics to other machines (Authorization: Bearer TOKEN).",
        secret=True,
        when_empty=("只有本机能读", "read on this machine only"),
    )
    secret_key: str = _row(
        "text",
        "",
        "签名登录和链接、加密保存的密码和收款账号所用的密钥，至少 32 个字符；"
        "更换后所有人需重新登录，原来加密的读不出来。",
        "Key that signs logins and links and seals stored passwords and payees' accounts, 32 "
        "characters or more; changing it logs everyone out, and what was sealed cannot be read.",
        secret=True,
        when_empty=(
            "首次启动时生成，存于数据目录的 secret_key 文件（权限 600）",
            "made at first start and kept in the file secret_key of the data folder (mode 600)",
        ),
    )
    debug: bool = _row(
        "flag",
        False,
        "开发用：出错时显示详细页面。正式环境必须关闭。",
        "For development: detailed error pages. Must be off in production.",
    )
    language: str = _row(
        "choice",
        "zh-hans",
        "界面的默认语言。",
        "Default language of the interface.",
        choices=("zh-hans", "en"),
    )
    time_zone: str = _row(
        "zone",
        "Asia/Shanghai",
        "界面显示时间所用的时区。",
        "Time zone in which the interface shows times.",
    )
    log_level: str = _row(
        "choice",
        "info",
        "日志的详细程度。",
        "How much is written to the log.",
        choices=("debug", "info", "warning", "error"),
    )
    web_processes: int = _row(
        "integer",
        1,
        "网页服务的进程数；SQLite 用 1 个最快，PostgreSQL 可以更多。",
        "Processes of the web server; SQLite is fastest with 1, PostgreSQL may use more.",
        least=1,
        most=64,
    )
    worker_batch: int = _row(
        "integer",
        200,
        "后台一批最多处理多少条来件。",
        "How many contacts the worker decides in one batch at most.",
        least=1,
        most=5000,
    )
    worker_reads_beside: bool = _row(
        "flag",
        True,
        "来件积压时，是否另开一个进程预读下一批（只有一个处理器核心的机器上不开）。",
        "Whether a second process reads the next batch ahead while contacts pile up; never on a"
        " machine with one processor core.",
    )
    worker_idle_seconds: int = _row(
        "integer",
        1,
        "没有待办时，后台隔多少秒再看一次。",
        "Seconds the worker waits before it looks again when nothing is due.",
        least=1,
        most=60,
    )
    inbox_lease_seconds: int = _row(
        "integer",
        60,
        "后台领取一批来件后，多少秒内没处理完就由别的后台接手。",
        "Seconds after which another worker takes over a batch that was claimed and not finished.",
        least=5,
        most=3600,
    )
    max_upload_mb: int = _row(
        "integer",
        20,
        "一次提交的附件合计上限，单位 MB。",
        "Most that one submission may carry in attachments, in MB.",
        least=1,
        most=500,
    )
    chat_streams: int = _row(
        "integer",
        48,
        "每个网页进程最多同时保持多少条在线客服的实时连接；满了的浏览器改为定时询问，"
        "0 表示全部定时询问。",
        "How many live connections of chats one web process keeps at once; browsers beyond that "
        "ask by time, with 0 all do.",
        least=0,
        most=500,
    )
    imap_host: str = _row(
        "text",
        "",
        "收信服务器（IMAP）；为空则不收信。",
        "Mail server to read from (IMAP); no mail is read while it is empty.",
        when_empty=("不收信", "no mail is read"),
    )
    imap_port: int = _row(
        "integer", 993, "收信服务器的端口。", "Port of the IMAP server.", least=1, most=65535
    )
    imap_user: str = _row("text", "", "收信账号。", "User name at the IMAP server.")
    imap_password: str = _row(
        "text", "", "收信密码或授权码。", "Password at the IMAP server.", secret=True
    )
    imap_folder: str = _row("text", "INBOX", "从哪个邮箱文件夹收信。", "Folder that is read.")
    imap_tls: str = _row(
        "choice",
        "tls",
        "收信连接的加密方式。",
        "How the IMAP connection is encrypted.",
        choices=("tls", "starttls", "none"),
    )
    imap_poll_seconds: int = _row(
        "integer",
        30,
        "隔多少秒收一次信。",
        "Seconds between two looks into the mailbox.",
        least=5,
        most=3600,
    )
    imap_idle: bool = _row(
        "flag",
        True,
        "让服务器在来信时立刻通知（IDLE）；服务器不支持时自动改为定时收信。",
        "Let the server tell at once when mail comes (IDLE); one that cannot is looked at by time.",
    )
    imap_take_over_days: int = _row(
        "integer",
        0,
        "接管旧邮箱：多少天以内的旧邮件（包括已读的）也登记，永不自动答复；0 表示只收未读的。",
        "Taking over a mailbox: how many days back mail that was read already is taken in too, "
        "never answered by itself; 0 takes only what is unread.",
        least=0,
        most=36500,
    )
    mail_trusted_servers: tuple[str, ...] = _row(
        "names",
        "",
        "相信哪些收信服务器写的发件人认证结果（Authentication-Results 里的服务器名），用逗号分开；"
        "Exchange Online 写 microsoft365。",
        "Mail servers whose results on the sender are believed (their name in "
        "Authentication-Results), separated by commas; microsoft365 stands for Exchange Online.",
        when_empty=("谁的都不信", "nobody's"),
    )
    mail_verify: bool = _row(
        "flag",
        False,
        "来信时自己查 DNS 核对 SPF、DKIM、DMARC。",
        "Whether SPF, DKIM and DMARC of mail that comes are verified by asking the DNS.",
    )
    mail_dns_server: str = _row(
        "text",
        "",
        "核对发件人时询问的 DNS 服务器，可写成 地址:端口。",
        "DNS server that is asked when senders are verified, as address or address:port.",
        when_empty=("系统的", "the system's"),
    )
    mail_bounce_to: str = _row(
        "text",
        "",
        "退信地址，例如 kefu+b*@example.com，* 会换成每封信自己的编号；邮箱要能收到这些地址的信。",
        "Return address such as care+b*@example.com, where * becomes each mail's own id; the "
        "mailbox must receive mail to such addresses.",
        when_empty=("用发件地址", "the sender's address"),
    )
    mail_old_days: int = _row(
        "integer",
        3,
        "写于多少天以前的邮件照常登记，但不自动回执、不自动答复（首次接管旧邮箱时用得着）。",
        "Mail written more days ago than this is taken in as usual but not answered by itself "
        "(when an old mailbox is taken over).",
        least=1,
        most=365,
    )
    mail_automatic_per_hour: int = _row(
        "integer",
        30,
        "一小时内最多给同一地址自动发多少封邮件；再多就停发并显示在运行状况页，防止两台机器互相回复。",
        "Most automatic mails to one address in an hour; more are held and shown on the operations "
        "page, so that two machines do not answer each other for ever.",
        least=1,
        most=10000,
    )
    smtp_host: str = _row(
        "text",
        "",
        "发信服务器（SMTP）；为空则邮件留在待发队列。",
        "Mail server to send through (SMTP); mail waits in the outbox while it is empty.",
        when_empty=("邮件留在待发队列", "mail waits in the outbox"),
    )
    smtp_port: int = _row(
        "integer", 465, "发信服务器的端口。", "Port of the SMTP server.", least=1, most=65535
    )
    smtp_user: str = _row("text", "", "发信账号。", "User name at the SMTP server.")
    smtp_password: str = _row(
        "text", "", "发信密码或授权码。", "Password at the SMTP server.", secret=True
    )
    smtp_tls: str = _row(
        "choice",
        "tls",
        "发信连接的加密方式。",
        "How the SMTP connection is encrypted.",
        choices=("tls", "starttls", "none"),
    )
    smtp_from: str = _row(
        "text",
        "",
        "发件人地址，例如 客服 <service@example.com>。",
        "Sender address, such as Service <service@example.com>.",
    )
    webhook_secret: str = _row(
        "text",
        "",
        "通用回调接口 /hooks/ 的签名密钥；为空则拒绝通用回调。",
        "Key that signs calls of the generic /hooks/ door; such calls are refused while empty.",
        secret=True,
        when_empty=("拒绝通用回调", "generic calls are refused"),
    )
    assistant_url: str = _row(
        "service",
        "",
        "助手所用语言模型服务（OpenAI 兼容接口）的基础网址；为空则没有助手，什么都不发出去。",
        "Base address of the language model service (OpenAI-compatible) behind the assistant; "
        "while it is empty there is no assistant and nothing is sent.",
        when_empty=("不启用助手", "no assistant"),
    )
    assistant_key: str = _row(
        "text",
        "",
        "语言模型服务的密钥；自建服务不要求时可为空。",
        "Key of the language model service; may be empty where a service of your own needs none.",
        secret=True,
    )
    assistant_model: str = _row(
        "text", "", "所用模型的名称，由服务方给出。", "Name of the model, given by the service."
    )
    assistant_timeout: int = _row(
        "integer",
        30,
        "一次提问最多等多少秒；超过就断开，稍后再试。",
        "Seconds that one question may take; then the line is cut and it is tried again later.",
        least=1,
        most=300,
    )
    assistant_daily_tokens: int = _row(
        "integer",
        200000,
        "全公司每天最多用多少 token；用完当天不再提问。",
        "Most tokens that the whole company uses in a day; nothing more is asked that day.",
        least=1,
        most=1000000000,
    )
    assistant_price: int = _row(
        "integer",
        0,
        "每 1000 个 token 的价格，单位是百分之一分（每千 token 0.002 元填 20），用来算费用。",
        "Price of 1,000 tokens in hundredths of a 分 (¥0.002 per 1,000 is 20), to show the cost.",
        least=0,
        most=10000000,
    )
    alert_mail: str = _row(
        "text",
        "",
        "来件告警发到这个邮箱：渠道没有来件或来件激增时一封，恢复时一封。",
        "Alerts of volume go to this address: one mail when a channel falls silent or floods, one "
        "when it is over.",
        when_empty=("不发邮件", "no mail is sent"),
    )
    quiet_hours: str = _row(
        "text",
        "22:00-08:00",
        "免打扰时段：自动短信等会响铃的消息等到时段结束再发；坐席写的答复照发。留空表示没有。",
        "Quiet hours: messages that ring (SMS) and that nobody wrote wait until they are over; "
        "what a person writes goes at once. Empty: none.",
    )
    kiosk_per_minute: int = _row(
        "integer",
        6,
        "一台取号机（一个柜台地址）一分钟最多发几个号；再多请客户稍等，防止乱按和恶意取号。",
        "Most queue numbers that one kiosk (the address of one counter) gives in a minute; more "
        "are asked to wait.",
        least=1,
        most=1000,
    )
    forms_per_hour: int = _row(
        "integer",
        300,
        "同一网络地址一小时最多提交几件网页投诉（含在线客服留言）；0 表示不限。"
        "很多手机用户会共用一个地址，不要设得太小。",
        "Complaints that one network address may send by the forms (of the chat, too) in an hour; "
        "0: no limit. Many telephones share one address: do not set it low.",
        least=0,
        most=1000000,
    )
    wrong_logins_per_hour: int = _row(
        "integer",
        200,
        "同一网络地址一小时最多输错几次密码，不论用户名；0 表示不限。",
        "Wrong passwords that one network address may try in an hour, whatever the name; 0: no "
        "limit.",
        least=0,
        most=1000000,
    )
    push_hosts: str = _row(
        "text",
        "fcm.googleapis.com,updates.push.services.mozilla.com,*.notify.windows.com,"
        "*.push.apple.com",
        "网页推送可以发往哪些推送服务（主机名，逗号分隔，* 代表任意子域）；留空表示不用网页推送。",
        "Push services that notices to telephones may go to (host names separated by commas, * for "
        "any part in front). Empty: no notices.",
        when_empty=("不用网页推送", "no notices to telephones"),
    )
    session_hours: int = _row(
        "integer",
        12,
        "坐席登录后多少小时不操作就要重新登录。",
        "Hours without use after which staff log in again.",
        least=1,
        most=720,
    )
    login_attempts: int = _row(
        "integer",
        5,
        "连续输错密码多少次后锁定。",
        "Wrong passwords in a row that lock the login.",
        least=3,
        most=100,
    )
    login_lock_minutes: int = _row(
        "integer",
        15,
        "锁定多少分钟。",
        "Minutes the login stays locked.",
        least=1,
        most=1440,
    )
    learn_least: int = _row(
        "integer",
        30,
        "至少有多少条可用的更正才训练新的分类模型。",
        "Usable corrections from which on a new triage model is trained.",
        least=5,
        most=100000,
    )
    learn_person_percent: int = _row(
        "integer",
        40,
        "训练所用的更正中，同一个人至多占百分之几。",
        "Percent of the corrections learned from that one person may give at most.",
        least=1,
        most=100,
    )
    learn_margin_percent: int = _row(
        "integer",
        1,
        "新模型在出厂例句上至多允许下降几个百分点。",
        "Points a new model may lose at most on the shipped examples.",
        least=0,
        most=20,
    )
    learn_hour: int = _row(
        "integer",
        3,
        "每天几点（规程的时区）训练。",
        "Hour of the day (in the playbook's time zone) at which the nightly training runs.",
        least=0,
        most=23,
    )
    retention_years: int = _row(
        "integer",
        3,
        "投诉办结后保留多少年。",
        "Years a complaint is kept after it was closed.",
        least=1,
        most=30,
    )

    @property
    def database_url(self) -> str:
        """The database address, with the SQLite file of the data folder where none is set."""
        return self.database or f"sqlite:///{quote(str(self.data / 'huiyin.sqlite3'))}"

    @property
    def site_url(self) -> str:
        """The public address without a slash at its end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}"


TABLE: tuple[Setting, ...] = tuple(
    Setting(name=each.name, **each.metadata["row"]) for each in fields(Settings)
)


def load(*, environ: Mapping[str, str]) -> Settings:
    """Read and check every setting from environment variables.

    An empty variable counts as not set. Raises CannotStart with every problem found: variables
    that cannot be read, that contradict each other, and misspelt names.
    """
    problems: list[str] = []
    values: dict[str, Any] = {}
    for row in TABLE:
        text = environ.get(row.variable, "").strip()
        try:
            values[row.name] = _read(row=row, text=text or str(row.default))
        except ValueError as error:
            shown = "(hidden)" if row.secret else repr(text)
            problems.append(f"{row.variable} is {shown}: {error}")
    problems += _misspelt(environ=environ)
    unread = {row.name for row in TABLE} - values.keys()
    problems += _contradictions(values=values | dict.fromkeys(unread))
    if problems:
        raise CannotStart(problems=tuple(problems))
    return Settings(**values)


def _read(*, row: Setting, text: str) -> Any:
    """Turn the text of one setting into its value; ValueError says what is expected."""
    if row.kind == "integer":
        return _integer(row=row, text=text)
    if row.kind == "choice":
        if text.lower() not in row.choices:
            raise ValueError(f"set it to one of {', '.join(row.choices)}")
        return text.lower()
    return _READERS[row.kind](text)


def _integer(*, row: Setting, text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,12}", text):
        raise ValueError(f"set it to a whole number{_bounds(row=row)}")
    number = int(text)
    too_small = row.least is not None and number < row.least
    if too_small or (row.most is not None and number > row.most):
        raise ValueError(f"set it to a whole number{_bounds(row=row)}")
    return number


def _bounds(*, row: Setting) -> str:
    return "" if row.least is None else f" from {row.least} to {row.most}"


def _flag(text: str) -> bool:
    word = text.lower()
    if word in {"true", "yes", "on", "1"}:
        return True
    if word in {"false", "no", "off", "0"}:
        return False
    raise ValueError("set it to true or false")


def _folder(text: str) -> Path:
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError("the home folder is not known; give an absolute path") from error
    return path.absolute()


def _url(text: str) -> str:
    if not text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("set it to an address such as https://service.example.com")
    if parts.query or parts.fragment or parts.username or parts.path.strip("/"):
        raise ValueError("leave out path, query and login: only https://host[:port]")
    _ = parts.port  # raises ValueError when it is no port
    return text


def _service(text: str) -> str:
    if not text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("set it to an address such as https://model.example.com/v1")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("leave out query and login: only https://host[:port]/path")
    _ = parts.port  # raises ValueError when it is no port
    return text


def _database(text: str) -> str:
    if text:
        read_database_url(url=text)
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("set it to a time zone such as Asia/Shanghai") from error
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,\s]+", text) if part)


def _networks(text: str) -> tuple[str, ...]:
    for part in _names(text):
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError as error:
            raise ValueError(f"{part} is neither an address nor a network") from error
    return _names(text)


_READERS: dict[Kind, Callable[[str], Any]] = {
    "text": str,
    "flag": _flag,
    "folder": _folder,
    "url": _url,
    "service": _service,
    "database": _database,
    "zone": _zone,
    "names": _names,
    "networks": _networks,
}


def _misspelt(*, environ: Mapping[str, str]) -> list[str]:
    """Name variables that look like a setting and are none.

    Only near misses count: container platforms set variables of their own under the same prefix.
    """
    return [
        f"{variable} is not a setting: did you mean {near}?"
        for variable in _unknown(environ=environ)
        if (near := _nearest(variable=variable, least=_NEAR))
    ]


def strangers(*, environ: Mapping[str, str]) -> list[str]:
    """Tell of variables that are no setting and will be passed over, with the nearest name.

    What a container platform sets for a service of ours is no mistake.
    """
    return [
        f"{variable} is not a setting and does nothing; the nearest is {near}\n"
        f"没有 {variable} 这项设置，不起作用；最接近的是 {near}"
        for variable in _unknown(environ=environ)
        if not _PLATFORM.search(variable) and (near := _nearest(variable=variable, least=0.0))
    ]


def _unknown(*, environ: Mapping[str, str]) -> list[str]:
    known = {row.variable for row in TABLE}
    return [v for v in sorted(environ) if v.startswith(PREFIX) and v not in known]


def _nearest(*, variable: str, least: float) -> str:
    known = [row.variable.removeprefix(PREFIX) for row in TABLE]
    name = variable.removeprefix(PREFIX).upper()
    near = difflib.get_close_matches(name, known, n=1, cutoff=least)
    return PREFIX + near[0] if near else ""


def _contradictions(*, values: Mapping[str, Any]) -> list[str]:
    """Name settings that do not fit together; a setting that could not be read is None."""
    found = []
    for one, other in (("imap_host", "imap_user"), ("imap_host", "imap_password")):
        if values[one] and values[other] == "":
            found.append(f"{_variable(other)} is empty: {_variable(one)} is set and needs it")
    try:
        quiet_of(text=values["quiet_hours"] or "", zone=ZoneInfo("UTC"))
    except CannotReadQuiet:
        found.append(f"{_variable('quiet_hours')} is not written like 22:00-08:00")
    if values["smtp_host"] and values["smtp_from"] == "":
        found.append(
            f"{_variable('smtp_from')} is empty: {_variable('smtp_host')} is set and mail needs a "
            "sender address"
        )
    if values["mail_bounce_to"] and not re.fullmatch(
        r"[^@\s*]*\*[^@\s*]*@[^@\s*]+", values["mail_bounce_to"]
    ):
        found.append(
            f"{_variable('mail_bounce_to')} needs one * before the @, as in care+b*@example.com"
        )
    if values["assistant_url"] and values["assistant_model"] == "":
        found.append(
            f"{_variable('assistant_model')} is empty: {_variable('assistant_url')} is set and "
            "needs the name of a model"
        )
    if values["secret_key"] and len(values["secret_key"]) < 32:
        found.append(
            f"{_variable('secret_key')} is too short: use 32 random characters or more, or leave "
            "it empty and one is made"
        )
    if values["debug"] and str(values["public_url"] or "").startswith("https://"):
        found.append(
            f"{_variable('debug')} is on for {values['public_url']}: detailed error pages show "
            "personal data; turn it off"
        )
    return found


def _variable(name: str) -> str:
    return PREFIX + name.upper()
