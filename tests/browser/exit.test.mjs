// The way out works at once, whatever the network does, and leaves nothing to come back to.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../support/centre.mjs';
import { Survivor, whoIsCalled } from './consulting.mjs';
import { Scene } from './scene.mjs';
import { stepsOf } from './steps.mjs';

const secret = 'だれにも見られたくないことば';
const covered_ms_max = 100;

test('the exit', async (t) => {
  const step = stepsOf(t);
  const scene = await Scene.open(t);
  const { at, outside, colleagues } = scene;

  // A survivor in a talk, on a page that measures how long something readable stays after the first touch.
  async function talking({ exitPage = 'answers', ...options } = {}) {
    const phone = await outside.phone(options);
    await phone.context().route('https://www.jma.go.jp/**', (route) =>
      exitPage === 'answers' ? route.fulfill({ contentType: 'text/html', body: '<title>天気</title>晴れ' }) : undefined);
    // Told by the page itself: while another page is on its way, it cannot be asked.
    let tell;
    const covered = new Promise((resolve) => { tell = resolve; });
    await phone.exposeFunction('tellTest', tell);
    await phone.addInitScript(() => {
      let touched;
      for (const name of ['pointerdown', 'keydown']) addEventListener(name, () => { touched = performance.now(); }, true);
      new MutationObserver((changes, observer) => {
        if (touched === undefined || document.body === null || document.body.textContent !== '') return;
        observer.disconnect();
        const took = performance.now() - touched;
        // Everything else that belongs to the exit runs in the same turn as the cover.
        setTimeout(() => globalThis.tellTest({
          took, html: document.documentElement.outerHTML, title: document.title, stored: { ...sessionStorage },
        }));
      }).observe(document, { childList: true, subtree: true });
    });
    await phone.goto('about:blank');
    const survivor = new Survivor(phone);
    await survivor.open(at);
    await survivor.seesOpenDoor();
    await survivor.enter();
    const counselor = await whoIsCalled(colleagues);
    await counselor.accept();
    await survivor.isTalking();
    await survivor.say(secret);
    await survivor.saidIs(secret, 'delivered');
    return { phone, survivor, counselor, seat: counselor.page.locator('.seat').last(), covered };
  }

  async function inTime(covered) {
    const left = await covered;
    t.diagnostic(`covered after ${left.took.toFixed(1)} ms`);
    assert.ok(left.took < covered_ms_max, `${left.took} ms`);
    return left;
  }

  await step('one touch: another page, the counselor is told, and Back shows nothing', async () => {
    const { phone, survivor, counselor, seat } = await talking();
    await survivor.button(survivor.texts.survivor.exit).click();
    await phone.waitForURL('https://www.jma.go.jp/**');
    await seat.getByText(counselor.texts.staff.peer_left_by_exit).waitFor();
    await phone.goBack().catch(() => {});
    assert.equal(phone.url(), 'about:blank');
    assert.equal(await phone.evaluate(() => document.documentElement.textContent), '');
    await phone.context().close();
  });

  await step('while the network hangs: the screen is empty at once', async () => {
    const { phone, survivor, covered } = await talking({ exitPage: 'hangs' });
    outside.network.hang();
    await survivor.say('とどかないことば');
    await survivor.button(survivor.texts.survivor.exit).click({ noWaitAfter: true });
    const left = await inTime(covered);
    for (const word of [secret, 'とどかない', survivor.texts.survivor.exit]) assert.ok(!left.html.includes(word), word);
    assert.deepEqual([left.title, left.stored], ['', {}]);
    await until(() => phone.workers().length === 0, 'the worker has ended');
    outside.network.restore();
    await phone.context().close();
  });

  await step('Shift three times does the same, other keys do not', async () => {
    const { phone, covered } = await talking({ exitPage: 'hangs' });
    await phone.keyboard.press('Shift');
    await phone.keyboard.press('Shift');
    await phone.keyboard.press('Shift+A');
    await phone.keyboard.press('Shift');
    await phone.keyboard.press('Shift');
    await phone.keyboard.press('b');
    assert.notEqual(await phone.evaluate(() => document.body.textContent), '');
    for (let presses = 0; presses < 3; presses++) await phone.keyboard.press('Shift');
    await inTime(covered);
    await phone.context().close();
  });

  await step('the first page has the way out without JavaScript too', async () => {
    const context = await outside.person({ width: 390, height: 780, touch: true, javaScriptEnabled: false });
    const phone = await context.newPage();
    await phone.goto(`${at.origin}/`);
    const link = phone.locator('a.exit').first();
    assert.equal(await link.getAttribute('href'), 'https://www.jma.go.jp/bosai/forecast/');
    await phone.getByText('110').first().waitFor();
    await context.close();
  });

  await step('the browsers had nothing to complain of', () => {
    assert.deepEqual(scene.problems(), []);
  });
});
