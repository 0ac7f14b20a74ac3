// axe on every screen, in light and dark, in Japanese and English; and no screen is wider than the smallest phone.
import assert from 'node:assert/strict';
import test from 'node:test';
import { accessible } from './axe.mjs';
import { tour } from './tour.mjs';

// What cannot be reached without scrolling sideways; what is too small for a thumb.
function measure(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    const small = [...document.querySelectorAll('button, a[href], input, select')]
      .filter((each) => each.offsetParent !== null && Math.min(each.offsetHeight, each.offsetWidth) < 20)
      .map((each) => each.outerHTML.slice(0, 80));
    const exit = document.querySelector('.exit-bar .exit')?.getBoundingClientRect();
    return { overflow: root.scrollWidth - root.clientWidth, small, exit: exit && { height: exit.height, bottom: innerHeight - exit.bottom } };
  });
}

for (const { language, dark } of [{ language: 'ja', dark: false }, { language: 'en', dark: true }]) {
  test(`screens in ${language}, ${dark ? 'dark' : 'light'}`, async (t) => {
    let count = 0;
    await tour(t, { language, dark, phone: { width: 320, height: 640 } }, async (name, page) => {
      count++;
      await t.test(name, async () => {
        await accessible(page);
        const { overflow, small, exit } = await measure(page);
        assert.ok(overflow <= 0, `${overflow} px too wide`);
        assert.deepEqual(small, []);
        if (name.startsWith('survivor')) {
          assert.ok(exit.height >= 44, `the exit is ${exit.height} px high`);
          assert.ok(exit.bottom >= 0 && exit.bottom < 60, `the exit is ${exit.bottom} px above the bottom`);
        }
      });
    });
    assert.ok(count > 20, `${count} screens`);
  });
}
