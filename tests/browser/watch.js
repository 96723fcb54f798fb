// Runs in the page before its own scripts: notes what a viewer gets to see, and when, by the page's test hooks.
// A sighting is [ms since the page began, kind, detail]; of a danmaku the detail is its colour.
(() => {
  const seen = [];
  window.sightings = () => seen;
  const note = (kind, detail = '') => seen.push([performance.now(), kind, detail]);

  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`the page broke its own policy: ${event.violatedDirective}, ${event.blockedURI} ${event.sample}`);
  });

  const details = {
    danmaku: (node) => node.style.color,
    entrance: (node) => node.className,
    burst: (node) => node.textContent,
    shoutout: (node) => node.textContent,
    connection: (node) => node.dataset.state,
    countdown: (node) => node.textContent,
    golive: (node) => node.dataset.state,
    picture: (node) => node.dataset.state,
    online: (node) => node.dataset.count,
  };

  function noteHook(node) {
    const kind = node.dataset?.testid;
    if (kind in details) note(kind, details[kind](node));
  }

  function added(node) {
    if (!(node instanceof Element)) return;
    noteHook(node);
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
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-state', 'data-count'] });
})();
