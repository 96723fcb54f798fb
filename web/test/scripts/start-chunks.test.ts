import { expect, it } from "vitest";
import { betweenPages, type ModuleGraph, ownStart, sharedStart } from "../../scripts/start-chunks";

/** Two pages; `panel` is loaded later by the first one, and uses what only the second one starts with. */
const IMPORTS: Record<string, { now: string[]; later?: string[] }> = {
  "/viewer.html": { now: ["stage", "ui"], later: ["panel"] },
  "/host.html": { now: ["cues", "ui", "notice"] },
  panel: { now: ["notice", "table"] },
  stage: { now: [] },
  cues: { now: [] },
  ui: { now: [] },
  notice: { now: [] },
  table: { now: [] },
};

const graph: ModuleGraph = {
  getModuleInfo: (id) => ({
    isEntry: id.endsWith(".html"),
    importers: Object.keys(IMPORTS).filter((one) => IMPORTS[one]?.now.includes(id)),
    dynamicImporters: Object.keys(IMPORTS).filter((one) => IMPORTS[one]?.later?.includes(id)),
  }),
};
const chunk = (id: string) => sharedStart(id, graph) ?? betweenPages(id, graph) ?? ownStart(id, graph);

it.each([
  ["stage", "viewer"],
  ["cues", "host"],
  ["ui", "shared"],
  ["panel", null],
  ["table", null],
])("%s goes into %s", (id, name) => {
  expect(chunk(id)).toBe(name);
});

it("a later part never pulls another page in", () => {
  expect(chunk("notice")).toBe("common");
});
