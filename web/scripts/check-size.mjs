// The budgets of the pages, gzip -9: what each downloads at its start, and each part that it loads later.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist", import.meta.url).pathname;
const pages = {
  "index.html": { html: 4_096, js: 60_000, css: 12_000 },
  "host.html": { html: 4_096, js: 70_000, css: 12_000 },
  "ops.html": { html: 4_096, js: 50_000, css: 4_000 },
};
const part = 10_240;

const faults = [];
const started = new Set();

for (const [page, budget] of Object.entries(pages)) {
  const html = readFileSync(join(dist, page), "utf8");
  const assets = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(js|css))"/g)];
  const size = { html: gzip(html), js: 0, css: 0 };
  for (const [, path, kind] of assets) {
    size[kind] += gzip(readFileSync(join(dist, path)));
    started.add(path);
  }
  for (const [kind, bytes] of Object.entries(size)) hold(`${page} ${kind}`, bytes, budget[kind]);
  if (/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|data:/.test(html))
    faults.push(`${page}: inline script, style or data: URL`);
}

for (const name of readdirSync(join(dist, "assets"))) {
  const content = readFileSync(join(dist, "assets", name));
  if (/\.(js|css)$/.test(name) && !started.has(`assets/${name}`)) hold(name, gzip(content), part);
  if (name.endsWith(".css") && /url\(\s*["']?data:/.test(content.toString())) faults.push(`${name}: data: URL`);
}

if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exitCode = 1;
}

function hold(what, bytes, most) {
  console.log(`${what.padEnd(28)}${String(bytes).padStart(7)} of ${most} bytes gzip`);
  if (bytes > most || bytes === 0) faults.push(`${what}: ${bytes} bytes, allowed 1–${most}`);
}

function gzip(content) {
  return gzipSync(content, { level: 9 }).length;
}
