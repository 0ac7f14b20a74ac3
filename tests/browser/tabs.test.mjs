// One conversation has one tab, and one member of staff one console.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../support/centre.mjs';
import { Counselor, Survivor } from './consulting.mjs';
import { Scene } from './scene.mjs';
import { stepsOf } from './steps.mjs';

test('tabs', async (t) => {
  const step = stepsOf(t);
  const scene = await Scene.open(t);

  await step('a second tab takes the conversation over, and the first one says so and is empty', async () => {
    const { survivor, counselor, seat } = await scene.talk();
    await survivor.say('さいしょの画面から');
    await survivor.saidIs('さいしょの画面から', 'delivered');
    // What "duplicate this tab" does: the new one begins with a copy of the session storage.
    const [page] = await Promise.all([survivor.page.waitForEvent('popup'), survivor.page.evaluate(() => void window.open('/'))]);
    const second = new Survivor(page);
    await second.isTalking();
    await survivor.page.getByText(survivor.texts.survivor.over_taken_over, { exact: true }).waitFor();
    assert.ok(!(await survivor.page.content()).includes('さいしょの画面から'));
    assert.deepEqual((await survivor.storage()).session, {}, 'the first tab has no way back');
    assert.equal(await survivor.button(survivor.texts.survivor.again).count(), 0);
    await until(() => survivor.page.workers().length === 0, 'its worker has ended');
    await second.say('つぎの画面から');
    await counselor.sees('つぎの画面から', seat);
    await second.saidIs('つぎの画面から', 'delivered');
    await second.askForPast();
    assert.deepEqual(await second.bubbles(), ['さいしょの画面から', 'つぎの画面から']);
    await second.end();
  });

  await step('a member of staff who is signed in already is told so in another tab', async () => {
    const [first] = scene.colleagues;
    const second = new Counselor(await first.page.context().newPage());
    await second.open(scene.at);
    await second.unlock(scene.at.keyFile(first.member), scene.at.passphrase(first.member));
    await second.page.getByText(second.texts.staff.signed_in_elsewhere).waitFor();
    await first.page.locator('.line-state').waitFor();
    await second.page.close();
  });

  await step('on another device the newer sign-in counts', async () => {
    const [first] = scene.colleagues;
    const second = new Counselor(await scene.inside.desk());
    await second.open(scene.at);
    await second.signIn(scene.at, first.member);
    await first.page.getByText(first.texts.staff.taken_over).waitFor();
  });

  await step('the browsers had nothing to complain of', () => assert.deepEqual(scene.problems(), []));
});
