// The languages of the pages. All text that a person reads is in client-web/locales; TypeScript holds the files to the
// same keys.
import type { Language } from 'bridge';

export type Chosen = 'ja' | 'en';
export const languages: readonly Chosen[] = ['ja', 'en'];

// The first language of the browser's own list that there is.
export function preferred(): Chosen {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag): tag is Chosen => languages.includes(tag as Chosen)) ?? 'ja';
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export type Counted = { one: string; other: string };

export function count(of: Counted, number: number, language: Chosen): string {
  const form = new Intl.PluralRules(language).select(number) === 'one' ? of.one : of.other;
  return fill(form, { count: number });
}

// Of a text that a person wrote: how the core names it, and how HTML does.
export function htmlLanguage(of: Language): string | undefined {
  if (of === 'unknown') return undefined;
  return of === 'ja_easy' ? 'ja' : of;
}
