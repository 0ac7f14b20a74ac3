// Debian's Chromium for the tests: a phone and a desk, each behind a network of its own.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root } from '../support/centre.mjs';
import { Relay } from './relay.mjs';

export const texts = {
  ja: JSON.parse(readFileSync(path.join(root, 'client-web/locales/ja.json'), 'utf8')),
  en: JSON.parse(readFileSync(path.join(root, 'client-web/locales/en.json'), 'utf8')),
};

const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';

// One browser: its own process, profile and network.
export class Browser {
  problems = []; // what the browser complained of: a violated policy, an exception

  // `flags`: for the browser's command line.
  static async open(at, flags = []) {
    const browser = new Browser();
    browser.at = at;
    browser.network = await Relay.to(at.port);
    browser.process = await chromium.launch({
      executablePath: executable,
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync',
        `--host-resolver-rules=MAP localhost:${at.port} 127.0.0.1:${browser.network.port}`, ...flags,
      ],
    });
    return browser;
  }

  async close() {
    await this.process.close();
    await this.network.close();
  }

  // A person's own context: nothing is shared with another one. `locale`: ja, en.
  async person({ width, height, touch = false, locale = 'ja', dark = false, ...more }) {
    const context = await this.process.newContext({
      viewport: { width, height }, hasTouch: touch, isMobile: touch, locale, ignoreHTTPSErrors: true,
      colorScheme: dark ? 'dark' : 'light', ...more,
    });
    context.setDefaultTimeout(20_000);
    context.on('console', (message) => {
      if (message.type() === 'error' && !isNetwork(message.text())) this.problems.push(message.text());
    });
    context.on('weberror', (error) => this.problems.push(`${error.error().stack ?? error.error()}`));
    return context;
  }
  async phone(options = {}) {
    return (await this.person({ width: 390, height: 780, touch: true, ...options })).newPage();
  }
  async desk(options = {}) {
    return (await this.person({ width: 1280, height: 800, ...options })).newPage();
  }
}

// Networks are broken on purpose here.
function isNetwork(text) {
  return /net::ERR_|WebSocket connection to|Failed to load resource/.test(text);
}

// All that a page's sockets carry, in order: { sent: bool, bytes }.
export function capture(page) {
  const frames = [];
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => frames.push({ sent: true, bytes: Buffer.from(payload) }));
    socket.on('framereceived', ({ payload }) => frames.push({ sent: false, bytes: Buffer.from(payload) }));
  });
  return frames;
}

// Somebody on the way changes what is answered to these addresses. (Not Playwright's own fetch: it asks the system for
// localhost, which not every machine knows.)
export async function alter(page, at, addresses, change) {
  await page.route(addresses, async (route) => {
    const { status, headers, body } = await at.get(new URL(route.request().url()).pathname);
    delete headers['content-length'];
    await route.fulfill({ status, headers, body: change(Buffer.from(body)) });
  });
}
