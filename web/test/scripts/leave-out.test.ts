import { parseAst } from "vite";
import { expect, it } from "vitest";
import { without } from "../../scripts/leave-out";

const CODE = "class A { b() { return new C(); } }\nclass D extends A { e = 1; }\nfunction f(g) { return g; }\nnew D();";
const statements = parseAst(CODE).body as Parameters<typeof without>[1];

it("leaves the bodies of classes and functions out, and nothing else", () => {
  expect(without(CODE, statements, ["f", "A"])).toBe(
    "class A {}\nclass D extends A { e = 1; }\nfunction f(g) {}\nnew D();",
  );
});

it("says so when one of them is not there", () => {
  expect(() => without(CODE, statements, ["A", "Gone"])).toThrow("Gone is not there any more");
});
