// A consultation in a browser that compiles nothing: no WebAssembly is there, and the JavaScript twin of the core is
// interpreted, as in Tor Browser's "Safer" and in Lockdown Mode. The counselor's browser is an ordinary one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Counselor, whoIsCalled } from './consulting.mjs';
import { Scene } from './scene.mjs';
import { stepsOf } from './steps.mjs';

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
  const scene = await Scene.open(t, { flags: ['--js-flags=--jitless'] });
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
