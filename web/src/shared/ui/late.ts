import { useEffect, useState } from "preact/hooks";

/** True once a state has lasted `ms`. */
export function useLate(state: string, ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [state, ms]);
  return late;
}
