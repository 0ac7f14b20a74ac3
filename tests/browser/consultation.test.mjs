// The main sentence of it all: somebody on a phone talks with a counselor at the centre. In two browsers, each with a
// network of its own, against the real server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Centre } from '../support/centre.mjs';
import { Browser, capture } from './browser.mjs';
import { Counselor, Survivor, whoIsCalled } from './consulting.mjs';
import { stepsOf } from './steps.mjs';

const said = {
  first: '聞いてもらえますか。今は一人です。',
  answer: 'はい、ここで聞いています。\nいま、安全なところにいますか？',
  second: '大丈夫です。🏠 家の外にいます。',
  third: '読みこみなおしました。まだいますか。',
  fourth: 'います。ゆっくりで大丈夫ですよ。',
  fifth: '画面が消えてしまいました。続けましょう。',
  offline: ['圏外のあいだに書きました・一', '圏外のあいだに書きました・二', '圏外のあいだに書きました・三'],
  last: 'ありがとうございました。',
};

test('a consultation on a phone', async (t) => {
  const step = stepsOf(t);
  const at = await Centre.open();
  t.after(() => at.close());
  const outside = await Browser.open(at);
  t.after(() => outside.close());
  const inside = await Browser.open(at);
  t.after(() => inside.close());

  const phone = await outside.phone();
  const survivor = new Survivor(phone);
  const colleagues = [new Counselor(await inside.desk()), new Counselor(await inside.desk())];
  const frames = [phone, ...colleagues.map(({ page }) => page)].map(capture);
  let counselor;
  const member = () => ['sumire', 'aoi'][colleagues.indexOf(counselor)];

  await step('the door is closed until two counselors are on duty', async () => {
    await survivor.open(at);
    await phone.getByText(survivor.texts.front.closed_few).waitFor();
    await colleagues[0].goOnDuty(at, 'sumire');
    await colleagues[1].goOnDuty(at, 'aoi');
    await survivor.seesOpenDoor();
  });

  await step('a call is accepted, and both are there', async () => {
    await survivor.enter();
    await phone.locator('.page.waiting').waitFor();
    counselor = await whoIsCalled(colleagues);
    await counselor.accept();
    await survivor.isTalking();
  });

  await step('texts go both ways, and each says how far it came', async () => {
    await survivor.say(said.first);
    await counselor.sees(said.first);
    await survivor.saidIs(said.first, 'delivered');
    await counselor.say(said.answer);
    await survivor.sees('いま、安全なところ');
    await counselor.saidIs('いま、安全なところ', 'delivered');
    await survivor.say(said.second);
    await survivor.saidIs(said.second, 'delivered');
    assert.deepEqual(await survivor.bubbles(), [said.first, said.answer, said.second]);
    assert.deepEqual(await counselor.bubbles(), [said.first, said.answer, said.second]);
  });

  await step('the phone keeps nothing but the way back', async () => {
    const { session, others } = await survivor.storage();
    assert.deepEqual(Object.keys(session), ['resume']);
    assert.match(session.resume, /^[0-9a-f]+$/);
    assert.deepEqual(others, [[], '', [], [], []]);
  });

  await step('the survivor reloads: the talk goes on, and shows what was before only after a tap', async () => {
    await phone.reload();
    await survivor.isTalking();
    await survivor.button(survivor.texts.talk.earlier).waitFor();
    assert.deepEqual(await survivor.bubbles(), []);
    await counselor.seat().getByText(counselor.texts.staff.peer_forgot).waitFor();
    await survivor.say(said.third);
    await survivor.saidIs(said.third, 'delivered');
    await survivor.askForPast();
    assert.deepEqual(await survivor.bubbles(), [said.first, said.answer, said.second, said.third]);
    assert.deepEqual(await counselor.bubbles(), [said.first, said.answer, said.second, said.third]);
  });

  await step('the counselor reloads: signs in again, and goes on', async () => {
    await counselor.page.reload();
    assert.deepEqual(await counselor.page.locator('.bubble').count(), 0);
    await counselor.signIn(at, member());
    await counselor.button(counselor.texts.talk.earlier, counselor.seat()).waitFor();
    await phone.getByText(survivor.texts.survivor.peer_forgot).waitFor();
    await counselor.say(said.fourth);
    await survivor.sees(said.fourth);
    await counselor.askForPast();
    const all = [said.first, said.answer, said.second, said.third, said.fourth];
    assert.deepEqual(await counselor.bubbles(), all);
    assert.deepEqual(await survivor.bubbles(), all);
  });

  await step('then the survivor reloads once more', async () => {
    await phone.reload();
    await survivor.isTalking();
    await survivor.askForPast();
    await counselor.say(said.fifth);
    await survivor.sees(said.fifth);
    assert.deepEqual(await survivor.bubbles(), [said.first, said.answer, said.second, said.third, said.fourth, said.fifth]);
  });

  await step('the network goes away: what was written meanwhile arrives once, in order', async () => {
    outside.network.cut();
    await phone.getByText(survivor.texts.survivor.offline).waitFor();
    for (const text of said.offline) await survivor.say(text);
    await survivor.saidIs(said.offline[0], 'sending');
    await counselor.seat().getByText(counselor.texts.staff.peer_away).waitFor();
    await counselor.say('おかえりなさいと言うつもりです');
    outside.network.restore();
    for (const text of said.offline) await survivor.saidIs(text, 'delivered');
    await survivor.sees('おかえりなさい');
    assert.deepEqual((await counselor.bubbles()).filter((text) => text.includes('圏外')), said.offline);
    assert.equal((await survivor.bubbles()).filter((text) => text.includes('おかえり')).length, 1);
  });

  await step('the network of the centre hangs and comes back', async () => {
    inside.network.hang();
    await survivor.say('そちらの通信が止まっているあいだ');
    await survivor.saidIs('そちらの通信が止まっているあいだ', 'stored');
    await counselor.say('こちらの通信が止まっています');
    await counselor.page.getByText(counselor.texts.staff.offline).waitFor(); // noticed by the silence alone
    inside.network.restore();
    await survivor.sees('こちらの通信が止まっています');
    await survivor.saidIs('そちらの通信が止まっているあいだ', 'delivered');
    assert.equal((await counselor.bubbles()).filter((text) => text.startsWith('そちら')).length, 1);
    assert.equal((await survivor.bubbles()).filter((text) => text.startsWith('こちら')).length, 1);
  });

  await step('the survivor ends it: the screen and the storage are empty', async () => {
    await survivor.say(said.last);
    await survivor.saidIs(said.last, 'delivered');
    await survivor.end();
    await counselor.seat().getByText(counselor.texts.staff.peer_left).waitFor();
    assert.equal(await phone.locator('.bubble').count(), 0);
    await phone.waitForFunction(() => sessionStorage.length === 0);
    const everything = await phone.evaluate(() => document.documentElement.outerHTML);
    for (const text of [said.first, said.answer, said.last, ...said.offline]) assert.ok(!everything.includes(text));
  });

  await step('on the wire every frame of the talk has one size, and each kind of message too', () => {
    const sizes = new Map();
    for (const { bytes } of frames.flat()) {
      const code = bytes[0];
      sizes.set(code, (sizes.get(code) ?? new Set()).add(bytes.length));
    }
    for (const [code, found] of sizes) assert.equal(found.size, 1, `message ${code.toString(16)}: ${[...found]}`);
    for (const mail of [0x14, 0x15, 0x16]) assert.deepEqual([...(sizes.get(mail) ?? [])], [4121]);
    for (const each of [frames[0], frames[1 + colleagues.indexOf(counselor)]]) {
      assert.ok(each.filter(({ bytes }) => bytes[0] === 0x16).length > 20);
    }
  });

  await step('the browsers had nothing to complain of', () => {
    assert.deepEqual([...outside.problems, ...inside.problems], []);
  });
});
