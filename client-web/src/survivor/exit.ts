// The way out: the screen is covered at once, before any network; then the connection ends, and another page takes this
// one's place in the history.
import { clear } from '../parts/storage';

// A button that loses its meaning under stress is none: Shift three times does the same. Up to 5 s between presses; any
// other key begins anew, and Shift held for a capital letter does not count.
const pause_ms = 5_000;
const presses = 3;

export function watchShift(leave: () => void) {
  let count = 0;
  let last = 0;
  let alone = false; // Shift is down and no other key was
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'Shift') count = 0;
    alone = event.key === 'Shift';
  });
  window.addEventListener('keyup', (event) => {
    if (event.key !== 'Shift' || !alone) return;
    alone = false;
    count = event.timeStamp - last > pause_ms ? 1 : count + 1;
    last = event.timeStamp;
    if (count >= presses) leave();
  });
}

// Nothing readable is left in the document, neither on the screen nor for whoever looks into it later.
export function cover() {
  for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')) field.value = '';
  document.body.replaceChildren();
  document.title = '';
  clear();
}
