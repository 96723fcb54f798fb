/** The server's counters, read from the text format of Prometheus. */

export interface Sample {
  /** Its name with its labels: no other sample of a page has it. */
  key: string;
  /** Without what the server puts before all of its names. */
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Exposition {
  samples: Sample[];
  /** What a family counts, in the server's words. */
  help: Map<string, string>;
}

const OURS = "roomserver_";
const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const HELP = /^# HELP (\S+) (.*)$/;
/** Of a distribution its count is kept; its steps and its sum are for programs. */
const STEP = /_(bucket|sum)$/;

/** Reads a page; a line that cannot be read, or is none of the server's own, is left out. */
export function readExposition(text: string): Exposition {
  const found: Exposition = { samples: [], help: new Map() };
  for (const line of text.split("\n")) {
    const told = HELP.exec(line);
    if (told) found.help.set(own(told[1] ?? ""), plain(told[2] ?? ""));
    const sample = line.startsWith("#") ? null : readSample(line);
    if (sample) found.samples.push(sample);
  }
  return found;
}

function readSample(line: string): Sample | null {
  const [, name = "", written = "", number = ""] = SAMPLE.exec(line) ?? [];
  const value = number.endsWith("Inf") ? Number.POSITIVE_INFINITY : Number(number);
  if (!name.startsWith(OURS) || STEP.test(name) || number === "" || Number.isNaN(value)) return null;
  const pairs = [...written.matchAll(LABEL)].map(([, label = "", text = ""]) => [label, plain(text)] as const);
  const key = [own(name), ...pairs.map(([label, text]) => `${label}=${text}`)].join(" ");
  return { key, name: own(name), labels: Object.fromEntries(pairs), value };
}

function own(name: string): string {
  return name.startsWith(OURS) ? name.slice(OURS.length) : name;
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
}
