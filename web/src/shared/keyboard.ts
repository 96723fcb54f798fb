/** The height of an on-screen keyboard where the browser lays it over the page instead of making the page smaller. */
export function watchKeyboard(): void {
  const view = window.visualViewport;
  if (!view) return;
  const measure = () => {
    const covered = view.scale === 1 ? Math.max(0, window.innerHeight - view.height - view.offsetTop) : 0;
    document.documentElement.style.setProperty("--keyboard", `${Math.round(covered)}px`);
  };
  view.addEventListener("resize", measure);
  view.addEventListener("scroll", measure);
}
