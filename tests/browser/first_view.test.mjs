// What a phone loads first: how much, under which rules, and what becomes of it when somebody meddles.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Centre } from '../support/centre.mjs';
import { alter, Browser } from './browser.mjs';
import { Survivor } from './consulting.mjs';

// 100 KB is the aim, and was kept until the page could write letters and take invitations: their screens come with the
// first view still. This holds what was reached since; a run in which the browser opens one connection more takes 2 KB more.
const bytes_max = 110_000;
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; "
  + "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
  + "require-trusted-types-for 'script'; trusted-types core";

test('the first view', async (t) => {
  const at = await Centre.open();
  t.after(() => at.close());
  const open = async (step) => {
    const browser = await Browser.open(at);
    step.after(() => browser.close());
    return browser;
  };
  const isDrawn = (phone) => phone.locator('.page.door h1').waitFor();

  await t.test('is small, with everything that it needs', async (step) => {
    const browser = await open(step);
    const phone = await browser.phone();
    await new Survivor(phone).open(at);
    await isDrawn(phone);
    await phone.getByText('DV').first().waitFor();
    const { toClient, toServer } = browser.network;
    t.diagnostic(`First view of the survivor's page: ${(toClient / 1000).toFixed(1)} KB to the phone, `
      + `${(toServer / 1000).toFixed(1)} KB from it; TLS, headers and the first messages included.`);
    assert.ok(toClient <= bytes_max, `${toClient} bytes`);
    assert.ok(toClient > 20_000, 'the relay counted what was carried');
    assert.deepEqual(browser.problems, []);
  });

  await t.test('is usable soon on a slow network and an old phone', async (step) => {
    const browser = await open(step);
    browser.network.slow({ roundTrip_ms: 400, bitsPerSecond: 400_000 });
    const phone = await browser.phone();
    const processor = await phone.context().newCDPSession(phone);
    await processor.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    const begin = Date.now();
    await phone.goto(`${at.origin}/`, { waitUntil: 'commit' });
    await phone.getByText('110').first().waitFor();
    const numbers = Date.now() - begin;
    await isDrawn(phone);
    const took = Date.now() - begin;
    t.diagnostic(`At 400 kbit/s, 400 ms, CPU 6x slowed: telephone numbers after ${(numbers / 1000).toFixed(1)} s, the door after `
      + `${(took / 1000).toFixed(1)} s.`);
    assert.ok(took < 15_000, `${took} ms`);
  });

  await t.test('comes under the policy, in every file, and compressed where the browser takes it', async (step) => {
    const browser = await open(step);
    const phone = await browser.phone();
    const answers = [];
    phone.context().on('response', (answer) => answers.push(answer));
    await new Survivor(phone).open(at);
    await isDrawn(phone);
    const paths = answers.map((answer) => new URL(answer.url()).pathname);
    assert.deepEqual([...new Set(paths)].length, paths.length, `each once: ${paths}`);
    for (const answer of answers) {
      const headers = await answer.allHeaders();
      const where = answer.url();
      assert.equal(headers['content-security-policy'], policy, where);
      assert.equal(headers['integrity-policy'], 'blocked-destinations=(script)', where);
      assert.equal(headers['cache-control'], 'no-store', where);
      assert.equal(new URL(where).origin, at.origin);
      if (/\.(js|css|wasm)$/.test(where)) assert.equal(headers['content-encoding'], 'br', where);
    }
    assert.ok(paths.some((name) => name.endsWith('.wasm')) && paths.some((name) => name.includes('worker')), `${paths}`);
    assert.deepEqual(browser.problems, []);
  });

  await t.test('a script that somebody altered on the way does not run', async (step) => {
    const browser = await open(step);
    const phone = await browser.phone();
    await alter(phone, at, /page-[0-9a-f]+\.js/, (body) => `document.title = 'altered';${body}`);
    await phone.goto(`${at.origin}/`);
    await phone.getByText('110').first().waitFor();
    assert.notEqual(await phone.title(), 'altered');
    assert.equal(await phone.locator('.page').count(), 0);
    assert.ok(browser.problems.some((problem) => problem.includes('integrity')), `${browser.problems}`);
  });

  await t.test('nor does an altered core: the page stops, with the telephone numbers', async (step) => {
    const browser = await open(step);
    const phone = await browser.phone();
    await alter(phone, at, /core-[0-9a-f]+\.wasm/, (body) => {
      body[body.length - 1] ^= 1;
      return body;
    });
    const survivor = new Survivor(phone);
    await survivor.open(at);
    await phone.getByText(survivor.texts.survivor.broken_page, { exact: true }).waitFor();
    await phone.getByRole('link', { name: '110' }).first().waitFor();
  });

  await t.test('a server that is not the one on the card is refused, with the telephone numbers', async (step) => {
    const browser = await open(step);
    const phone = await browser.phone();
    await alter(phone, at, `${at.origin}/`, (body) => body.toString().replace(at.fingerprint, '0'.repeat(64)));
    const survivor = new Survivor(phone);
    await survivor.open(at);
    await phone.getByText(survivor.texts.survivor.distrusted, { exact: true }).waitFor();
    await phone.getByRole('link', { name: '110' }).first().waitFor();
    assert.equal(await survivor.button(survivor.texts.survivor.enter).count(), 0);
  });

  await t.test('without JavaScript: open or closed, hours, telephone numbers, the way out', async (step) => {
    const browser = await open(step);
    const phone = await browser.phone({ javaScriptEnabled: false });
    await phone.goto(`${at.origin}/`);
    const { front } = new Survivor(phone).texts;
    for (const text of [front.closed_few, '0120-279-889', '14:00–20:00', front.exit]) {
      await phone.getByText(text).first().waitFor();
    }
    // Scripts that are switched off from outside leave <noscript> unshown, unlike a browser without them.
    const html = Buffer.from((await at.get('/')).body).toString();
    assert.match(html, new RegExp(`<noscript>[^]*${front.needs_script}[^]*</noscript>`));
    assert.deepEqual(browser.problems, []);
  });
});
