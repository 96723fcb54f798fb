// What the SDK brings and no page uses: ways to speak other than by WebSocket, and other kinds of channels. The bundler
// cannot know, since its client names them all; without their bodies it drops what only they need, too.

import type { Plugin } from "vite";

/** A statement of a module: enough of its syntax tree to find a class or a function by its name. */
interface Statement {
  type: string;
  id?: { name: string } | null;
  body?: unknown;
}

interface Place {
  start: number;
  end: number;
}

/** The code without what is in these classes and functions of its top level; throws when one of them is not there. */
export function without(code: string, statements: readonly Statement[], names: readonly string[]): string {
  const places = names.map((name) => {
    const found = statements.find((one) => one.id?.name === name);
    if (!found?.body) throw new Error(`${name} is not there any more: look at what the SDK brings now`);
    return found.body as Place;
  });
  return places
    .sort((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => `${rest.slice(0, start)}{}${rest.slice(end)}`, code);
}

/** Leaves these classes and functions of a package out of what is built. */
export function leaveOut(module: string, names: readonly string[]): Plugin {
  return {
    name: "leave-out",
    apply: "build",
    transform: {
      filter: { id: module },
      handler(code) {
        return { code: without(code, this.parse(code).body as readonly Statement[], names), map: null };
      },
    },
  };
}
