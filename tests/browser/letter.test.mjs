// A letter left while the centre is closed, with a return phrase; read and answered by its staff; the reply seen, and burnt.
// The staff are cores in Node (tests/wasm/people.mjs): which screens they have is the console's matter.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Centre, closedToday, until } from '../support/centre.mjs';
import { goOnDuty } from '../wasm/people.mjs';
import { accessible } from './axe.mjs';
import { Browser, capture } from './browser.mjs';
import { LetterWriter } from './consulting.mjs';
import { stepsOf } from './steps.mjs';

const written = '夜中にすみません。だれにも言えないので、ここに書きます。';
const answered = '書いてくださって、ありがとうございます。月曜日にお待ちしています。';

test('a letter', async (t) => {
  const step = stepsOf(t);
  const at = await Centre.open(closedToday);
  t.after(() => at.close());
  for (const [id, alias] of [['hana', 'はな'], ['yuki', 'ゆき']]) at.enrol(id, alias, '--reads-letters');
  const browser = await Browser.open(at);
  t.after(() => browser.close());
  const write = async (options = {}) => new LetterWriter(await browser.phone(options), options.locale);

  const early = await write();
  await step('cannot be left before two people could read it, and the telephones are there', async () => {
    await early.open(at);
    await early.begin();
    await early.page.getByText(early.texts.letter.impossible).waitFor();
    await early.page.getByRole('link', { name: '110' }).first().waitFor();
  });

  const staff = ['hana', 'yuki'].map((member) => goOnDuty(at, member));
  t.after(() => { for (const each of staff) each.socket.cut(); });
  for (const each of staff) await each.sees('letters_changed');

  await step('can be left once there are two, by whoever asks again', async () => {
    await early.button(early.texts.letters.leave).click();
    await early.begin();
    await early.page.getByText(early.texts.letter.read_by).waitFor();
    await early.page.close();
  });

  const survivor = await write();
  const frames = capture(survivor.page);
  let frames_without, phrase;

  await step('before a word is written: when it is read, by whom, and that no reply can come without a phrase', async () => {
    await survivor.open(at);
    await survivor.begin();
    const { letter } = survivor.texts;
    await survivor.page.getByText(before(letter.read_from)).waitFor();
    for (const fact of [letter.read_by, letter.no_phrase_no_reply, letter.nothing_kept]) await survivor.page.getByText(fact).waitFor();
    await accessible(survivor.page);
  });

  await step('a return phrase is shown once, thrown away and made anew, and must be typed back', async () => {
    const { letter } = survivor.texts;
    await survivor.choose(letter.want_reply);
    await survivor.choose(letter.digits);
    const digits = await survivor.phrase();
    assert.match(digits, /^(\d{4} ){5}\d{4}$/);
    await accessible(survivor.page);
    await survivor.button(letter.another).click();
    await survivor.choose(letter.words);
    phrase = await survivor.phrase();
    assert.match(phrase, /^(?:[ぁ-ん]+ ){5}[ぁ-ん]+$/);
    await survivor.button(letter.copied).click();
    await survivor.typeBack(letter.last_word, 'かきく');
    await survivor.page.getByText(letter.faults.phrase_differs).waitFor();
    assert.ok(!holds(await survivor.page.content(), phrase), 'it is not on the screen while it is asked for');
    await survivor.button(letter.look_again).click();
    assert.equal(await survivor.phrase(), phrase);
    await survivor.button(letter.copied).click();
    await survivor.typeBack(letter.last_word, phrase.split(' ').at(-1));
    await survivor.field(letter.label).waitFor();
    assert.ok(!holds(await survivor.page.content(), phrase));
  });

  await step('what is too long is said so, and what is typed is kept from other ears', async () => {
    const { letter } = survivor.texts;
    const field = survivor.field(letter.label);
    await field.fill('あ'.repeat(11_000));
    await survivor.page.getByText(letter.too_long_now).waitFor();
    await survivor.button(letter.review).click();
    await survivor.page.getByText(letter.too_long_now).waitFor();
    assert.equal(await field.getAttribute('autocomplete'), 'off');
    assert.equal(await field.getAttribute('spellcheck'), 'false');
  });

  await step('is sealed in the page, and sent again by itself after the network was gone', async () => {
    const { letter } = survivor.texts;
    await survivor.field(letter.label).fill(written);
    await survivor.button(letter.review).click();
    await survivor.page.getByText(letter.with_phrase).waitFor();
    await accessible(survivor.page);
    browser.network.cut();
    await survivor.page.getByText(survivor.texts.survivor.unreachable).waitFor();
    await survivor.button(letter.send).click();
    await survivor.page.getByText(letter.sending_later).waitFor();
    browser.network.restore();
    await survivor.isSent();
    await survivor.page.getByText(before(letter.sent_until)).waitFor();
    await accessible(survivor.page);
  });

  await step('leaves nothing readable on the screen, in the browser or on the wire', async () => {
    assert.ok(!(await survivor.page.content()).includes('だれにも言えない'));
    const { session, others } = await survivor.storage();
    assert.deepEqual([session, others], [{}, [[], '', [], [], []]]);
    assert.ok(frames.length > 5);
    for (const { bytes } of frames) assert.ok(!bytes.includes(Buffer.from('だれにも')) && !holds(bytes, phrase));
  });

  await step('a phrase that was never made finds nothing, and one that is none says what it should be', async () => {
    const { replies, survivor: words } = survivor.texts;
    await survivor.button(words.again).click();
    await survivor.look('かき くけ');
    await survivor.page.getByText(replies.faults.not_a_phrase).waitFor();
    await survivor.typePhrase('1234 '.repeat(6));
    await survivor.page.getByText(replies.faults.unknown).waitFor();
    await accessible(survivor.page);
  });

  await step('says that it has not been read', async () => {
    await survivor.typePhrase(katakana(phrase));
    await survivor.page.getByText(survivor.texts.replies.waiting.other.replace('{count}', '1')).waitFor();
    await survivor.button(survivor.texts.letters.leave).click();
  });

  await step('is opened and answered by whoever takes it', async () => {
    await until(() => staff.every((each) => each.all('letters_changed').at(-1).waiting === 1), 'both see that it waits');
    staff[0].run({ kind: 'take_letter' });
    const opened = await staff[0].sees('letter_opened');
    assert.deepEqual([opened.text, opened.answerable, opened.written_in], [written, true, 'ja']);
    staff[0].run({ kind: 'answer_letter', letter: opened.letter, written_in: 'ja', text: answered });
    assert.equal((await staff[0].sees('letter_closed')).done, true);
  });

  await step('its reply is seen with the phrase, after a lost network too', async () => {
    await survivor.look(phrase.replaceAll(' ', '　'));
    const { replies } = survivor.texts;
    const reply = survivor.page.locator('article', { hasText: replies.from.replace('{alias}', 'はな') });
    await reply.getByText(answered).waitFor();
    assert.equal(await reply.locator('[lang]').getAttribute('lang'), 'ja');
    await survivor.page.getByText(before(replies.until)).waitFor();
    await accessible(survivor.page);
    await survivor.button(survivor.texts.letters.leave).click();
    assert.ok(!(await survivor.page.content()).includes(answered));
    await survivor.button(survivor.texts.letters.replies).click();
    browser.network.cut();
    await survivor.page.getByText(survivor.texts.survivor.unreachable).waitFor();
    browser.network.restore();
    await survivor.typePhrase(phrase);
    await reply.getByText(answered).waitFor();
  });

  await step('and is burnt, after one question', async () => {
    const { replies } = survivor.texts;
    await survivor.button(replies.burn).click();
    await survivor.page.getByText(replies.burn_ask).waitFor();
    await survivor.page.getByRole('alertdialog').getByRole('button', { name: replies.burn_yes }).click();
    await survivor.page.getByText(replies.burnt_what).waitFor();
    assert.ok(!(await survivor.page.content()).includes(answered));
    await survivor.button(survivor.texts.letters.leave).click();
    await survivor.look(phrase);
    await survivor.page.getByText(replies.faults.unknown).waitFor();
  });

  await step('one without a phrase is read, and gone', async () => {
    const other = await write({ locale: 'en' });
    frames_without = capture(other.page);
    await other.open(at);
    await other.begin();
    await other.choose(other.texts.letter.write_only);
    await other.field(other.texts.letter.label).fill('Only so that somebody knows.');
    await other.button(other.texts.letter.review).click();
    await other.page.getByText(other.texts.letter.without_phrase).waitFor();
    await other.button(other.texts.letter.send).click();
    await other.isSent();
    await other.page.getByText(other.texts.letter.sent_without_phrase).waitFor();
    staff[1].run({ kind: 'take_letter' });
    const opened = await staff[1].sees('letter_opened');
    assert.deepEqual([opened.text, opened.answerable, opened.written_in], ['Only so that somebody knows.', false, 'en']);
    staff[1].run({ kind: 'put_letter', letter: opened.letter, read: true });
    assert.equal((await staff[1].sees('letter_closed')).done, true);
    await other.page.close();
  });

  await step('on the wire a letter is like any other, with a phrase or without one, and each kind of message has one size', () => {
    const letter = ['51: 134 bytes', ...Array(5).fill('52: 4121 bytes')];
    for (const each of [frames, frames_without]) {
      const sizes = new Map();
      for (const { bytes } of each) sizes.set(bytes[0], (sizes.get(bytes[0]) ?? new Set()).add(bytes.length));
      for (const [code, found] of sizes) assert.equal(found.size, 1, `message ${code.toString(16)}: ${[...found]}`);
      const written = each.filter(({ sent, bytes }) => sent && (bytes[0] === 0x51 || bytes[0] === 0x52));
      assert.deepEqual(written.map(({ bytes }) => `${bytes[0].toString(16)}: ${bytes.length} bytes`), letter);
    }
  });

  await step('the exit leaves no word of a draft', async () => {
    const { page, texts } = survivor;
    await survivor.button(texts.letters.leave).click();
    await survivor.begin();
    await survivor.choose(texts.letter.write_only);
    await survivor.field(texts.letter.label).fill(written);
    await page.context().route('https://www.jma.go.jp/**', (route) => route.fulfill({ contentType: 'text/html', body: '晴れ' }));
    await survivor.button(texts.survivor.exit).click();
    await page.waitForURL('https://www.jma.go.jp/**');
    await page.goBack().catch(() => {});
    assert.ok(!(await page.content()).includes('だれにも言えない'));
  });

  await step('the browser had nothing to complain of', () => assert.deepEqual(browser.problems, []));
});

// Whether a page or a frame holds the phrase: one of its words alone may be a word of the page (から, まで). The last one is
// left out: it was typed back.
function holds(text, phrase) {
  return phrase.split(' ').slice(0, -1).every((word) => text.includes(word));
}

// A text of the locale files up to the first thing that is filled in.
function before(text) {
  return text.replace(/^\{[a-z]+\}/, '').split('{')[0].trim();
}

function katakana(text) {
  return text.replace(/[ぁ-ん]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) + 0x60));
}
