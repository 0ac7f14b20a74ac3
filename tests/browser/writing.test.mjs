// Enter chooses a word while Japanese is composed, and never sends then; and what is typed is kept from other ears.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Scene } from './scene.mjs';
import { stepsOf } from './steps.mjs';

// What an input method does in Chromium: the composition, then the key that ends it, told with the code 229.
async function compose(page, text) {
  const input = await page.context().newCDPSession(page);
  await input.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  const enter = { key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
  await input.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
  await input.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  return input;
}

test('writing', async (t) => {
  const step = stepsOf(t);
  const scene = await Scene.open(t);
  // At a desk, where Enter sends.
  const { survivor, counselor, seat } = await scene.talk({ width: 1280, height: 800, touch: false });
  const sides = [
    { name: 'survivor', word: '日本語', person: survivor, page: survivor.page, within: survivor.page },
    { name: 'counselor', word: '相談', person: counselor, page: counselor.page, within: seat },
  ];

  for (const { name, word, person, page, within } of sides) {
    const field = within.getByLabel(person.texts.talk.message, { exact: true });
    await step(`Enter does not send what the ${name} composes, and sends what is composed`, async () => {
      await field.focus();
      const input = await compose(page, 'にほんご');
      // Enter as pages see it while a composition goes on; and as Safari tells it, after the composition has ended.
      await field.evaluate((at) => {
        const enter = { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true };
        at.dispatchEvent(new KeyboardEvent('keydown', { ...enter, isComposing: true }));
        at.dispatchEvent(new KeyboardEvent('keydown', { ...enter, keyCode: 229 }));
      });
      await input.send('Input.insertText', { text: word });
      assert.equal(await field.inputValue(), word);
      assert.equal(await within.locator('.bubble', { hasText: word }).count(), 0);
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.type('2');
      assert.equal(await field.inputValue(), `${word}\n2`);
      await page.keyboard.press('Enter');
      assert.equal(await field.inputValue(), '');
      await within.locator('.said.ours', { hasText: word }).locator('[data-now=delivered]').waitFor();
    });

    await step(`no browser helps the ${name} to remember what was typed`, async () => {
      assert.equal(await field.getAttribute('autocomplete'), 'off');
      assert.equal(await field.getAttribute('spellcheck'), 'false');
    });
  }

  await step('on a phone Enter makes a new line, and the button sends', async () => {
    const { survivor: other } = await scene.talk();
    const field = other.page.getByLabel(other.texts.talk.message, { exact: true });
    await field.focus();
    await other.page.keyboard.type('a');
    await other.page.keyboard.press('Enter');
    await other.page.keyboard.type('b');
    assert.equal(await field.inputValue(), 'a\nb');
    await other.button(other.texts.talk.send).click();
    await other.saidIs('a', 'delivered');
  });

  await step('what is too long is said so before it is sent, and stays in the field', async () => {
    const long = 'あ'.repeat(17_976); // three bytes each; 53,927 fit
    await survivor.say(long);
    await survivor.page.getByText(survivor.texts.talk.too_long_now).waitFor();
    assert.equal(await survivor.page.getByLabel(survivor.texts.talk.message, { exact: true }).inputValue(), long);
    const fits = long.slice(0, 17_975);
    await survivor.say(fits);
    await survivor.saidIs('あああ', 'delivered');
    assert.ok((await seat.locator('.bubble').allTextContents()).includes(fits));
  });

  await step('the browsers had nothing to complain of', () => assert.deepEqual(scene.problems(), []));
});
