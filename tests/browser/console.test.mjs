// The staff console: signing in, several conversations at once, and what happens to a call.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Centre } from '../support/centre.mjs';
import { Browser } from './browser.mjs';
import { Counselor } from './consulting.mjs';
import { Scene } from './scene.mjs';
import { stepsOf } from './steps.mjs';

test('signing in', async (t) => {
  const step = stepsOf(t);
  const at = await Centre.open();
  t.after(() => at.close());
  const browser = await Browser.open(at);
  t.after(() => browser.close());
  const counselor = new Counselor(await browser.desk());
  const { page } = counselor;
  const { staff } = counselor.texts;
  await counselor.open(at);

  await step('asks for what is missing', async () => {
    await counselor.button(staff.unlock).click();
    await page.getByText(staff.choose_file).waitFor();
    await page.getByLabel(staff.key_file).setInputFiles(at.keyFile('sumire'));
    await counselor.button(staff.unlock).click();
    await page.getByText(staff.type_passphrase).waitFor();
  });
  await step('tells a wrong file from a wrong passphrase, and lets try again', async () => {
    await counselor.unlock(at.path('centre.toml'), 'ka ki ku ke ko sa');
    await page.getByText(staff.not_a_key_file).waitFor();
    await counselor.unlock(at.keyFile('sumire'), 'ka ki ku ke ko sa');
    await page.getByText(staff.cannot_open).waitFor();
    await counselor.unlock(at.keyFile('sumire'), at.passphrase('aoi'));
    await page.getByText(staff.cannot_open).waitFor();
  });
  await step('takes a passphrase as a Japanese keyboard may type it', async () => {
    const wide = at.passphrase('sumire').replaceAll(' ', '　').toUpperCase();
    await counselor.unlock(at.keyFile('sumire'), ` ${wide}　`);
    await page.locator('.console').waitFor();
  });
  await step('signing out leaves nothing behind but the sealed letter keys', async () => {
    await counselor.button(staff.sign_out).click();
    await counselor.button(staff.unlock).waitFor();
    const left = await page.evaluate(() => [...Object.keys(sessionStorage), ...Object.keys(localStorage)]);
    assert.deepEqual(left.filter((key) => !/^inbox\.[0-9a-f]{64}$/.test(key)), []);
    assert.equal(await page.getByLabel(staff.passphrase).inputValue(), '');
  });
  assert.deepEqual(browser.problems, []);
});

test('conversations', async (t) => {
  const step = stepsOf(t);
  const scene = await Scene.open(t);
  const [counselor, colleague] = scene.colleagues;
  const { staff } = counselor.texts;
  // The colleague is there and takes nobody, so that every call comes to the first one.
  await colleague.page.getByLabel(staff.take, { exact: true }).uncheck();

  const survivors = [];
  await step('three at once, each with its own texts and its own draft', async () => {
    for (const name of ['いち', 'に', 'さん']) {
      const { survivor } = await scene.talk();
      await survivor.say(`わたしは ${name}`);
      await survivor.saidIs(name, 'delivered');
      survivors.push(survivor);
    }
    for (const [at, name] of ['いち', 'に', 'さん'].entries()) {
      assert.deepEqual(await counselor.bubbles(counselor.seat(at + 1)), [`わたしは ${name}`]);
      await counselor.seat(at + 1).getByLabel(counselor.texts.talk.message, { exact: true }).fill(`下書き ${name}`);
    }
    await counselor.button(counselor.texts.talk.send, counselor.seat(2)).click();
    await survivors[1].sees('下書き に');
    assert.deepEqual(await survivors[0].bubbles(), ['わたしは いち']);
    assert.equal(await counselor.seat(3).getByLabel(counselor.texts.talk.message, { exact: true }).inputValue(), '下書き さん');
  });

  await step('a reload calls nobody by another number', async () => {
    await counselor.page.reload();
    await counselor.signIn(scene.at, counselor.member);
    for (const [at, name] of ['いち', 'に', 'さん'].entries()) {
      await counselor.seat(at + 1).getByText(staff.peer_here).waitFor();
      await survivors[at].say(`まだ ${name}`);
      await counselor.sees(`まだ ${name}`, counselor.seat(at + 1));
    }
    assert.ok(await counselor.page.getByLabel(staff.on_duty, { exact: true }).isChecked(), 'still on duty');
    await counselor.page.getByLabel(staff.take, { exact: true }).check();
  });

  await step('a fourth waits, and is told the truth about the line', async () => {
    const fourth = await scene.survivor();
    await fourth.open(scene.at);
    await fourth.seesOpenDoor();
    await fourth.enter();
    await fourth.page.getByText(fourth.texts.survivor.next_is_you).waitFor();
    const fifth = await scene.survivor();
    await fifth.open(scene.at);
    await fifth.seesOpenDoor();
    await fifth.enter();
    await fifth.page.getByText(fifth.texts.survivor.ahead.other.replace('{count}', '1')).waitFor();
    await fifth.page.reload();
    await fifth.page.getByText(fifth.texts.survivor.ahead.other.replace('{count}', '1')).waitFor();
    await counselor.page.getByText(staff.waiting.other.replace('{count}', '2'), { exact: true }).waitFor();
    await fourth.button(fourth.texts.survivor.stop_waiting).click();
    await fourth.page.locator('.page.over').waitFor();
    await fifth.page.getByText(fifth.texts.survivor.next_is_you).waitFor();
    survivors.push(fifth);
  });

  await step('a text is delivered only once its chat is on the screen', async () => {
    await counselor.page.setViewportSize({ width: 390, height: 780 });
    await counselor.page.getByRole('navigation').getByRole('button', { name: staff.visitor.replace('{number}', '1') }).click();
    await survivors[1].say('見えていますか');
    await survivors[1].saidIs('見えていますか', 'stored');
    const tab = counselor.page.getByRole('navigation').getByRole('button', { name: staff.visitor.replace('{number}', '2') });
    await tab.getByText(staff.unread.one.replace('{count}', '1')).waitFor();
    await survivors[1].saidIs('見えていますか', 'stored');
    await tab.click();
    await survivors[1].saidIs('見えていますか', 'delivered');
    // Side by side in a window too narrow for all: what lies beyond its edge is not seen either.
    await counselor.page.setViewportSize({ width: 760 + 160, height: 800 });
    await survivors[2].say('はしのほうにいます');
    await survivors[2].saidIs('はしのほうにいます', 'stored');
    await counselor.seat(3).getByText(staff.unread.one.replace('{count}', '1')).waitFor();
    await counselor.seat(3).scrollIntoViewIfNeeded();
    await survivors[2].saidIs('はしのほうにいます', 'delivered');
    await counselor.page.setViewportSize({ width: 1280, height: 800 });
  });

  await step('nor is a text below what somebody has scrolled up to', async () => {
    const [, second] = survivors;
    for (let line = 0; line < 12; line++) await counselor.say(`${line}\n\n`, counselor.seat(2));
    await second.sees('11');
    await second.page.locator('.log').evaluate((log) => { log.scrollTop = 0; });
    await counselor.say('いちばん下のことば', counselor.seat(2));
    await second.button(second.texts.talk.new_below).waitFor();
    await counselor.saidIs('いちばん下のことば', 'stored', counselor.seat(2));
    await second.button(second.texts.talk.new_below).click();
    await counselor.saidIs('いちばん下のことば', 'delivered', counselor.seat(2));
  });

  await step('the counselor ends one, and the next in the line is called', async () => {
    await counselor.end(counselor.seat(3));
    await survivors[2].page.getByText(survivors[2].texts.survivor.peer_left).waitFor();
    assert.deepEqual(await survivors[2].bubbles(), ['わたしは さん', 'まだ さん', 'はしのほうにいます'], 'what was said can still be read');
    await survivors[2].button(survivors[2].texts.survivor.clear).click();
    await survivors[2].page.locator('.page.over').waitFor();
    assert.equal(await survivors[2].page.locator('.bubble').count(), 0);
    await counselor.rings().waitFor();
  });

  await step('whoever leaves while it rings is not waited for', async () => {
    await survivors[3].button(survivors[3].texts.survivor.stop_waiting).click();
    await counselor.page.getByText(staff.call_survivor_left).waitFor();
    assert.equal(await counselor.rings().count(), 0);
  });

  await step('signing out asks first while conversations are under way, and then ends them', async () => {
    await counselor.button(staff.sign_out).click();
    await counselor.page.getByText(staff.sign_out_ask).waitFor();
    await counselor.button(staff.sign_out_yes).click();
    await counselor.button(staff.unlock).waitFor();
    for (const survivor of survivors.slice(0, 2)) await survivor.page.getByText(survivor.texts.survivor.peer_left).waitFor();
  });

  await step('the browsers had nothing to complain of', () => assert.deepEqual(scene.problems(), []));
});
