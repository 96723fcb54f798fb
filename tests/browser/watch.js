// Runs in the page before its own scripts: notes what a viewer gets to see, and when, by the page's test hooks.
// A sighting is [ms since the page began, kind, detail, text]; of a danmaku the detail is its colour.
(() => {
  const MOST = 5000;
  const seen = [];
  window.sightings = () => seen;
  const note = (kind, detail, text) => {
    if (seen.length >= MOST) seen.splice(0, MOST / 2);
    seen.push([performance.now(), kind, detail, text]);
  };

  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`the page broke its own policy: ${event.violatedDirective}, ${event.blockedURI} ${event.sample}`);
  });

  const details = {
    danmaku: (node) => node.style.color,
    entrance: (node) => node.className,
    burst: (node) => node.textContent,
    shoutout: (node) => node.dataset.mine,
    receipt: () => '',
    called: () => '',
    connection: (node) => node.dataset.state,
    countdown: () => '',
    golive: (node) => node.dataset.state,
    uplink: (node) => node.dataset.level,
    picture: (node) => node.dataset.state,
    'chat-row': (node) => node.dataset.state ?? '',
    online: (node) => node.dataset.count,
  };

  function noteHook(node) {
    const kind = node.dataset?.testid;
    if (!(kind in details)) return;
    note(kind, details[kind](node), node.textContent);
    if (node.classList.contains('flight-held')) note('held-danmaku', details[kind](node), node.textContent);
  }

  function added(node) {
    if (!(node instanceof Element)) return;
    noteHook(node);
    const voice = node.parentElement?.id;
    if (voice === 'polite' || voice === 'assertive') note('spoken', voice, node.textContent);
    for (const inside of node.querySelectorAll('[data-testid]')) noteHook(inside);
    // The chip of check-ins stays while its number is replaced by a new one.
    const burst = node.parentElement?.closest('[data-testid=burst]');
    if (burst) noteHook(burst);
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === 'attributes') noteHook(change.target);
      for (const node of change.addedNodes) added(node);
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-state', 'data-count', 'data-level'] });
})();
