// The start budget of each page, gzip -9: what is downloaded before anything is shown.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist", import.meta.url).pathname;
const pages = {
  "index.html": { html: 4_096, js: 60_000, css: 12_000 },
  "host.html": { html: 4_096, js: 70_000, css: 12_000 },
};

const faults = Object.entries(pages).flatMap(([page, budget]) => check(page, budget));
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exitCode = 1;
}

function check(page, budget) {
  const html = readFileSync(join(dist, page), "utf8");
  const assets = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(js|css))"/g)];
  const size = { html: gzip(html), js: 0, css: 0 };
  for (const [, path, kind] of assets) size[kind] += gzip(readFileSync(join(dist, path)));

  const found = [];
  for (const [kind, bytes] of Object.entries(size)) {
    console.log(`${page.padEnd(11)}${kind.padEnd(5)}${String(bytes).padStart(7)} of ${budget[kind]} bytes gzip`);
    if (bytes > budget[kind] || bytes === 0) found.push(`${page}, ${kind}: ${bytes} bytes, allowed 1–${budget[kind]}`);
  }
  if (/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|data:/.test(html))
    found.push(`${page}: inline script, style or data: URL`);
  for (const [, path, kind] of assets)
    if (kind === "css" && /url\(\s*["']?data:/.test(readFileSync(join(dist, path), "utf8")))
      found.push(`${path}: data: URL`);
  return found;
}

function gzip(content) {
  return gzipSync(content, { level: 9 }).length;
}
