// Hand-over and company as the survivor meets them: asked first, with the words that would be given away; a no is a no.
// The staff are cores in Node.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Centre } from '../support/centre.mjs';
import { accessible } from './axe.mjs';
import { Browser } from './browser.mjs';
import { Survivor } from './consulting.mjs';
import { TwoCores } from './cores.mjs';
import { stepsOf } from './steps.mjs';

const sheet = '電話は避けてほしい。\n子どもが一人います。';

test('invitations', async (t) => {
  const step = stepsOf(t);
  const at = await Centre.open();
  t.after(() => at.close());
  const browser = await Browser.open(at);
  t.after(() => browser.close());
  // The smallest phone, with text at twice its size: the card must leave the exit alone.
  const survivor = new Survivor(await browser.phone({ width: 320, height: 640 }));
  const { page } = survivor;
  const { invitation, survivor: words } = survivor.texts;
  const card = page.locator('.invitation');

  const staff = await TwoCores.on(t, at);
  await staff.meet(survivor);
  const { first, firstName, secondName } = staff;
  async function invite(purpose) {
    await staff.invite(purpose, sheet);
    await card.waitFor();
  }
  const filled = (text) => text.replaceAll('{alias}', secondName).replaceAll('{peer}', firstName);
  const answer = (yes) => card.getByRole('button', { name: yes ? invitation.yes : invitation.no, exact: true }).click();
  async function exitIsInReach() {
    const { bottom, height } = await survivor.button(words.exit).evaluate((exit) => {
      const box = exit.getBoundingClientRect();
      const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      return { bottom: seen === exit ? innerHeight - box.bottom : -1, height: box.height };
    });
    assert.ok(bottom >= 0 && height >= 44, `${bottom} ${height}`);
  }

  await step('a card says who, what it means, and the exact words they would be given', async () => {
    await survivor.say('いままでの話');
    await survivor.saidIs('いままでの話', 'delivered');
    await page.getByLabel(survivor.texts.talk.message, { exact: true }).focus();
    await invite('join');
    for (const text of [invitation.join.title, filled(invitation.join.what), filled(invitation.either)]) await card.getByText(text).waitFor();
    assert.equal(await card.locator('.sheet').textContent(), sheet);
    assert.equal(await card.locator('.sheet').getAttribute('lang'), 'ja');
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA', 'whoever writes is not interrupted');
    await exitIsInReach();
    await accessible(page);
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    await exitIsInReach();
    for (const yes of [invitation.yes, invitation.no]) {
      await card.getByRole('button', { name: yes, exact: true }).scrollIntoViewIfNeeded();
      await card.getByRole('button', { name: yes, exact: true }).click({ trial: true });
    }
    await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
    assert.equal(staff.second.all('introduced').length, 0, 'nothing is given before the answer');
  });

  await step('a no is passed on and respected', async () => {
    await answer(false);
    await page.getByText(filled(invitation.notes.refused)).waitFor();
    await first.sees('invitation_moved', ({ now }) => now === 'refused');
    assert.equal(await card.count(), 0);
    assert.equal(staff.second.all('introduced').length, 0);
    assert.equal(staff.second.all('joined').length, 0);
    await survivor.say('まだ二人です');
    await survivor.saidIs('まだ二人です', 'delivered');
  });

  let joined;
  await step('a yes brings one more, who is named in the heading and beside each word', async () => {
    await invite('join');
    await answer(true);
    await page.getByText(filled(invitation.notes.company_came)).waitFor();
    joined = (await staff.second.sees('joined')).conversation;
    assert.deepEqual(staff.second.all('introduced').map((event) => event.sheet), [sheet]);
    await page.getByRole('heading', { name: invitation.both.replace('{alias}', firstName).replace('{other}', secondName) }).waitFor();
    staff.say(staff.second, joined, 'こんにちは。');
    await page.locator('.said', { hasText: 'こんにちは。' }).locator('.by', { hasText: secondName }).waitFor();
    await first.sees('text_received', ({ text, by }) => text === 'こんにちは。' && by === secondName);
    await survivor.say('二人に話します');
    for (const each of [first, staff.second]) await each.sees('text_received', ({ text }) => text === '二人に話します');
    assert.ok(!staff.second.texts().includes('いままでの話'), 'nothing from before');
    await accessible(page);
  });

  await step('and asks them to leave with one touch', async () => {
    await survivor.button(filled(invitation.end_company)).click();
    await page.getByText(filled(invitation.notes.company_left)).waitFor();
    await staff.second.sees('ended', (event) => event.conversation === joined);
    await survivor.say('また二人です');
    await first.sees('text_received', ({ text }) => text === 'また二人です');
    assert.ok(!staff.second.texts().includes('また二人です'));
  });

  await step('where nobody can come any more, nobody is asked any more', async () => {
    await invite('take_over');
    staff.leave();
    await page.getByText(filled(invitation.notes.withdrawn)).waitFor();
    assert.equal(await card.count(), 0);
    await staff.comeBack();
  });

  await step('where nobody comes, the talk goes on', async () => {
    await invite('take_over');
    staff.silence();
    await answer(true);
    await page.getByText(filled(invitation.notes.nobody_came)).waitFor({ timeout: 90_000 });
    await survivor.say('まだいますか');
    await first.sees('text_received', ({ text }) => text === 'まだいますか');
    staff.leave();
    await staff.comeBack();
  });

  await step('a hand-over goes on on the same screen, with the other name', async () => {
    await invite('take_over');
    await card.getByText(filled(invitation.take_over.what)).waitFor();
    await answer(true);
    await page.getByText(filled(invitation.notes.handed_over)).waitFor();
    await page.getByRole('heading', { name: secondName }).waitFor();
    assert.equal(await page.getByRole('heading', { name: firstName }).count(), 0);
    await survivor.say('はじめまして');
    const { conversation: now } = await staff.second.sees('text_received', ({ text }) => text === 'はじめまして');
    await survivor.saidIs('はじめまして', 'delivered');
    staff.say(staff.second, now, 'つづきを聞かせてください。');
    await survivor.sees('つづきを聞かせてください。');
    await first.sees('ended');
    await page.reload();
    await survivor.isTalking();
    await page.getByRole('heading', { name: secondName }).waitFor();
    await survivor.end();
  });

  await step('the browser had nothing to complain of', () => assert.deepEqual(browser.problems, []));
});
