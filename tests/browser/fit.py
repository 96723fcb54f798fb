"""How a page sits in its window: nothing sideways, nothing too small to read or to hit."""

from playwright.async_api import Page

SMALLEST_TEXT_PX = 12
SMALLEST_TARGET_PX = 24
LARGE_TARGET_PX = 44
LARGE = ("checkin", "send", "cue-said", "cue-shout", "cue-later", "cue-skip", "shout-send")
"""The hooks of what must be hit without aiming: check-in, sending, and the answers to a cue."""

MISFITS = """([small, target, large, hooks]) => {
  const bad = [];
  const name = (one) => `${one.tagName.toLowerCase()}.${one.className} "${(one.textContent ?? '').slice(0, 30)}"`;
  const hidden = (one) =>
    !one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
    one.closest('.unseen, .skips, [inert], [aria-hidden=true]');
  const box = (one) => one.getBoundingClientRect();

  // Nothing sideways.
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) bad.push(`the page is ${page.scrollWidth} px wide in a window of ${innerWidth}`);
  for (const one of document.querySelectorAll('#app *')) {
    const style = getComputedStyle(one);
    if (!['auto', 'scroll'].includes(style.overflowX) || hidden(one)) continue;
    if (one.scrollWidth > one.clientWidth + 1 && !one.closest('table, [data-scrolls]'))
      bad.push(`${name(one)} scrolls sideways: ${one.scrollWidth} > ${one.clientWidth}`);
  }

  // No text too small.
  const texts = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || seen.has(one) || hidden(one)) continue;
    seen.add(one);
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (size < small) bad.push(`${name(one)} is written in ${size} px`);
  }

  // Nothing too small to hit: 24 px, or at least so far from its neighbours (WCAG 2.5.8), and 44 px where it matters.
  const targets = [...document.querySelectorAll('button, a[href], input, select, textarea, summary, [role=radio]')]
    .filter((one) => !hidden(one) && !one.closest('p, bdi'))
    .map((one) => {
      const label = one.closest('label') ?? (one.id && document.querySelector(`label[for="${CSS.escape(one.id)}"]`));
      const [own, all] = [box(one), label ? box(label) : box(one)];
      return { one, width: Math.max(own.width, all.width), height: Math.max(own.height, all.height), own };
    })
    .filter(({ width, height }) => width > 0 && height > 0);
  for (const { one, width, height } of targets) {
    const least = hooks.includes(one.dataset.testid) ? large : target;
    if (Math.min(width, height) < least - 0.5)
      bad.push(`${name(one)} is ${width.toFixed(0)}×${height.toFixed(0)} px, less than ${least}`);
  }
  return bad;
}"""

COVERED = """() => {
  const reach = 'button:not(:disabled), a[href], input, select, textarea';
  return [...document.querySelectorAll(reach)].filter((one) => {
    if (!one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    if (one.closest('.unseen, .skips, [inert], [aria-hidden=true]') || one.matches('.unseen')) return false;
    if (document.querySelector('dialog:modal') && !one.closest('dialog')) return false;
    const { left, right, top, bottom, width, height } = one.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    if (width < 2 || height < 2 || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
    for (let up = one.parentElement; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowY === 'visible' && style.overflowX === 'visible') continue;
      const view = up.getBoundingClientRect();
      if (x < view.left || x > view.right || y < view.top || y > view.bottom) return false; // scrolled out of sight
    }
    const top_ = document.elementFromPoint(x, y);
    if (top_?.closest('.pen')) return false; // it lies over the page until it is closed
    return top_ && !one.contains(top_) && !top_.contains(one) && top_.closest('label')?.control !== one;
  }).map((one) => `${one.tagName}.${one.className} "${one.textContent.slice(0, 30)}" lies under ` +
    (({ left, right, top, bottom }) => document.elementFromPoint((left + right) / 2, (top + bottom) / 2))(
      one.getBoundingClientRect()).className);
}"""


CUT = """() => {
  const outside = (one) => {
    const box = one.getBoundingClientRect();
    const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (!texts.currentNode.data.trim() || texts.currentNode.parentElement.closest('.unseen')) continue;
      const range = new Range();
      range.selectNodeContents(texts.currentNode);
      const { left, right, top, bottom, width } = range.getBoundingClientRect();
      if (width && (left < box.left - 1 || right > box.right + 1 || top < box.top - 4 || bottom > box.bottom + 4))
        return true;
    }
    return false;
  };
  return [...document.querySelectorAll('button, h1, h2, h3, label, [role=tab]')]
    .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((one) => !one.closest('.unseen, [aria-hidden=true], .title') && !one.querySelector('.name'))
    .filter(outside)
    .map((one) => `${one.tagName}.${one.className} "${one.textContent.slice(0, 40)}" is cut`);
}"""

SPACED = """() => {
  const sheet = new CSSStyleSheet();
  const spacing = { 'letter-spacing': '0.12em', 'word-spacing': '0.16em', 'line-height': 1.5 };
  const rules = Object.entries(spacing).map(([name, value]) => `${name}: ${value} !important`);
  sheet.replaceSync(`* { ${rules.join('; ')} }`);
  document.adoptedStyleSheets = [sheet];
}"""
"""The spacing that readers may choose (WCAG 1.4.12)."""

CLOSE = "() => { document.adoptedStyleSheets = []; }"

LONGER = """() => {
  const texts = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    if (!/[a-z]{3}/i.test(data) || parentElement.closest('.chat-row, .row, .danmaku, .title, svg')) continue;
    const words = data.split(' ');
    texts.currentNode.data = [...words, ...words.slice(0, Math.ceil(words.length * 0.4))].join(' ');
  }
}"""
"""The page's own words, four tenths longer, as in a language of long words."""


async def cut(page: Page) -> list[str]:
    """Controls and headings whose words do not fit into them."""
    found: list[str] = await page.evaluate(CUT)
    return found


async def misfits(page: Page) -> list[str]:
    """What does not fit: parts that scroll sideways, text below 12 px, targets below 24 or 44 px, covered controls."""
    wanted = [SMALLEST_TEXT_PX, SMALLEST_TARGET_PX, LARGE_TARGET_PX, list(LARGE)]
    found: list[str] = await page.evaluate(MISFITS, wanted)
    covered: list[str] = await page.evaluate(COVERED)
    return found + covered
