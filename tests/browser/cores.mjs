// Two counselors as cores in Node (tests/wasm/people.mjs), for what a survivor's screen shows of two of them.
import { until } from '../support/centre.mjs';
import { goOnDuty } from '../wasm/people.mjs';

export class TwoCores {
  #references = 0;

  // `t`: the test that they end with.
  static async on(t, at) {
    const two = new TwoCores();
    two.at = at;
    two.all = ['sumire', 'aoi'].map((member) => goOnDuty(at, member));
    t.after(() => { for (const each of two.all) each.socket.cut(); });
    for (const each of two.all) await each.sees('signed_in');
    return two;
  }

  // The survivor comes in; `first` is whoever was called.
  async meet(survivor) {
    await survivor.open(this.at);
    await survivor.seesOpenDoor();
    await survivor.enter();
    const isCalled = (each) => each.all('called').length > 0;
    await until(() => this.all.some(isCalled), 'somebody is called');
    this.first = this.all.find(isCalled);
    this.second = this.all.find((each) => each !== this.first);
    this.conversation = this.first.all('called')[0].conversation;
    this.first.run({ kind: 'accept', conversation: this.conversation });
    await survivor.isTalking();
    [this.firstName, this.secondName] = [this.first, this.second].map((each) => each.all('signed_in')[0].alias);
  }

  // The second one is asked and agrees; what the survivor is asked then is the survivor's matter.
  async invite(purpose, sheet, written_in = 'ja') {
    const before = this.second.all('invited').length;
    const told = () => this.first.all('colleague_told').filter(({ alias }) => alias === this.secondName);
    const told_before = told().length;
    this.first.run({ kind: 'ask_team' });
    await until(() => told().length > told_before, 'the colleague is known to be on duty');
    const { certificate } = told().at(-1);
    this.first.run({ kind: 'invite', conversation: this.conversation, colleague: certificate, purpose, written_in, sheet });
    await until(() => this.second.all('invited').length > before, 'the colleague is asked');
    this.second.run({ kind: 'answer_colleague', conversation: this.second.all('invited').at(-1).conversation, yes: true });
  }

  say(who, conversation, text, written_in = 'ja') {
    who.run({ kind: 'say', conversation, reference: ++this.#references, written_in, text });
  }

  // Nothing that the second one's console says arrives.
  silence() {
    this.second.socket.send = () => {};
  }
  // The second one's console is gone, and comes back as a new one.
  leave() {
    this.second.leave();
  }
  async comeBack() {
    this.second = goOnDuty(this.at, this.second.member);
    this.all.push(this.second);
    await this.second.sees('signed_in');
  }
}
