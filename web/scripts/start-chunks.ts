// Which chunk a module belongs to: all that a page needs at its start is one file, which compresses best and takes one
// request; what several pages need at their start is another; what is loaded later is left to the bundler.

export interface ModuleGraph {
  getModuleInfo(
    id: string,
  ): { isEntry: boolean; importers: readonly string[]; dynamicImporters: readonly string[] } | null;
}

/** What several pages start with. */
export function sharedStart(id: string, graph: ModuleGraph): string | null {
  return pagesOf(id, graph, false).length > 1 ? "shared" : null;
}

/** What one page starts with and another loads later: in the first one's own chunk it would start it in the second. */
export function betweenPages(id: string, graph: ModuleGraph): string | null {
  return pagesOf(id, graph, false).length === 1 && pagesOf(id, graph, true).length > 1 ? "common" : null;
}

/** What one page alone needs, and at its start: by the page's name. */
export function ownStart(id: string, graph: ModuleGraph): string | null {
  const [page] = pagesOf(id, graph, false);
  if (page === undefined || betweenPages(id, graph) !== null) return null;
  return /([^/]+)\.html$/.exec(page)?.[1] ?? null;
}

/** The pages that import a module, directly or not: at their start, or `later` too. */
function pagesOf(id: string, graph: ModuleGraph, later: boolean): string[] {
  const [seen, next, pages] = [new Set([id]), [id], new Set<string>()];
  for (let module = next.pop(); module !== undefined; module = next.pop()) {
    const info = graph.getModuleInfo(module);
    if (info?.isEntry) pages.add(module);
    for (const importer of [...(info?.importers ?? []), ...(later ? (info?.dynamicImporters ?? []) : [])])
      if (!seen.has(importer)) {
        seen.add(importer);
        next.push(importer);
      }
  }
  return [...pages];
}
