// What people do at the pages, in the words of the locale files.
import { texts } from './browser.mjs';

// --- the survivor ---

export class Survivor {
  constructor(page, language = 'ja') {
    this.page = page;
    this.texts = texts[language];
  }
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  async open(at) {
    await this.page.goto(`${at.origin}/`);
  }
  async seesOpenDoor() {
    await this.button(this.texts.survivor.enter).waitFor();
  }
  async enter() {
    await this.button(this.texts.survivor.enter).click();
    await this.page.locator('.page.waiting, .page.talk').waitFor();
  }
  async isTalking() {
    await this.page.locator('.page.talk').waitFor();
  }
  async say(text) {
    await this.page.getByLabel(this.texts.talk.message, { exact: true }).fill(text);
    await this.button(this.texts.talk.send).click();
  }
  async sees(text) {
    await this.page.locator('.bubble', { hasText: text }).first().waitFor();
  }
  // How far our text came, as the page says it: sending, stored, delivered ...
  async saidIs(text, now) {
    await this.page.locator('.said.ours', { hasText: text }).locator(`[data-now=${now}]`).waitFor();
  }
  bubbles() {
    return this.page.locator('.bubble').allTextContents();
  }
  async askForPast() {
    await this.button(this.texts.talk.earlier).click();
    await this.page.getByText(this.texts.talk.earlier_end, { exact: true }).waitFor();
  }
  async end() {
    await this.button(this.texts.survivor.end).click();
    await this.button(this.texts.survivor.end_yes).click();
    await this.page.locator('.page.over').waitFor();
  }
  storage() {
    return this.page.evaluate(async () => ({
      session: { ...sessionStorage },
      others: [Object.keys(localStorage), document.cookie, await indexedDB.databases(), await caches.keys(),
        await navigator.serviceWorker.getRegistrations()],
    }));
  }
}

// Somebody who writes a letter, or looks for its reply.
export class LetterWriter extends Survivor {
  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }
  // A button that says more than its name.
  async choose(name) {
    await this.page.locator('.choice', { hasText: name }).click();
  }
  async begin() {
    await this.button(this.texts.letters.write).click();
  }
  async phrase() {
    await this.page.locator('.phrase').waitFor();
    const parts = await this.page.locator('.phrase span').allTextContents();
    return parts.map((part) => part.trim()).join(' ');
  }
  async typeBack(label, text) {
    await this.field(label).fill(text);
    await this.button(this.texts.letter.check).click();
  }
  async isSent() {
    await this.page.getByRole('heading', { name: this.texts.letter.titles.sent }).waitFor();
  }
  async look(phrase) {
    await this.button(this.texts.letters.replies).click();
    await this.typePhrase(phrase);
  }
  async typePhrase(phrase) {
    await this.field(this.texts.replies.phrase).fill(phrase);
    await this.button(this.texts.replies.look).click();
  }
}

// --- the counselor ---

export class Counselor {
  constructor(page, language = 'ja') {
    this.page = page;
    this.texts = texts[language];
  }
  button(name, within = this.page) {
    return within.getByRole('button', { name, exact: true });
  }

  async open(at) {
    await this.page.goto(`${at.origin}/staff`);
  }
  async unlock(keyFile, passphrase) {
    await this.page.getByLabel(this.texts.staff.key_file).setInputFiles(keyFile);
    await this.page.getByLabel(this.texts.staff.passphrase).fill(passphrase);
    await this.button(this.texts.staff.unlock).click();
  }
  // `letterKeys`: a file of them, chosen together with the key file.
  async signIn(at, member, ...letterKeys) {
    await this.unlock([at.keyFile(member), ...letterKeys], at.passphrase(member));
    await this.page.locator('.console').waitFor();
  }
  async goOnDuty(at, member) {
    await this.open(at);
    await this.signIn(at, member);
    await this.page.getByLabel(this.texts.staff.on_duty, { exact: true }).check();
    await this.page.locator('.line-state').waitFor();
  }
  // Is called only by the desk: whoever was idle longest.
  rings() {
    return this.button(this.texts.staff.accept).first();
  }
  async accept() {
    const seats = await this.page.locator('.seat').count();
    await this.rings().click();
    await this.page.locator('.seat').nth(seats).waitFor();
  }
  seat(number = 1) {
    return this.page.getByRole('region', { name: this.texts.staff.visitor.replace('{number}', String(number)), exact: true });
  }
  async say(text, seat = this.seat()) {
    await seat.getByLabel(this.texts.talk.message, { exact: true }).fill(text);
    await this.button(this.texts.talk.send, seat).click();
  }
  async sees(text, seat = this.seat()) {
    await seat.locator('.bubble', { hasText: text }).first().waitFor();
  }
  async saidIs(text, now, seat = this.seat()) {
    await seat.locator('.said.ours', { hasText: text }).locator(`[data-now=${now}]`).waitFor();
  }
  bubbles(seat = this.seat()) {
    return seat.locator('.bubble').allTextContents();
  }
  async askForPast(seat = this.seat()) {
    await this.button(this.texts.talk.earlier, seat).click();
    await seat.getByText(this.texts.talk.earlier_end, { exact: true }).waitFor();
  }
  async end(seat = this.seat()) {
    await this.button(this.texts.staff.end, seat).click();
    await this.button(this.texts.staff.end_yes, seat).click();
    await seat.waitFor({ state: 'detached' });
  }
}

// Whichever of these counselors the desk calls next.
export async function whoIsCalled(counselors) {
  return Promise.any(counselors.map(async (each) => {
    await each.rings().waitFor();
    return each;
  }));
}
