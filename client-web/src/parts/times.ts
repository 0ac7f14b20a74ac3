// Times as a person says them, in the centre's time zone or on the device's own clock.
import type { Chosen } from './locale';

// Unix seconds -> "12月1日(火) 9:30", or "今日 9:30" with the word for today.
export function centreTime(at: number, now: number, zone: string, language: Chosen, today: string): string {
  const date = new Date(at * 1000);
  const part = (options: Intl.DateTimeFormatOptions, of = date) =>
    new Intl.DateTimeFormat(language, { timeZone: zone, ...options }).format(of);
  const day: Intl.DateTimeFormatOptions = { month: 'long', day: 'numeric', weekday: 'short' };
  const time = part({ hour: 'numeric', minute: '2-digit', hour12: false });
  const on = part(day) === part(day, new Date(now * 1000)) ? today : part(day);
  return `${on} ${time}`;
}

// Unix seconds -> "12月1日(火)"
export function day(at: number, language: Chosen): string {
  return new Intl.DateTimeFormat(language, { month: 'long', day: 'numeric', weekday: 'short' }).format(new Date(at * 1000));
}

export function clockTime(at: Date, language: Chosen): string {
  return new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit', hour12: false }).format(at);
}

export function minutes(seconds: number): number {
  return Math.floor(seconds / 60);
}
