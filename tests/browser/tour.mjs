// Walks through every screen of both pages, in one language and one set of colours, and shows each to `visit(name, page)`.
import { Centre, closedToday } from '../support/centre.mjs';
import { goOnDuty } from '../wasm/people.mjs';
import { alter, Browser, texts as locales } from './browser.mjs';
import { Counselor, LetterWriter, Survivor } from './consulting.mjs';
import { TwoCores } from './cores.mjs';
import { leaveLetter } from './letter_writer.mjs';
import { Scene } from './scene.mjs';

const lines = {
  ja: [
    ['survivor', '聞いてもらえますか。'],
    ['counselor', 'はい、ここで聞いています。\nいま、安全に話せる場所にいますか？'],
    ['survivor', 'いまは一人です。夫は夜まで帰りません。'],
    ['counselor', 'わかりました。ゆっくりで大丈夫ですよ。話したいことから、少しずつ聞かせてください。'],
    ['survivor', 'けさ、腕をつかまれて、あざになりました。病院に行ったほうがいいですか。'],
    ['counselor', '痛かったですね。行ったほうがいいです。診断書があとで役に立つこともあります。'],
  ],
  en: [
    ['survivor', 'Can you listen to me for a moment?'],
    ['counselor', 'Yes, I am here.\nAre you somewhere you can talk safely?'],
    ['survivor', 'I am alone now. He is away until tonight.'],
    ['counselor', 'Thank you. Take your time, and begin wherever you like.'],
    ['survivor', 'He grabbed my arm this morning and it is bruised. Should I see a doctor?'],
    ['counselor', 'I am sorry, that must hurt. Yes, please do. A doctor’s note can also help later.'],
  ],
};

const letters = {
  ja: ['夜しか書けないので、手紙にします。\n\n夫に通帳を取りあげられました。どうしたらいいですか。', 'お手紙、読みました。書いてくださって、ありがとうございます。'],
  en: ['I can only write at night.\n\nHe took my bank book. What can I do?', 'Thank you for writing to us.'],
};

export async function talkThrough(survivor, counselor, seat, language) {
  for (const [who, text] of lines[language]) {
    const [head] = text.split('\n');
    if (who === 'survivor') {
      await survivor.say(text);
      await survivor.saidIs(head, 'delivered');
    } else {
      await counselor.say(text, seat);
      await counselor.saidIs(head, 'delivered', seat);
    }
  }
}

// `t`: the test that the tour ends with. `phone`: the size of the survivor's screen.
export async function tour(t, { language, dark, phone = {} }, visit) {
  const look = { locale: language, dark };
  const texts = locales[language];
  const scene = await Scene.open(t, { desk: look });
  const { at, outside, inside } = scene;
  const [counselor, colleague] = scene.colleagues;
  const newSurvivor = () => scene.survivor({ ...look, ...phone });

  // --- the survivor's page ---
  const first = await newSurvivor();
  await first.open(at);
  await first.seesOpenDoor();
  await visit('survivor: the door', first.page);
  await colleague.page.getByLabel(texts.staff.take, { exact: true }).uncheck();
  await counselor.page.getByLabel(texts.staff.take, { exact: true }).uncheck();
  await first.enter();
  const second = await newSurvivor();
  await second.open(at);
  await second.seesOpenDoor();
  await second.enter();
  await visit('survivor: waiting', second.page);
  await visit('console: somebody waits', colleague.page);

  await counselor.page.getByLabel(texts.staff.take, { exact: true }).check();
  await counselor.rings().waitFor();
  await visit('console: a call', counselor.page);
  await counselor.accept();
  await first.isTalking();
  await visit('survivor: a talk begins', first.page);
  await talkThrough(first, counselor, counselor.seat(1), language);
  await visit('survivor: a talk', first.page);
  await visit('console: one conversation', counselor.page);

  await counselor.rings().waitFor();
  await counselor.accept();
  await second.isTalking();
  await second.say(lines[language][0][1]);
  await second.saidIs(lines[language][0][1], 'delivered');
  await visit('console: two conversations', counselor.page);
  await invitations({ survivor: first, counselor, colleague, texts, language }, visit);

  inside.network.cut();
  await first.page.getByText(texts.survivor.peer_away).waitFor();
  await visit('survivor: the counselor is away', first.page);
  await counselor.page.getByText(texts.staff.offline).waitFor();
  await visit('console: offline', counselor.page);
  await first.page.reload();
  await first.page.getByText(texts.survivor.peer_away_returning).waitFor();
  await visit('survivor: returning', first.page);
  inside.network.restore();
  await first.button(texts.talk.earlier).waitFor();
  await visit('survivor: reloaded', first.page);
  await first.askForPast();
  outside.network.cut();
  await first.page.getByText(texts.survivor.offline).waitFor();
  await first.say('…');
  await visit('survivor: offline', first.page);
  await counselor.seat(1).getByText(texts.staff.peer_away).waitFor();
  await visit('console: a survivor is away', counselor.page);
  await counselor.page.reload();
  await counselor.signIn(at, 'sumire');
  await counselor.seat(1).getByText(texts.staff.restoring).waitFor();
  await visit('console: restoring', counselor.page);
  outside.network.restore();
  await first.saidIs('…', 'delivered');

  await first.button(texts.survivor.end).click();
  await visit('survivor: ending asks first', first.page);
  await first.button(texts.survivor.end_yes).click();
  await first.page.locator('.page.over').waitFor();
  await visit('survivor: emptied', first.page);
  await counselor.seat(1).getByText(texts.staff.peer_left).waitFor();
  await visit('console: a survivor has ended it', counselor.page);

  await counselor.button(texts.staff.sign_out).click();
  await visit('console: signing out asks first', counselor.page);
  await counselor.button(texts.staff.back).click();
  await counselor.end(counselor.seat(2));
  await second.page.getByText(texts.survivor.peer_left).waitFor();
  await visit('survivor: the counselor has ended it', second.page);

  await letter({ at, counselor, texts, language }, visit);
  await counselor.page.setViewportSize({ width: 320, height: 640 });
  await visit('console: narrow', counselor.page);
  await counselor.page.setViewportSize({ width: 1280, height: 800 });
  await colleague.page.getByLabel(texts.staff.on_duty, { exact: true }).uncheck();
  await visit('console: off duty', colleague.page);
  await colleague.page.clock.setFixedTime(Date.now() + 25 * 24 * 3600 * 1000); // of the 35 days of a roster
  await colleague.page.getByLabel(texts.staff.on_duty, { exact: true }).check();
  await colleague.page.getByText(texts.staff.ends_roster.replace(/\{date\}.*/, '')).waitFor();
  await visit('console: the roster ends soon', colleague.page);
  await colleague.page.getByLabel(texts.staff.on_duty, { exact: true }).uncheck();
  const late = await newSurvivor();
  await late.open(at);
  await late.page.locator('.page.door', { hasText: texts.front.closed_few }).waitFor();
  await visit('survivor: too few on duty', late.page);

  const elsewhere = new Counselor(await inside.desk(look), language);
  await elsewhere.open(at);
  await visit('console: sign in', elsewhere.page);
  await elsewhere.unlock(at.keyFile('sumire'), 'ka ki ku ke ko sa');
  await elsewhere.page.getByText(texts.staff.cannot_open).waitFor();
  await visit('console: a wrong passphrase', elsewhere.page);
  await elsewhere.signIn(at, 'sumire');
  await counselor.page.getByText(texts.staff.taken_over).waitFor();
  await visit('console: taken over', counselor.page);

  // --- what should not happen ---
  const doubled = await newSurvivor();
  await doubled.open(at);
  await doubled.page.evaluate(() => sessionStorage.setItem('resume', '00'));
  await doubled.page.reload();
  await doubled.page.getByText(texts.survivor.over_lost, { exact: true }).waitFor();
  await visit('survivor: not found', doubled.page);
  const staff = await inside.desk(look);
  const otherRoot = (body) => body.toString().replace(at.fingerprint, '0'.repeat(64));
  await alter(staff, at, `${at.origin}/staff`, otherRoot);
  const misled = new Counselor(staff, language);
  await misled.open(at);
  await misled.unlock(at.keyFile('koharu'), at.passphrase('koharu'));
  await staff.getByText(texts.staff.distrusted, { exact: true }).waitFor();
  await visit('console: a server that is not proven', staff);
  const distrusting = await newSurvivor();
  await alter(distrusting.page, at, `${at.origin}/`, otherRoot);
  await distrusting.open(at);
  await distrusting.page.getByText(texts.survivor.distrusted, { exact: true }).waitFor();
  await visit('survivor: a server that is not proven', distrusting.page);
  const withoutWebAssembly = (page) => page.addInitScript(() => delete globalThis.WebAssembly);
  const broken = await newSurvivor();
  await withoutWebAssembly(broken.page);
  await alter(broken.page, at, /twin_worker-[0-9a-f]+\.js/, () => 'throw new Error()');
  await broken.open(at);
  await broken.page.getByText(texts.survivor.broken_page, { exact: true }).waitFor();
  await visit('survivor: a page that cannot go on', broken.page);
  const unfit = await inside.desk(look);
  await withoutWebAssembly(unfit);
  await new Counselor(unfit, language).open(at);
  await unfit.getByText(texts.staff.unfit, { exact: true }).waitFor();
  await visit('console: a browser that cannot', unfit);

  await invited(t, { look, phone }, visit);
  await closed(t, { look, phone }, visit);
}

// A colleague is asked in, comes, and goes again.
async function invitations({ survivor, counselor, colleague, texts, language }, visit) {
  const { staff, invitation } = texts;
  const seat = counselor.seat(1);
  const [host, guest] = await Promise.all([counselor, colleague].map(({ page }) => page.locator('.alias').textContent()));
  const free = colleague.page.getByLabel(staff.take, { exact: true });
  await free.check();
  await counselor.button(staff.invite, seat).click();
  await seat.getByLabel(staff.invite_join).check();
  await seat.getByLabel(guest).check();
  await seat.getByLabel(staff.sheet, { exact: true }).fill(sheets[language]);
  await visit('console: whom to ask', counselor.page);
  await counselor.button(staff.invite_send, seat).click();
  await colleague.button(staff.asked_yes).waitFor();
  await visit('console: a colleague asks', colleague.page);
  await colleague.button(staff.asked_yes).click();
  await survivor.button(invitation.yes).waitFor();
  await visit('console: the survivor is asked', counselor.page);
  await survivor.button(invitation.yes).click();
  await seat.getByText(staff.company.replace('{alias}', guest)).waitFor();
  await colleague.say(lines[language][1][1], colleague.seat(1));
  await counselor.sees(lines[language][1][1].split('\n')[0], seat);
  await visit('console: company', counselor.page);
  await colleague.seat(1).getByText(staff.company.replace('{alias}', host)).waitFor();
  await visit('console: asked in', colleague.page);
  await survivor.button(invitation.end_company.replace('{alias}', guest)).click();
  await colleague.button(staff.close, colleague.seat(1)).click();
  await free.uncheck();
}

// A letter is read and answered.
async function letter({ at, counselor, texts, language }, visit) {
  const { staff } = texts;
  const { page } = counselor;
  const [text, reply] = letters[language];
  await leaveLetter(at, text, { written_in: language });
  await counselor.button(staff.letter_take).waitFor();
  await page.getByText(staff.keys, { exact: true }).scrollIntoViewIfNeeded();
  await visit('console: a letter waits', page);
  await counselor.button(staff.letter_take).click();
  await page.getByLabel(staff.reply, { exact: true }).fill(reply);
  await visit('console: a letter', page);
  await page.setViewportSize({ width: 320, height: 640 });
  await visit('console: a letter, narrow', page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await counselor.button(staff.reply_review).click();
  await visit('console: a reply is looked at', page);
  await counselor.button(staff.reply_send).click();
  await page.getByText(staff.letter_answered).waitFor();
  await visit('console: a reply is sent', page);
}

// Somebody else is to take over, then to join. The staff are cores in Node: the console has its own screens.
async function invited(t, { look, phone }, visit) {
  const at = await Centre.open();
  t.after(() => at.close());
  const browser = await Browser.open(at);
  t.after(() => browser.close());
  const survivor = new Survivor(await browser.phone({ ...look, ...phone }), look.locale);
  const { page, texts: { invitation } } = survivor;
  const staff = await TwoCores.on(t, at);
  await staff.meet(survivor);
  await survivor.say(lines[look.locale][2][1]);
  await staff.invite('take_over', sheets[look.locale], look.locale);
  await page.locator('.invitation').waitFor();
  await visit('survivor: asked whether somebody may take over', page);
  await survivor.button(invitation.no).click();
  await staff.first.sees('invitation_moved', ({ now }) => now === 'refused');
  await staff.invite('join', sheets[look.locale], look.locale);
  await page.locator('.invitation').waitFor();
  await visit('survivor: asked whether somebody may join', page);
  await survivor.button(invitation.yes).click();
  await page.locator('.company').waitFor();
  const { conversation } = await staff.second.sees('joined');
  staff.say(staff.second, conversation, lines[look.locale][5][1], look.locale);
  await survivor.sees(lines[look.locale][5][1]);
  await visit('survivor: two counselors', page);
}

const sheets = {
  ja: '電話は避けてほしい。夫は夜7時に帰る。\n子どもが一人（小学2年）。\n左の腕にあざ。診断書はまだ。',
  en: 'No telephone calls, please. He is back at seven in the evening.\nOne child, eight years old.\nBruised left arm; no doctor’s note yet.',
};

// A centre whose hours are over: a letter is left, answered, and the reply seen.
async function closed(t, { look, phone }, visit) {
  const at = await Centre.open(closedToday);
  t.after(() => at.close());
  for (const [id, alias] of [['hana', 'はな'], ['yuki', 'ゆき']]) at.enrol(id, alias, '--reads-letters');
  const browser = await Browser.open(at);
  t.after(() => browser.close());
  const late = new LetterWriter(await browser.phone({ ...look, ...phone }), look.locale);
  const { page, texts: { front, letter, replies, survivor } } = late;
  await late.open(at);
  await page.locator('.page.door', { hasText: front.closed_hours }).waitFor();
  await visit('survivor: closed', page);
  await late.begin();
  await page.getByText(letter.impossible).waitFor();
  await visit('survivor: no letter can be taken', page);
  const staff = ['hana', 'yuki'].map((member) => goOnDuty(at, member));
  t.after(() => { for (const each of staff) each.socket.cut(); });
  for (const each of staff) await each.sees('letters_changed');
  await late.button(late.texts.letters.leave).click();

  await late.begin();
  await page.getByText(letter.read_by).waitFor();
  await visit('survivor: before a letter', page);
  await late.choose(letter.want_reply);
  await visit('survivor: words or digits', page);
  await late.choose(letter.words);
  await page.locator('.phrase').waitFor();
  await visit('survivor: a return phrase in words', page);
  await late.button(letter.another).click();
  await late.choose(letter.digits);
  const phrase = await late.phrase();
  await visit('survivor: a return phrase in digits', page);
  await late.button(letter.copied).click();
  await late.typeBack(letter.last_digits, '0');
  await page.getByText(letter.faults.phrase_differs).waitFor();
  await visit('survivor: not the phrase', page);
  await late.typeBack(letter.last_digits, phrase.slice(-4));
  await late.field(letter.label).fill(lines[look.locale][4][1]);
  await visit('survivor: writing a letter', page);
  await late.button(letter.review).click();
  await visit('survivor: a look at the letter', page);
  browser.network.cut();
  await page.getByText(survivor.unreachable).waitFor();
  await late.button(letter.send).click();
  await visit('survivor: a letter waits for the network', page);
  browser.network.restore();
  await late.isSent();
  await visit('survivor: a letter is sent', page);

  await late.button(survivor.again).click();
  await late.look('1234 '.repeat(6));
  await page.getByText(replies.faults.unknown).waitFor();
  await visit('survivor: nothing under a phrase', page);
  await late.typePhrase(phrase);
  await late.button(replies.burn).waitFor();
  await visit('survivor: a letter that was not read', page);
  await late.button(late.texts.letters.leave).click();
  staff[0].run({ kind: 'take_letter' });
  const opened = await staff[0].sees('letter_opened');
  staff[0].run({ kind: 'answer_letter', letter: opened.letter, written_in: look.locale, text: lines[look.locale][5][1] });
  await staff[0].sees('letter_closed');
  await late.look(phrase);
  await page.locator('article').waitFor();
  await visit('survivor: a reply', page);
  await late.button(replies.burn).click();
  await visit('survivor: burning asks first', page);
  await page.getByRole('alertdialog').getByRole('button', { name: replies.burn_yes }).click();
  await page.getByText(replies.burnt_what).waitFor();
  await visit('survivor: burnt', page);
}
