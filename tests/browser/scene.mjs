// Two counselors on duty and a phone outside: where most tests begin.
import { Centre } from '../support/centre.mjs';
import { Browser } from './browser.mjs';
import { Counselor, Survivor, whoIsCalled } from './consulting.mjs';

export class Scene {
  // `t`: the test that it ends with. `flags`: of the browser outside.
  static async open(t, { centre, desk = {}, flags } = {}) {
    const scene = new Scene();
    scene.at = await Centre.open(centre);
    t.after(() => scene.at.close());
    scene.outside = await Browser.open(scene.at, flags);
    t.after(() => scene.outside.close());
    scene.inside = await Browser.open(scene.at);
    t.after(() => scene.inside.close());
    scene.colleagues = [];
    for (const member of ['sumire', 'aoi']) {
      const counselor = new Counselor(await scene.inside.desk(desk), desk.locale);
      await counselor.goOnDuty(scene.at, member);
      scene.colleagues.push(Object.assign(counselor, { member }));
    }
    return scene;
  }

  async survivor(options = {}) {
    return new Survivor(await this.outside.phone(options), options.locale);
  }
  // A survivor who talks already, and the counselor who accepted.
  async talk(options = {}) {
    const survivor = await this.survivor(options);
    await survivor.open(this.at);
    await survivor.seesOpenDoor();
    await survivor.enter();
    const counselor = await whoIsCalled(this.colleagues);
    await counselor.accept();
    await survivor.isTalking();
    return { survivor, counselor, seat: counselor.page.locator('.seat').last() };
  }

  problems() {
    return [...this.outside.problems, ...this.inside.problems];
  }
}
