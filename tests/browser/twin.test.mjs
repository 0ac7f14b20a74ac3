// A consultation in a browser that compiles nothing: no WebAssembly is there, and the JavaScript twin of the core is
// interpreted, as in Tor Browser's "Safer" and in Lockdown Mode. The counselor's browser is an ordinary one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Centre, closedToday } from '../support/centre.mjs';
import { goOnDuty } from '../wasm/people.mjs';
import { Browser } from './browser.mjs';
import { Counselor, LetterWriter, whoIsCalled } from './consulting.mjs';
import { Scene } from './scene.mjs';
import { stepsOf } from './steps.mjs';

const interpreted = ['--js-flags=--jitless'];
const said = ['聞いてもらえますか。', 'はい、ここで聞いています。', '少し外に出ます。', 'おかえりなさい。', 'ありがとうございました。'];

// The paths that a page asks for.
function requestsOf(page) {
  const paths = [];
  page.context().on('request', (request) => paths.push(new URL(request.url()).pathname));
  return paths;
}
const isTwin = (path) => /^\/twin_worker-/.test(path);

test('a consultation without WebAssembly', async (t) => {
  const step = stepsOf(t);
  const scene = await Scene.open(t, { flags: interpreted });
  const survivor = await scene.survivor();
  const phone = survivor.page;
  const paths = requestsOf(phone);
  let counselor;
  const timed = async (what, work) => {
    const begun = performance.now();
    await work();
    t.diagnostic(`${what}: ${Math.round(performance.now() - begun)} ms`);
  };

  await step('the door opens, with the twin in the place of the WebAssembly module', async () => {
    await timed('The door', async () => {
      await survivor.open(scene.at);
      await survivor.seesOpenDoor();
    });
    assert.equal(await phone.evaluate(() => typeof WebAssembly), 'undefined');
    assert.equal(await phone.workers()[0].evaluate(() => typeof WebAssembly), 'undefined');
    assert.equal(paths.filter(isTwin).length, 1, `${paths}`);
    assert.ok(!paths.some((path) => path.endsWith('.wasm') || path.startsWith('/worker-')), `${paths}`);
  });

  await step('texts go both ways', async () => {
    await survivor.enter();
    counselor = await whoIsCalled(scene.colleagues);
    await timed('From the accepted call to the talk', async () => {
      await counselor.accept();
      await survivor.isTalking();
    });
    await timed('A text until it is delivered', async () => {
      await survivor.say(said[0]);
      await survivor.saidIs(said[0], 'delivered');
    });
    await counselor.say(said[1]);
    await survivor.sees(said[1]);
    await counselor.saidIs(said[1], 'delivered');
    await survivor.say(said[2]);
    await counselor.sees(said[2]);
    assert.deepEqual(await counselor.bubbles(), said.slice(0, 3));
  });

  await step('it goes on after a reload, and gives back what was said', async () => {
    await survivor.saidIs(said[2], 'delivered');
    await timed('From a reload to the talk', async () => {
      await phone.reload();
      await survivor.isTalking();
    });
    await survivor.askForPast();
    assert.deepEqual(await survivor.bubbles(), said.slice(0, 3));
    await counselor.say(said[3]);
    await survivor.sees(said[3]);
    await survivor.say(said[4]);
    await survivor.saidIs(said[4], 'delivered');
  });

  await step('it ends, with an empty screen and storage', async () => {
    await survivor.end();
    await counselor.seat().getByText(counselor.texts.staff.peer_left).waitFor();
    await phone.waitForFunction(() => sessionStorage.length === 0);
    const everything = await phone.evaluate(() => document.documentElement.outerHTML);
    for (const text of said) assert.ok(!everything.includes(text));
  });

  await step('the console says that it does not work there, and takes no key', async () => {
    const console_ = new Counselor(await scene.outside.desk());
    await console_.open(scene.at);
    await console_.page.getByText(console_.texts.staff.unfit, { exact: true }).waitFor();
    assert.equal(await console_.page.locator('input').count(), 0);
  });

  await step('a browser with WebAssembly never loads the twin', async () => {
    const page = await scene.inside.phone();
    const asked = requestsOf(page);
    await page.goto(`${scene.at.origin}/`);
    await page.locator('.page.door h1').waitFor();
    assert.ok(asked.some((path) => path.startsWith('/worker-')) && asked.some((path) => path.endsWith('.wasm')), `${asked}`);
    assert.ok(!asked.some(isTwin), `${asked}`);
  });

  await step('the browsers had nothing to complain of', () => assert.deepEqual(scene.problems(), []));
});

test('a letter without WebAssembly', async (t) => {
  const step = stepsOf(t);
  const at = await Centre.open(closedToday);
  t.after(() => at.close());
  for (const [id, alias] of [['hana', 'はな'], ['yuki', 'ゆき']]) at.enrol(id, alias, '--reads-letters');
  const staff = ['hana', 'yuki'].map((member) => goOnDuty(at, member));
  t.after(() => { for (const each of staff) each.socket.cut(); });
  for (const each of staff) await each.sees('letters_changed');
  const browser = await Browser.open(at, interpreted);
  t.after(() => browser.close());
  const survivor = new LetterWriter(await browser.phone());
  const { letter, replies } = survivor.texts;
  const [written, answered] = ['昼間は電話できません。', '夜でも大丈夫です。待っています。'];
  let phrase;

  await step('is written, with a return phrase', async () => {
    await survivor.open(at);
    assert.equal(await survivor.page.evaluate(() => typeof WebAssembly), 'undefined');
    await survivor.begin();
    await survivor.choose(letter.want_reply);
    await survivor.choose(letter.digits);
    phrase = await survivor.phrase();
    await survivor.button(letter.copied).click();
    await survivor.typeBack(letter.last_digits, phrase.split(' ').at(-1));
    await survivor.field(letter.label).fill(written);
    await survivor.button(letter.review).click();
    await survivor.button(letter.send).click();
    await survivor.isSent();
  });

  await step('is read and answered', async () => {
    staff[0].run({ kind: 'take_letter' });
    const opened = await staff[0].sees('letter_opened');
    assert.equal(opened.text, written);
    staff[0].run({ kind: 'answer_letter', letter: opened.letter, written_in: 'ja', text: answered });
    assert.equal((await staff[0].sees('letter_closed')).done, true);
  });

  await step('its reply is fetched with the phrase', async () => {
    await survivor.button(survivor.texts.survivor.again).click();
    await survivor.look(phrase);
    await survivor.page.locator('article', { hasText: replies.from.replace('{alias}', 'はな') }).getByText(answered).waitFor();
  });

  await step('the browser had nothing to complain of', () => assert.deepEqual(browser.problems, []));
});
