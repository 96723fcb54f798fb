import { expect, it } from "vitest";
import { roleIn } from "../../src/shared/role";

const token = (claims: object) => `x.${btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_")}.y`;

it.each([
  [{ roles: { demo: "host" } }, "host"],
  [{ roles: { "*": "moderator" } }, "moderator"],
  [{ roles: { other: "host" } }, null],
  [{ roles: { demo: "emperor" } }, null],
  [{}, null],
])("reads %j as %j", (claims, role) => {
  expect(roleIn(token(claims), "demo")).toBe(role);
});

it.each(["", "x", "a.b.c", "a.e30"])("knows nothing of %j", (text) => {
  expect(roleIn(text, "demo")).toBeNull();
});
