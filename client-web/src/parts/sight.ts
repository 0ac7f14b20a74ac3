// A text counts as delivered once it is in front of somebody: the page is looked at, and enough of the bubble lies inside
// its log and inside the window. Behind another chat, or above what is scrolled to, it is not.
import type { Text } from './talk';

const enough = 0.5; // of the bubble, or of the log if the bubble is taller

export function inSight(texts: Text[], within: ParentNode): Text[] {
  if (document.visibilityState !== 'visible') return [];
  return texts.filter(({ key }) => {
    const bubble = within.querySelector<HTMLElement>(`.log [data-key="${key}"]`);
    const log = bubble?.closest('.log');
    if (bubble === null || log === null || log === undefined) return false;
    const [text, frame] = [bubble.getBoundingClientRect(), log.getBoundingClientRect()];
    const height = overlap(text.top, text.bottom, Math.max(frame.top, 0), Math.min(frame.bottom, innerHeight));
    const width = overlap(text.left, text.right, Math.max(frame.left, 0), Math.min(frame.right, innerWidth));
    return height >= enough * Math.min(text.height, frame.height) && width >= enough * text.width && width > 0;
  });
}

function overlap(from: number, to: number, low: number, high: number): number {
  return Math.min(to, high) - Math.max(from, low);
}

// Calls `look` whenever what is in sight may have changed without being drawn anew.
export function watchSight(look: () => void) {
  document.addEventListener('visibilitychange', look);
  document.addEventListener('scroll', look, { capture: true, passive: true });
  window.addEventListener('resize', look);
}
