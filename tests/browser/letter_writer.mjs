// Somebody who leaves a letter, and fetches its reply: cores in Node, for tests that look at the console.
import { Core, bridge, load } from '../wasm/modules.mjs';
import { comeToTheDoor } from '../wasm/people.mjs';

async function atTheDoor(at) {
  const survivor = comeToTheDoor(at);
  const { root } = await survivor.sees('trusted');
  return Object.assign(survivor, { root });
}
// `answer`: with a return phrase. Returns its keys.
export async function leaveLetter(at, text, { answer = true, written_in = 'ja' } = {}) {
  const survivor = await atTheDoor(at);
  const keys = answer ? makePhrase(survivor.root) : new Uint8Array(128);
  survivor.run({ kind: 'ask_letters' });
  await survivor.sees('letters_told', ({ possible }) => possible);
  survivor.run({ kind: 'send_letter', written_in, text, keys });
  await survivor.sees('letter_sent');
  survivor.leave();
  return keys;
}
function makePhrase(root) {
  const once = new Core(bridge.survivor, load('survivor'));
  return once.run({ kind: 'make_phrase', root, digits: true, kana: false }).events[0].keys;
}
export async function fetchReplies(at, keys, burn = false) {
  const survivor = await atTheDoor(at);
  survivor.run({ kind: 'fetch_replies', keys: keys.slice(), burn });
  const told = await survivor.sees('replies_told');
  const reply = told.replies > 0 ? await survivor.sees('reply_received') : undefined;
  survivor.leave();
  return { told, reply };
}
