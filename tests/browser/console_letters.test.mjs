// Letters at the console: the keys on the device and in a file, reading, replying, and what a lost network or a burnt letter
// leaves of a reply. Survivors, and the second reader that a letter needs, are cores in Node (tests/wasm/people.mjs).
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Centre } from '../support/centre.mjs';
import { goOnDuty } from '../wasm/people.mjs';
import { accessible } from './axe.mjs';
import { Browser } from './browser.mjs';
import { Counselor } from './consulting.mjs';
import { fetchReplies, leaveLetter } from './letter_writer.mjs';
import { stepsOf } from './steps.mjs';

const put_inbox_key = 0x54;

test('letters at the console', async (t) => {
  const step = stepsOf(t);
  const at = await Centre.open();
  t.after(() => at.close());
  const browser = await Browser.open(at);
  t.after(() => browser.close());
  const colleague = goOnDuty(at, 'aoi');
  t.after(() => colleague.socket.cut());
  await colleague.sees('letters_changed');

  const counselor = new Counselor(await browser.desk());
  const { page } = counselor;
  const { staff } = counselor.texts;
  const waiting = page.locator('.letters-waiting');
  const panel = page.getByRole('region', { name: staff.letter, exact: true });
  const field = panel.getByLabel(staff.reply, { exact: true });
  const take = () => counselor.button(staff.letter_take).first().click();
  const waits = (number) => waiting.getByText(staff.letters_waiting.other.replace('{count}', String(number))).waitFor();
  const file = path.join(at.folder, 'tegami.key');

  await step('letter keys are on the device before the server hears of them', async () => {
    const told = []; // when the network carried a key
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
      if (Buffer.from(payload)[0] === put_inbox_key) told.push(Date.now());
    }));
    // A device that takes two seconds to keep them.
    await page.addInitScript(() => {
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function setItemSlowly(key, value) {
        if (key.startsWith('inbox.')) for (const until = Date.now() + 2_000; Date.now() < until; );
        setItem.call(this, key, value);
        if (key.startsWith('inbox.')) globalThis.keptAt = Date.now();
      };
    });
    await counselor.open(at);
    await counselor.signIn(at, 'sumire');
    await waiting.getByText(staff.letters_none).waitFor();
    await waiting.getByText(staff.keys_made_anew).waitFor();
    const keptAt = await page.evaluate(() => globalThis.keptAt);
    await leaveLetter(at, 'はじめての手紙'); // for which two people's keys have to be there
    assert.equal(told.length, 21);
    assert.ok(told.every((when) => when >= keptAt), `${keptAt - told[0]} ms too early`);
    const keys = await page.evaluate(() => Object.keys(localStorage));
    assert.ok(keys.length === 1 && /^inbox\.[0-9a-f]{64}$/.test(keys[0]), `${keys}`);
  });

  await step('says how many wait, and since when', async () => {
    await waits(1);
    await waiting.getByText(staff.letters_oldest.replace('{time}', `${staff.today} `).replace(/ \S*$/, '')).waitFor();
    await accessible(page);
  });

  await step('opens the oldest, in its own language', async () => {
    await take();
    const text = panel.locator('.letter-text');
    assert.equal(await text.textContent(), 'はじめての手紙');
    assert.equal(await text.getAttribute('lang'), 'ja');
    await waiting.getByText(staff.letters_none).waitFor();
    await accessible(page);
  });

  await step('says what is left of a reply’s room only near its end', async () => {
    const left = panel.getByText(staff.writing_left.split('{count}')[1]);
    await field.fill('短い返事');
    assert.equal(await left.count(), 0);
    await field.fill('あ'.repeat(2_700));
    await left.waitFor();
    await field.fill('あ'.repeat(2_719));
    await panel.getByText(staff.writing_too_long).waitFor();
    assert.ok(await counselor.button(staff.reply_review).isDisabled());
  });

  await step('Enter makes a new line, and a reply is looked at before it goes', async () => {
    await field.fill('お手紙、読みました。');
    await field.press('End');
    await field.press('Enter');
    await field.pressSequentially('ありがとうございます。');
    await counselor.button(staff.reply_review).click();
    await panel.getByText(staff.reply_ask).waitFor();
    assert.equal(await panel.locator('.letter-text.ours').textContent(), 'お手紙、読みました。\nありがとうございます。');
    await accessible(page);
    await page.keyboard.press('Escape'); // the focus is on the harmless answer
    await field.waitFor();
    assert.equal(await field.inputValue(), 'お手紙、読みました。\nありがとうございます。');
  });

  await step('a lost network gives the letter back and loses no word of the reply', async () => {
    browser.network.cut();
    await panel.getByText(staff.letter_lost).waitFor();
    await panel.getByText(staff.reply_left).waitFor();
    assert.ok((await panel.textContent()).includes('お手紙、読みました。\nありがとうございます。'));
    assert.ok(!(await page.content()).includes('はじめての手紙'));
    browser.network.restore();
    await waits(1);
    await accessible(page);
    await take();
    await panel.getByText('はじめての手紙').waitFor();
    assert.equal(await field.inputValue(), 'お手紙、読みました。\nありがとうございます。');
    await counselor.button(staff.reply_review).click();
    await counselor.button(staff.reply_send).click();
    await waiting.getByText(staff.letter_answered).waitFor();
    assert.equal(await panel.count(), 0);
  });

  await step('the reply is what the writer fetches', async () => {
    const keys = await leaveLetter(at, 'ふたつめの手紙');
    await waits(1);
    await take();
    await field.fill('ふたつめへの返事');
    await counselor.button(staff.reply_review).click();
    await counselor.button(staff.reply_send).click();
    await waiting.getByText(staff.letter_answered).waitFor();
    const { reply } = await fetchReplies(at, keys);
    assert.deepEqual([reply.text, reply.alias, reply.written_in], ['ふたつめへの返事', await page.locator('.alias').textContent(), 'ja']);
  });

  await step('one without a return phrase is read and done with, after a question', async () => {
    await leaveLetter(at, 'Only so that somebody knows.', { answer: false, written_in: 'en' });
    await waits(1);
    await take();
    await panel.getByText(staff.letter_no_answer).waitFor();
    assert.equal(await panel.locator('.letter-text').getAttribute('lang'), 'en');
    assert.equal(await field.count(), 0);
    await counselor.button(staff.letter_done).click();
    await panel.getByRole('alertdialog').getByText(staff.letter_done_ask).waitFor();
    await panel.getByRole('alertdialog').getByRole('button', { name: staff.letter_done, exact: true }).click();
    await waiting.getByText(staff.letter_read).waitFor();
    await waiting.getByText(staff.letters_none).waitFor();
  });

  await step('one that is put back is for a colleague', async () => {
    const keys = await leaveLetter(at, 'もどされる手紙');
    await waits(1);
    await take();
    await counselor.button(staff.letter_put).click();
    await panel.getByRole('alertdialog').getByRole('button', { name: staff.letter_put, exact: true }).click();
    await waiting.getByText(staff.letter_put_back).waitFor();
    await waits(1);
    await take();
    await waiting.getByText(staff.letter_none).waitFor();
    colleague.run({ kind: 'take_letter' });
    const { letter } = await colleague.sees('letter_opened', ({ text }) => text === 'もどされる手紙');
    colleague.run({ kind: 'put_letter', letter, read: true });
    await colleague.sees('letter_closed');
    assert.equal((await fetchReplies(at, keys)).told.read, 1);
  });

  await step('a letter that its writer burns meanwhile: no reply was sent, and none is lost', async () => {
    const keys = await leaveLetter(at, 'きえる手紙');
    await waits(1);
    await take();
    await field.fill('おそかった返事');
    await fetchReplies(at, keys, true);
    await panel.getByText(staff.letter_gone).waitFor(); // at once: nothing of it is left to be read
    assert.equal(await panel.getByText('きえる手紙').count(), 0);
    await panel.getByText('おそかった返事').waitFor();
    await counselor.button(staff.sign_out).click();
    await page.getByText(staff.sign_out_ask_reply).waitFor();
    await counselor.button(staff.back).click();
    await counselor.button(staff.reply_forget).click();
    assert.equal(await panel.count(), 0);
  });

  const signOut = async () => {
    await counselor.button(staff.sign_out).click();
    await counselor.button(staff.unlock).waitFor();
  };
  const eraseDevice = () => page.evaluate(() => localStorage.clear());

  await step('letter keys are saved to a file, and it is said when', async () => {
    const coming = page.waitForEvent('download');
    await counselor.button(staff.keys_save).click();
    const download = await coming;
    assert.equal(download.suggestedFilename(), 'tegami.key');
    await download.saveAs(file);
    const bytes = readFileSync(file);
    assert.equal(bytes.length, 1 + 24 + 1 + 21 * 36 + 16);
    assert.equal(bytes[0], 1);
    const kept = await page.evaluate(() => Object.entries(localStorage).find(([key]) => key.startsWith('inbox.'))[1]);
    assert.equal(bytes.toString('hex'), kept);
    await waiting.getByText(staff.keys_what_saved.split('{saved}')[0]).waitFor();
    await accessible(page);
  });

  await step('a device that was erased makes new ones, says so, and cannot open the letters from before', async () => {
    await leaveLetter(at, 'まえの鍵の手紙', { answer: false });
    await signOut();
    await eraseDevice();
    await counselor.signIn(at, 'sumire');
    await waiting.getByText(staff.keys_made_anew).waitFor();
    await waits(1);
    await take();
    await waiting.getByText(staff.letter_unreadable).waitFor();
    await accessible(page);
  });

  await step('with the file beside the key file, they open', async () => {
    await signOut();
    await counselor.signIn(at, 'sumire', file);
    await waits(1);
    assert.equal(await waiting.getByText(staff.keys_made_anew).count(), 0);
    await take();
    await panel.getByText('まえの鍵の手紙').waitFor();
    await signOut();
    await counselor.signIn(at, 'sumire'); // and are on the device from then on
    await waits(1);
    await take();
    await panel.getByText('まえの鍵の手紙').waitFor();
    await signOut();
  });

  await step('a file that is none is refused, and one that does not open is said to be of no use', async () => {
    await counselor.unlock([at.keyFile('sumire'), at.path('centre.toml')], at.passphrase('sumire'));
    await page.getByText(staff.not_letter_keys).waitFor();
    const damaged = path.join(at.folder, 'damaged.key');
    const bytes = readFileSync(file);
    bytes[100] ^= 1;
    writeFileSync(damaged, bytes);
    await eraseDevice();
    await counselor.signIn(at, 'sumire', damaged);
    await waiting.getByText(staff.keys_file_useless).waitFor();
    await accessible(page);
  });

  await step('a browser that keeps nothing is told of in time', async () => {
    await signOut();
    await page.evaluate(() => localStorage.clear());
    await page.addInitScript(() => {
      Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
    });
    await page.reload();
    await counselor.signIn(at, 'sumire');
    await waiting.getByText(staff.keys_not_kept).waitFor();
    await signOut();
  });

  await step('the browser had nothing to complain of', () => assert.deepEqual(browser.problems, []));
});
