// Every end is an end, also where the network is gone when it comes: nothing leads back, and nobody is left waiting.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Scene } from './scene.mjs';
import { stepsOf } from './steps.mjs';

const secret = 'おわったあとに読まれたくないことば';

test('endings', async (t) => {
  const step = stepsOf(t);
  const scene = await Scene.open(t);
  const { outside, inside, at } = scene;

  async function talked() {
    const people = await scene.talk();
    await people.survivor.say(secret);
    await people.survivor.saidIs(secret, 'delivered');
    return people;
  }
  const isAtTheDoor = (survivor) => survivor.seesOpenDoor();

  await step('said by a survivor without a network: nothing is kept, and a reload shows the door', async () => {
    const { survivor, counselor, seat } = await talked();
    outside.network.cut();
    await survivor.page.getByText(survivor.texts.survivor.offline).waitFor();
    await survivor.end();
    assert.deepEqual((await survivor.storage()).session, {});
    assert.ok(!(await survivor.page.content()).includes(secret));
    outside.network.restore();
    await survivor.page.reload();
    await isAtTheDoor(survivor);
    await counselor.end(seat);
    await survivor.page.close();
  });

  await step('said by a counselor while the phone is away and reloads: the way to the door is open', async () => {
    const { survivor, counselor, seat } = await talked();
    outside.network.cut();
    await seat.getByText(counselor.texts.staff.peer_away).waitFor();
    await survivor.say('もう届かないことば');
    await counselor.end(seat);
    outside.network.restore();
    await survivor.page.getByText(survivor.texts.survivor.peer_left).waitFor();
    await survivor.saidIs('もう届かないことば', 'dropped');
    assert.deepEqual((await survivor.storage()).session, {});
    await survivor.page.reload();
    await isAtTheDoor(survivor);
    await survivor.page.close();
  });

  await step('what was kept and cannot be read leads to the door too', async () => {
    const survivor = await scene.survivor();
    await survivor.open(at);
    await survivor.page.evaluate(() => sessionStorage.setItem('resume', '00ff'));
    await survivor.page.reload();
    await survivor.page.getByText(survivor.texts.survivor.over_lost, { exact: true }).waitFor();
    assert.deepEqual((await survivor.storage()).session, {});
    await survivor.button(survivor.texts.survivor.again).click();
    await isAtTheDoor(survivor);
    await survivor.page.close();
  });

  await step('a reload while the counselor is away says so, and can be given up', async () => {
    const { survivor, counselor, seat } = await talked();
    inside.network.cut();
    await survivor.page.getByText(survivor.texts.survivor.peer_away).waitFor();
    await survivor.page.reload();
    await survivor.page.getByText(survivor.texts.survivor.peer_away_returning).waitFor();
    await survivor.button(survivor.texts.survivor.give_up).click();
    await survivor.page.locator('.page.over').waitFor();
    await survivor.button(survivor.texts.survivor.again).click();
    inside.network.restore();
    await isAtTheDoor(survivor);
    await seat.getByText(counselor.texts.staff.peer_left).waitFor();
    await survivor.page.close();
  });

  await step('signing out without a network does not pretend to have ended anything', async () => {
    const { survivor, counselor } = await talked();
    inside.network.cut();
    await counselor.page.getByText(counselor.texts.staff.offline).waitFor();
    await counselor.button(counselor.texts.staff.sign_out).click();
    await counselor.button(counselor.texts.staff.sign_out_yes).click();
    await counselor.page.getByText(counselor.texts.staff.could_not_end).waitFor();
    inside.network.restore();
    await survivor.page.getByText(survivor.texts.survivor.peer_left).waitFor();
    await counselor.button(counselor.texts.staff.sign_out).click();
    await counselor.button(counselor.texts.staff.unlock).waitFor();
  });

  await step('the browsers had nothing to complain of', () => assert.deepEqual(scene.problems(), []));
});
