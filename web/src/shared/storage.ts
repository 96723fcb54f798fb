import { warn } from "./warn";

/** The browser's store of this name, or one in memory where it is forbidden. */
export function storage(name: "localStorage" | "sessionStorage"): Storage {
  try {
    const real = window[name];
    real.getItem("");
    return real;
  } catch (error) {
    warn(`${name} is not allowed`, error);
    return memoryStorage();
  }
}

function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}
