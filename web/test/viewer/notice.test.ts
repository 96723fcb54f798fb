import { describe, expect, it } from "vitest";
import { readShop } from "../../src/viewer/shop/notice";

const read = (type: `app.${string}`, data: Record<string, unknown>) => readShop({ type, id: "1", at: 1, data });

describe("what the shop shows", () => {
  it("is a product with its price in its currency", () => {
    const shown = read("app.product", { title: "Oolong", price: 12.5, currency: "EUR", url: "https://shop.example/1" });
    expect(shown?.product).toMatchObject({ title: "Oolong", url: "https://shop.example/1" });
    expect(shown?.product?.price).toMatch(/12[.,]50/);
  });

  it.each([
    [{ price: "¥20" }, "¥20"],
    [{ price: 20 }, "20"],
    [{ price: 20, currency: "no such" }, "20"],
    [{ price: Number.NaN, currency: "EUR" }, ""],
    [{}, ""],
  ])("has a price from %j", (data, price) => {
    expect(read("app.product", { title: "x", ...data })?.product?.price).toBe(price);
  });

  it.each(["javascript:alert(1)", "http://shop.example", "data:text/html,x", "//shop.example", 5, null])(
    "has no address in %j",
    (url) => {
      expect(read("app.product", { title: "x", url, image: url })?.product).toMatchObject({ url: null, image: null });
    },
  );

  it("is an order, by name where the shop says it", () => {
    expect(read("app.order", { title: "Cup", user: { name: "Bo" }, count: 2 })?.notice).toEqual({
      what: "order",
      name: "Bo",
      title: "Cup",
      count: 2,
    });
    expect(read("app.order", { title: "Cup", count: -1 })?.notice).toMatchObject({ name: "", count: 1 });
  });

  it("is any other news with a text, cut to its bound", () => {
    expect(read("app.news.sale", { text: "x".repeat(500) })?.notice?.title).toHaveLength(120);
  });

  it("is nothing where there is nothing to read", () => {
    expect([read("app.product", {}), read("app.order", { title: 5 }), read("app.x", { title: " " })]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
