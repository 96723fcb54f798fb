/** A switch, and a row of which one is chosen. */

export function Toggle({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <label class="choice">
      <span>{label}</span>
      <input type="checkbox" class="switch" checked={on} onChange={(event) => set(event.currentTarget.checked)} />
    </label>
  );
}

interface ChoiceProps<T extends string | number> {
  label: string;
  name: string;
  now: T;
  all: readonly T[];
  words: Record<T, string>;
  set: (value: T) => void;
}

export function Choice<T extends string | number>({ label, name, now, all, words: texts, set }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <span class="segments">
        {all.map((value) => (
          <label key={value} class="segment">
            <input type="radio" name={name} checked={value === now} onChange={() => set(value)} />
            <span>{texts[value]}</span>
          </label>
        ))}
      </span>
    </fieldset>
  );
}
