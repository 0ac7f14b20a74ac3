// Takes a picture of every screen, into build/pictures, and README.md's picture of a consultation: phone beside console.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../support/centre.mjs';
import { Browser } from './browser.mjs';
import { Scene } from './scene.mjs';
import { talkThrough, tour } from './tour.mjs';

const out = path.join(root, 'build/pictures');
mkdirSync(out, { recursive: true });

// What the tests have from their runner: what is to be done at the end.
async function ending(work) {
  const last = [];
  try {
    await work({ after: (step) => last.unshift(step) });
  } finally {
    for (const step of last) await step();
  }
}

async function everyScreen(language, dark) {
  let number = 0;
  await ending((t) => tour(t, { language, dark }, async (name, page) => {
    const file = `${language}-${dark ? 'dark' : 'light'}-${String(++number).padStart(2, '0')}-${name.replace(/[^a-z]+/g, '-')}.png`;
    await page.screenshot({ path: path.join(out, file) });
    console.log(file);
  }));
}

async function readmePicture() {
  await ending(async (t) => {
    const scene = await Scene.open(t, { desk: { width: 1000, height: 700 } });
    const { survivor, counselor } = await scene.talk({ width: 360, height: 700 });
    await talkThrough(survivor, counselor, counselor.seat(1), 'ja');
    const phone = (await survivor.page.screenshot()).toString('base64');
    const desk = (await counselor.page.screenshot()).toString('base64');
    const sheet = await (await scene.inside.person({ width: 1460, height: 780 })).newPage();
    const style = 'box-shadow: 0 4px 24px #0003; border-radius: 12px';
    await sheet.setContent(`<body style="margin: 0; padding: 40px; display: flex; gap: 32px; background: #e9e6df">
      <img style="${style}" src="data:image/png;base64,${phone}"><img style="${style}" src="data:image/png;base64,${desk}">`);
    await sheet.screenshot({ path: path.join(root, 'client-web/consultation.png') });
    console.log('client-web/consultation.png');
  });
}

await everyScreen('ja', false);
await everyScreen('en', true);
await readmePicture();
