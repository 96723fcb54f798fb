/** Picks the form of a word for a number and puts the number in place of `#`. */
export function pluralOf(lang: string): (count: number, forms: { one?: string; other: string }) => string {
  const rules = new Intl.PluralRules(lang);
  const numbers = new Intl.NumberFormat(lang);
  return (count, forms) => {
    const form = rules.select(count) === "one" && forms.one !== undefined ? forms.one : forms.other;
    return form.replace("#", numbers.format(count));
  };
}
