import { defineConfig } from "vitest/config";
import { leaveOut } from "./scripts/leave-out";
import { betweenPages, ownStart, sharedStart } from "./scripts/start-chunks";

/** Where `npm run dev` finds the server; the built pages are always served by it. */
const server = "http://127.0.0.1:8000";

/** The pages speak by WebSocket alone, with plain channels and whole messages. */
const unused = [
  ...["SockjsTransport", "HttpStreamTransport", "SseTransport", "WebtransportTransport"],
  ...["MapSubscription", "SharedPollSubscription", "applyDelta"],
];

export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [leaveOut("**/centrifuge/build/index.mjs", unused)],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
    modulePreload: { polyfill: false }, // not needed at this target, and it would be inline
    rolldownOptions: {
      input: { viewer: "index.html", host: "host.html", ops: "ops.html" },
      output: {
        codeSplitting: {
          groups: [{ name: sharedStart, priority: 2 }, { name: betweenPages, priority: 1 }, { name: ownStart }],
        },
      },
    },
  },
  server: {
    proxy: {
      "/connection": { target: server, ws: true },
      "/dev": server,
      "/metrics": server,
      "/readyz": server,
    },
  },
  test: { include: ["test/**/*.test.ts"], environment: "node", silent: "passed-only" },
});
