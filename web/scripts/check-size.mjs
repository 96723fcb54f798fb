// The start budget of each page, gzip -9: what a viewer downloads before the first danmaku can fly.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist", import.meta.url).pathname;
const budget = { html: 4_096, js: 60_000, css: 12_000 };

const html = readFileSync(join(dist, "index.html"), "utf8");
const assets = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(js|css))"/g)];
const size = { html: gzip(html), js: 0, css: 0 };
for (const [, path, kind] of assets) size[kind] += gzip(readFileSync(join(dist, path)));

const faults = [];
for (const [kind, bytes] of Object.entries(size)) {
  console.log(`${kind.padEnd(5)}${String(bytes).padStart(7)} of ${budget[kind]} bytes gzip`);
  if (bytes > budget[kind] || bytes === 0) faults.push(`${kind}: ${bytes} bytes, allowed 1–${budget[kind]}`);
}
if (/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|data:/.test(html))
  faults.push("index.html: inline script, style or data: URL");
for (const [, path, kind] of assets)
  if (kind === "css" && /url\(\s*["']?data:/.test(readFileSync(join(dist, path), "utf8")))
    faults.push(`${path}: data: URL`);

if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exitCode = 1;
}

function gzip(content) {
  return gzipSync(content, { level: 9 }).length;
}
