// An event that the core tells and a page does not handle is found by the compiler, before anybody can meet it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { nativeFolder, root } from '../support/centre.mjs';

const pages = path.join(root, 'client-web');
const bridge = readFileSync(path.join(nativeFolder, 'bridge.ts'), 'utf8');

// What tsc says of the pages with this bridge.
function check(t, text) {
  const folder = mkdtempSync(path.join(root, 'build/types-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'bridge.ts'), text);
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({
    extends: path.join(pages, 'tsconfig.json'),
    compilerOptions: { paths: { bridge: ['./bridge.ts'] } },
    include: [path.join(pages, 'src')],
  }));
  return spawnSync(path.join(pages, 'node_modules/.bin/tsc'), ['--project', folder], { encoding: 'utf8' });
}

test('the pages handle every event there is', (t) => {
  const { status, stdout } = check(t, bridge);
  assert.equal(status, 0, stdout);
});

for (const [union, file] of [['SurvivorEvent', 'survivor/state.ts'], ['CounselorEvent', 'staff/state.ts']]) {
  test(`a new one in ${union} does not compile`, (t) => {
    const more = bridge.replace(`export type ${union} =`, `export type ${union} =\n  | { kind: 'earthquake' }`);
    assert.notEqual(more, bridge);
    const { status, stdout } = check(t, more);
    assert.notEqual(status, 0);
    assert.match(stdout, new RegExp(`${file}.*never`));
  });
}
