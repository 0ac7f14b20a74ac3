// Hand-over and company at two consoles, with the keyboard alone. The survivor is a core in Node (tests/wasm/people.mjs).
import assert from 'node:assert/strict';
import test from 'node:test';
import { comeToTheDoor } from '../wasm/people.mjs';
import { accessible } from './axe.mjs';
import { whoIsCalled } from './consulting.mjs';
import { Scene } from './scene.mjs';
import { stepsOf } from './steps.mjs';

const sheet = 'これまでの話：\n電話は避けてほしい。';

test('invitations at the console', async (t) => {
  const step = stepsOf(t);
  const scene = await Scene.open(t);
  const survivor = comeToTheDoor(scene.at);
  t.after(() => survivor.socket.cut());
  await survivor.sees('door_changed', ({ intake }) => intake);
  survivor.run({ kind: 'enter' });
  const host = await whoIsCalled(scene.colleagues);
  const guest = scene.colleagues.find((each) => each !== host);
  const { staff, talk } = host.texts;
  await host.accept();
  const { alias: hostName } = await survivor.sees('joined');
  const guestName = await guest.page.locator('.alias').textContent();
  const filled = (text) => text.replaceAll('{alias}', guestName);
  const byHost = (text) => text.replaceAll('{alias}', hostName);

  const dialog = host.seat().getByRole('dialog', { name: staff.invite });
  const line = host.seat().locator('.invitation');
  const press = (...keys) => keys.reduce((before, key) => before.then(() => host.page.keyboard.press(key)), Promise.resolve());
  const focused = (on) => host.page.evaluate(() => document.activeElement?.getAttribute('name') ?? document.activeElement?.tagName).then((name) => assert.equal(name, on));
  let references = 0;
  const say = (text) => survivor.run({ kind: 'say', reference: ++references, written_in: 'ja', text });

  // Asks the colleague: 'take_over' or 'join'.
  async function ask(purpose, text = sheet) {
    await host.button(staff.invite, host.seat()).click();
    await dialog.getByLabel(staff[`invite_${purpose}`]).check();
    await dialog.getByLabel(guestName).check();
    await dialog.getByLabel(staff.sheet, { exact: true }).fill(text);
    await host.button(staff.invite_send, dialog).click();
  }
  const answer = (yes) => guest.button(yes ? staff.asked_yes : staff.asked_no).click();
  const answerAsked = (yes) => survivor.run({ kind: 'answer_invitation', number: survivor.all('invitation_received').at(-1).number, yes });
  async function offered(purpose) {
    const before = survivor.all('invitation_received').length;
    await ask(purpose);
    await answer(true);
    await guest.page.getByText(staff.asked_waiting).waitFor();
    await line.getByText(filled(staff.invite_now.offered)).waitFor();
    return survivor.sees('invitation_received', (event) => survivor.all('invitation_received').indexOf(event) >= before);
  }

  await step('a colleague is chosen and the sheet is written with the keyboard alone', async () => {
    say('いままでの話');
    await host.sees('いままでの話');
    await host.button(staff.invite, host.seat()).focus();
    await press('Enter');
    await dialog.getByLabel(guestName).waitFor();
    await focused('purpose');
    await accessible(host.page);
    const field = dialog.getByLabel(staff.sheet, { exact: true });
    assert.equal(await field.inputValue(), staff.sheet_begun);
    await press('ArrowDown', 'Tab');
    await focused('whom');
    await press('Space', 'Tab');
    await focused('TEXTAREA');
    assert.ok(await host.button(staff.invite_send, dialog).isDisabled(), 'nothing is written yet');
    await press('Control+a');
    await host.page.keyboard.type('電話は避けてほしい。');
    await press('Escape');
    assert.equal(await dialog.count(), 0);
    assert.equal(await host.page.evaluate(() => document.activeElement.textContent), staff.invite, 'the focus is back');
    await press('Enter');
    await dialog.getByLabel(guestName).waitFor();
    assert.equal(await field.inputValue(), '電話は避けてほしい。', 'what was written is kept');
    await press('ArrowDown', 'Tab', 'Space', 'Tab', 'Tab', 'Tab', 'Enter');
    await line.getByText(filled(staff.invite_now.asked)).waitFor();
    assert.equal(await dialog.count(), 0);
  });

  await step('it rings at the colleague, whose no is told', async () => {
    await guest.page.getByText(byHost(staff.asked_join)).waitFor();
    assert.ok((await guest.page.title()).startsWith('●'));
    await accessible(guest.page);
    await answer(false);
    await line.getByText(filled(staff.invite_now.colleague_refused)).waitFor();
    assert.equal(await guest.page.getByText(staff.asked, { exact: true }).count(), 0);
    assert.equal(survivor.all('invitation_received').length, 0);
  });

  await step('whoever takes nobody right now cannot be asked', async () => {
    const free = guest.page.getByLabel(staff.take, { exact: true });
    await free.uncheck();
    await host.page.locator('.line-state').getByText(staff.team.replace('{present}', '2').replace('{free}', '1')).waitFor();
    await host.button(staff.invite, host.seat()).click();
    await dialog.getByText(staff.colleague_busy).waitFor();
    assert.ok(await dialog.getByLabel(guestName).isDisabled());
    await press('Escape');
    await free.check();
    await host.page.locator('.line-state').getByText(staff.team.replace('{present}', '2').replace('{free}', '2')).waitFor();
  });

  await step('what is withdrawn rings no more', async () => {
    await ask('take_over');
    await guest.page.getByText(byHost(staff.asked_take_over)).waitFor();
    await host.button(staff.invite_withdraw).click();
    await line.getByText(filled(staff.invite_now.withdrawn)).waitFor();
    await guest.page.getByText(staff.asked, { exact: true }).waitFor({ state: 'detached' });
    await host.button(staff.close, line).click();
    assert.equal(await line.count(), 0);
  });

  await step('the survivor’s no leaves everything as it was', async () => {
    const asked = await offered('take_over');
    assert.deepEqual([asked.purpose, asked.alias, asked.sheet, asked.written_in], ['take_over', guestName, sheet, 'ja']);
    answerAsked(false);
    await line.getByText(filled(staff.invite_now.refused)).waitFor();
    await guest.page.getByText(staff.asked, { exact: true }).waitFor({ state: 'detached' });
    assert.equal(await guest.page.locator('.seat').count(), 0);
    await host.say('このまま続けましょう。');
    await survivor.sees('text_received', ({ text }) => text === 'このまま続けましょう。');
  });

  await step('with a yes the colleague sits down beside the sheet that the survivor saw, and all read all', async () => {
    await offered('join');
    answerAsked(true);
    await guest.seat().getByText(byHost(staff.introduced_join)).waitFor();
    assert.equal(await guest.seat().locator('.sheet').textContent(), sheet);
    assert.equal(await guest.seat().locator('.sheet').getAttribute('lang'), 'ja');
    await guest.seat().getByText(byHost(staff.company), { exact: true }).waitFor();
    await host.seat().getByText(filled(staff.company), { exact: true }).waitFor();
    assert.equal(await line.count(), 0, 'that they are here says it');
    assert.equal(await host.button(staff.invite, host.seat()).count(), 0, 'a third has no place');

    say('お二人に話します。');
    for (const each of [host, guest]) await each.sees('お二人に話します。');
    await host.say('二人で聞いています。');
    await guest.sees('二人で聞いています。');
    await guest.seat().locator('.said', { hasText: '二人で聞いています。' }).locator('.by', { hasText: hostName }).waitFor();
    await guest.say('はじめまして。');
    await host.seat().locator('.said', { hasText: 'はじめまして。' }).locator('.by', { hasText: guestName }).waitFor();
    await host.saidIs('二人で聞いています。', 'delivered');
    await guest.saidIs('はじめまして。', 'delivered');
    assert.ok(!(await guest.bubbles()).includes('いままでの話'), 'nothing from before');
    for (const each of [host, guest]) {
      await accessible(each.page);
      assert.equal(await each.page.getByText(staff.transcript_broken).count(), 0);
    }
  });

  await step('company ends when the survivor wishes', async () => {
    survivor.run({ kind: 'end_company' });
    await host.seat().getByText(filled(staff.company_left)).waitFor();
    await guest.seat().getByText(staff.peer_left).waitFor();
    await guest.button(staff.close, guest.seat()).click();
    say('また二人です。');
    await host.sees('また二人です。');
  });

  await step('a hand-over says at both consoles what became of the conversation', async () => {
    await offered('take_over');
    answerAsked(true);
    const { alias, conversation } = await survivor.sees('handed_over');
    assert.equal(alias, guestName);
    await host.seat().getByText(filled(staff.handed_over)).waitFor();
    assert.equal(await host.seat().getByText(staff.peer_left).count(), 0);
    const seat = guest.page.locator(`[data-conversation="${conversation}"]`);
    await seat.getByText(byHost(staff.introduced_take_over)).waitFor();
    say('はじめまして、です。');
    await guest.sees('はじめまして、です。', seat);
    await seat.getByLabel(talk.message, { exact: true }).fill('つづきを聞かせてください。');
    await guest.button(talk.send, seat).click();
    await survivor.sees('text_received', ({ text }) => text === 'つづきを聞かせてください。');
    await accessible(guest.page);
    await host.button(staff.close, host.seat()).click();
  });

  await step('the browsers had nothing to complain of', () => assert.deepEqual(scene.problems(), []));
});
