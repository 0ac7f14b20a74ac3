// axe, WCAG 2.2 AA and what it calls best practice, on what a page shows now.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function accessible(page) {
  await page.evaluate(axe);
  // A button on its way to another colour has neither of the two.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
  const { violations, passes } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), rules);
  assert.ok(passes.length > 5, 'axe looked at something');
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`), []);
}
