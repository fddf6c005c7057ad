/** Every rule of scripts/tidy.ts can fail: one planted fault for each, in a tree of its own, through the real command. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const folders: string[] = [];

function plant(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'tidy-'));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

function tidy(root: string): { status: number | null; lines: string[] } {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/tidy.ts', root], { cwd: REPOSITORY, encoding: 'utf8' });
  return { status: run.status, lines: `${run.stdout}${run.stderr}`.split('\n') };
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const HEAD = '/** A planted file. */\n';
/** What a function may hold; one line more is too much. */
const FULL = '  void 0;\n'.repeat(70);
const LONG = `${FULL}  void 0;\n`;
const LONG_SWITCH = `  switch (a) {\n${'    case 1:\n      return;\n'.repeat(40)}    default:\n`;
/** Each entry: expected `file:line rule`, and the text that deserves it. All are planted in one tree. */
const FAULTS: readonly (readonly [string, string])[] = [
  ['src/long-file.ts:401 file-length', HEAD + 'export const a = 1;\n'.repeat(1) + '//\n'.repeat(400)],
  ['src/transport/BadName.ts:1 kebab-case', HEAD],
  ['src/transport/Bad_Folder/good.ts:1 kebab-case', HEAD],
  ['src/no-header.ts:1 header', 'export const a = 1;\n'],
  ['src/persistence/no-header.sql:1 header', 'select 1;\n'],
  ['src/star.ts:2 export-star', `${HEAD}export * from './config.ts';\nexport const a = 1;\n`],
  ['src/barrel.ts:2 barrel', `${HEAD}export { a } from './config.ts';\n`],
  ['src/unfinished.ts:2 unfinished', `${HEAD}// ${'TO'}DO: later\n`],
  ['src/repair.ts:2 unfinished', `${HEAD}// ${'FIX'}ME\n`],
  ['src/choice.ts:2 enum', `${HEAD}export enum Choice { A }\n`],
  ['src/default-value.ts:2 default-export', `${HEAD}export default 1;\n`],
  ['src/default-function.ts:2 default-export', `${HEAD}export default function a() {}\n`],
  ['src/reads-env.ts:2 environment', `${HEAD}export const a = process.env.HOME;\n`],
  ['src/reads-env-import.ts:2 environment', `${HEAD}import { env } from 'node:process';\nexport const a = env.HOME;\n`],
  ['src/silent.ts:2 empty-catch', `${HEAD}try { void 0; } catch {}\n`],
  ['src/silent-promise.ts:2 empty-catch', `${HEAD}void Promise.resolve().catch(() => {});\n`],
  ['src/old/assigned.ts:2 old-closure', `${HEAD}export const a = (b: { c: unknown }) => void (b.c = () => a);\n`],
  ['src/old/cast.ts:3 old-closure', `${HEAD}export class A {\n  #b: unknown = (() => (this.#b = function () {} as unknown))();\n}\n`],
  ['src/old/perhaps.ts:2 old-closure', `${HEAD}export const a = (b: Record<string, unknown>) => void (b['c'] ??= async () => a);\n`],
  ['src/work-path.ts:2 machine-path', `${HEAD}export const a = '/work/x';\n`],
  ['src/temp-path.ts:2 machine-path', `${HEAD}export const a = '/tmp/x';\n`],
  ['test/home/root-path.ts:2 machine-path', `${HEAD}export const a = '/root/x';\n`],
  ['test/outside.ts:2 outside-path', `${HEAD}export const a = '../shared/fixtures';\n`],
  ['src/session.ts:2 session-setting', `${HEAD}export const a = "select set_config('app.tenant', $1, false)";\n`],
  ['src/persistence/session.sql:2 session-setting', "-- planted\nselect set_config('app.tenant', '1', false);\n"],
  // Length of functions: every kind of them, wherever it stands.
  ['src/long/declared.ts:2 function-length', `${HEAD}export function a() {\n${LONG}}\n`],
  ['src/long/arrow.ts:2 function-length', `${HEAD}export const a = () => {\n${LONG}};\n`],
  ['src/long/expressed.ts:2 function-length', `${HEAD}export const a = function () {\n${LONG}};\n`],
  ['src/long/method.ts:3 function-length', `${HEAD}export class A {\n  #a() {\n${LONG}  }\n}\n`],
  ['src/long/made.ts:3 function-length', `${HEAD}export class A {\n  constructor() {\n${LONG}  }\n}\n`],
  ['src/long/read.ts:3 function-length', `${HEAD}export class A {\n  get a() {\n${LONG}  }\n}\n`],
  ['src/long/field.ts:3 function-length', `${HEAD}export class A {\n  a = async () => {\n${LONG}  };\n}\n`],
  ['src/long/in-object.ts:2 function-length', `${HEAD}export const a = { b() {\n${LONG}} };\n`],
  ['src/long/returned.ts:3 function-length', `${HEAD}export const a = () =>\n  [1].map((one) => {\n${LONG}    return one;\n  });\n`],
  ['src/long/inner.ts:2 function-length', `${HEAD}export function a() {\n${'  function b() {\n    void 0;\n  }\n'.repeat(24)}}\n`],
  ['src/transport/page/long.js:2 function-length', `${HEAD}export function a() {\n${LONG}}\n`],
  ['scripts/long.mjs:1 function-length', `export function a() {\n${LONG}}\n`],
  ['src/long/open-switch.ts:2 function-length', `${HEAD}export function a(a: number) {\n${LONG_SWITCH}      return;\n  }\n}\n`],
  [
    'src/long/long-case.ts:2 function-length',
    `${HEAD}export function a(a: never) {\n  switch (a) {\n    case 1:\n${LONG}    default:\n      assertNever(a);\n  }\n}\n`,
  ],
  ['src/long/no-reason.ts:3 function-length', `${HEAD}// Long because\nexport function a() {\n${LONG}}\n`],
  ['src/long/reason-inside.ts:2 function-length', `${HEAD}export function a() {\n  // Long because it is.\n${LONG}}\n`],
  [
    'src/long/reason-of-another.ts:4 function-length',
    `${HEAD}// Long because it is.\nexport const b = 1;\nexport function a() {\n${LONG}}\n`,
  ],
  ['test/long.ts:1 function-length', `it('x', () => {\n${LONG}});\n`],
  // Dependency direction.
  ['src/geo/up.ts:2 dependency-direction', `${HEAD}import '../runtime/entity.ts';\n`],
  ['src/actors/a/knows-transport.ts:2 dependency-direction', `${HEAD}import '../../transport/x.ts';\n`],
  ['src/actors/a/knows-ports.ts:2 dependency-direction', `${HEAD}import type { X } from '../../ports.ts';\n`],
  ['src/actors/a/knows-pg.ts:2 dependency-direction', `${HEAD}import pg from 'pg';\n`],
  ['src/actors/a/knows-files.ts:2 dependency-direction', `${HEAD}import { readFileSync } from 'node:fs';\n`],
  ['src/runtime/knows-actor.ts:2 dependency-direction', `${HEAD}import '../actors/a/x.ts';\n`],
  ['src/runtime/knows-library.ts:2 dependency-direction', `${HEAD}import pino from 'pino';\n`],
  ['src/persistence/knows-transport.ts:2 dependency-direction', `${HEAD}import '../transport/x.ts';\n`],
  ['src/persistence/postgres/knows-part.ts:2 dependency-direction', `${HEAD}import './seal/x.ts';\n`],
  ['src/persistence/postgres/batch/knows-upper.ts:2 dependency-direction', `${HEAD}import '../journal/x.ts';\n`],
  ['src/runtime/knows-cell.ts:2 dependency-direction', `${HEAD}import './cell/x.ts';\n`],
  ['src/runtime/cell/knows-thread.ts:2 dependency-direction', `${HEAD}import '../thread/x.ts';\n`],
  ['src/transport/http/server/knows-api.ts:2 dependency-direction', `${HEAD}import '../api/x.ts';\n`],
  ['src/transport/whatsapp/webhook/knows-intake.ts:2 dependency-direction', `${HEAD}import '../intake/x.ts';\n`],
  ['src/transport/gps/formats/knows-socket.ts:2 dependency-direction', `${HEAD}import '../socket/x.ts';\n`],
  ['src/transport/gps/knows-format.ts:2 dependency-direction', `${HEAD}import './formats/x.ts';\n`],
  ['src/node/knows-thread.ts:2 dependency-direction', `${HEAD}import './thread/x.ts';\n`],
  ['src/transport/drive/page/session/knows-screen.js:2 dependency-direction', `${HEAD}import '../screen/x.js';\n`],
  ['src/actors/conversation/knows-flow.ts:2 dependency-direction', `${HEAD}import './flow/x.ts';\n`],
  ['src/actors/conversation/session/knows-flow.ts:2 dependency-direction', `${HEAD}import '../flow/x.ts';\n`],
  ['src/actors/conversation/text/knows-session.ts:2 dependency-direction', `${HEAD}import '../session/x.ts';\n`],
  ['src/actors/conversation/text/data/knows-words.ts:2 dependency-direction', `${HEAD}import '../words/x.ts';\n`],
  ['src/actors/conversation/text/words/knows-catalogue.ts:2 dependency-direction', `${HEAD}import '../catalogue/x.ts';\n`],
  ['src/actors/conversation/text/catalogue/knows-items.ts:2 dependency-direction', `${HEAD}import '../items/x.ts';\n`],
  ['src/actors/conversation/text/items/knows-meaning.ts:2 dependency-direction', `${HEAD}import '../meaning/x.ts';\n`],
  ['src/actors/conversation/text/meaning/knows-saying.ts:2 dependency-direction', `${HEAD}import '../saying/x.ts';\n`],
  ['src/actors/conversation/text/saying/knows-meaning.ts:2 dependency-direction', `${HEAD}import '../meaning/x.ts';\n`],
  ['src/actors/conversation/text/knows-part.ts:2 dependency-direction', `${HEAD}import './data/x.ts';\n`],
  ['src/actors/conversation/text/items/how-wanted/knows-number.ts:2 dependency-direction', `${HEAD}import '../how-many/x.ts';\n`],
  ['src/actors/conversation/text/items/knows-wish.ts:2 dependency-direction', `${HEAD}import './how-wanted/x.ts';\n`],
  ['src/actors/conversation/flow/reading/knows-turn.ts:2 dependency-direction', `${HEAD}import '../turns/x.ts';\n`],
  ['src/transport/knows-persistence.ts:2 dependency-direction', `${HEAD}import('../persistence/x.ts');\n`],
  ['src/transport/knows-pg.ts:2 dependency-direction', `${HEAD}import pg from 'pg';\n`],
  ['src/persistence/knows-uws.ts:2 dependency-direction', `${HEAD}import uws from 'uWebSockets.js';\n`],
  ['src/transport/knows-nact.ts:2 dependency-direction', `${HEAD}import { start } from 'nact';\n`],
  ['src/knows-test.ts:2 dependency-direction', `${HEAD}import '../test/outside.ts';\n`],
  ['src/runtime/nact-named.ts:2 nact-surface', `${HEAD}import { query } from 'nact';\n`],
  ['src/runtime/nact-default.ts:3 nact-surface', `${HEAD}import nact from 'nact';\nexport const a = nact.spawnPersistent;\n`],
  ['src/runtime/nact-spread.ts:3 nact-surface', `${HEAD}import * as nact from 'nact';\nexport const { reset } = nact;\n`],
  // Exports that no other file imports, in every form; one of the same name elsewhere does not count.
  ['src/alone/value.ts:3 unused-export', `${HEAD}const b = 1;\nexport const one = b;\n`],
  ['src/alone/made.ts:2 unused-export', `${HEAD}export async function* a() {}\na();\n`],
  ['src/alone/class.ts:2 unused-export', `${HEAD}export abstract class A {}\n`],
  ['src/alone/type.ts:2 unused-export', `${HEAD}export type A = 1;\n`],
  ['src/alone/shape.ts:2 unused-export', `${HEAD}export interface A {}\n`],
  ['src/alone/listed.ts:3 unused-export', `${HEAD}const a = 1;\nexport { a };\n`],
  ['src/alone/passed-on.ts:3 unused-export', `${HEAD}const a = 1;\nexport { one } from '../shared/named.ts';\nvoid a;\n`],
  // Purity.
  ['src/geo/clock.ts:2 purity', `${HEAD}export const a = Date.now();\n`],
  ['src/geo/new-date.ts:2 purity', `${HEAD}export const a = new Date();\n`],
  ['src/geo/random.ts:2 purity', `${HEAD}export const a = Math.random();\n`],
  ['src/geo/perf.ts:2 purity', `${HEAD}export const a = performance.now();\n`],
  ['src/geo/uuid.ts:2 purity', `${HEAD}export const a = crypto.randomUUID();\n`],
  ['src/geo/timer.ts:2 purity', `${HEAD}setTimeout(() => 1, 1);\n`],
  ['src/actors/a/state.ts:2 purity', `${HEAD}import { createHash } from 'node:crypto';\n`],
  ['src/actors/b/helper.ts:2 purity', `${HEAD}export const now = () => Date.now();\n`],
  // Tests.
  ['test/headless.test.ts:1 test-header', "import { it } from 'vitest';\n"],
  ['test/headed-too-late.test.ts:1 test-header', "import { it } from 'vitest';\n/** A head that comes too late. */\n"],
  ['test/headed-by-name.test.ts:1 test-header', '/** Sender. */\n'],
  ['test/headed-by-nothing.test.ts:1 test-header', '/** */\n'],
  ['test/narrow.ts:1 narrowed-test', 'describe.only("x", () => 1);\n'],
  ['test/skipped.ts:1 narrowed-test', 'it.skip("x", () => 1);\n'],
  ['test/todo.ts:1 narrowed-test', 'it.concurrent.todo("x");\n'],
  ['test/mocked.ts:1 module-mock', 'vi.mock("x");\n'],
  ['test/sleeps.ts:1 fixed-sleep', 'await new Promise((r) => setTimeout(r, 50));\n'],
  ['test/sleeps-named.ts:1 fixed-sleep', 'await sleep(50);\n'],
  ['test/sleeps-imported.ts:2 fixed-sleep', "import { setTimeout as rest } from 'node:timers/promises';\nawait rest(5);\n"],
];

/** What is allowed, close to what is not. */
const CLEAN: Readonly<Record<string, string>> = {
  'src/config.ts': `${HEAD}const a = process.env.HOME;\n`,
  'src/actors/b/state.ts': `${HEAD}import type { X } from '../../runtime/entity.ts';\nexport const at = (ms: number): Date => new Date(ms);\n`,
  'src/runtime/entity.ts': `${HEAD}import { dispatch, start } from 'nact';\nexport type X = [typeof dispatch, typeof start];\n`,
  'src/persistence/ok.sql': "-- planted\nselect set_config('app.tenant', '1', true);\n",
  'src/geo/words.ts': `${HEAD}const a = { process: 1, fetch: 'Date.now() in a text' };\n`,
  'src/quiet.ts': `${HEAD}try { void 0; } catch {\n  // The file may be gone already: nothing is left to do.\n}\n`,
  'src/young.ts': `${HEAD}class A {\n  b = () => 1;\n  c = { d: () => 2 };\n  e() {\n    const f = () => 3;\n    this.b = f;\n  }\n}\n`,
  'src/transport/page/heard.js': `${HEAD}window.onfocus = () => 1;\n`,
  'test/polls.ts': 'let ready = false;\nwhile (!ready) {\n  await new Promise((r) => setTimeout(r, 5));\n  ready = true;\n}\n',
  'src/long/full.ts': `${HEAD}function a() {\n${FULL}}\n`,
  'src/long/signed.ts': `${HEAD}function a(\n  b: number,\n  c: number,\n): void {\n${FULL}}\n`,
  'src/long/explained.ts': `${HEAD}// Long because it is one table.\nfunction a() {\n${LONG}}\n`,
  'src/long/explained-in-head.ts': `${HEAD}/**\n * What it does.\n * Long because it is one table.\n */\nconst a = () => {\n${LONG}};\n`,
  'src/long/explained-member.ts': `${HEAD}class A {\n  // Long because it is one table.\n  a = () => {\n${LONG}  };\n}\n`,
  'src/long/closed-switch.ts': `${HEAD}function a(a: number) {\n${LONG_SWITCH}      assertNever(a);\n  }\n}\n`,
  // Every way to take a name from another file.
  'src/uses.ts': `${HEAD}import type { at } from './actors/b/state.ts';\nimport { one } from './shared/named.ts';\nimport * as all from './shared/whole.ts';\nlet typed: import('./shared/typed.ts').Outer.Inner;\nvoid [at, one, all, typed, import('./shared/late.ts')];\n`,
  'src/shared/named.ts': `${HEAD}export const one = 1;\n`,
  'src/shared/whole.ts': `${HEAD}export const a = 1;\n`,
  'src/shared/typed.ts': `${HEAD}export namespace Outer {}\n`,
  'src/shared/late.ts': `${HEAD}export const a = 1;\n`,
  'src/main.ts': `${HEAD}export async function main() {}\n`,
  'src/transport/page/loaded.js': `${HEAD}export const a = 1;\n`,
  'test/suite.test.ts': `/** What it guarantees, said once. */\ndescribe.each([1])('x', () => {\n${LONG}});\n`,
  'vitest.config.ts': 'export default {};\n',
};

describe('tidy', () => {
  const fileOf = (expected: string): string => expected.slice(0, expected.indexOf(':'));
  const planted = tidy(
    plant({
      ...CLEAN,
      ...Object.fromEntries(FAULTS.map(([expected, text]) => [fileOf(expected), text])),
      'src/actors/b/state.ts': `${HEAD}export { now } from './helper.ts';\nexport const a = 1;\n`,
    }),
  );

  it.each(FAULTS.map(([expected]) => expected))('reports %s', (expected) => {
    expect(planted.lines.filter((line) => line.startsWith(`${expected} `))).not.toEqual([]);
  });

  it('fails the run when there is a breach', () => {
    expect(planted.status).toBe(1);
  });

  it('passes a tree that keeps the rules', () => {
    const run = tidy(plant(CLEAN));
    expect(run.lines).toEqual([expect.stringMatching(/^tidy: \d+ files, 0 breaches$/), '']);
    expect(run.status).toBe(0);
  });

  it('fails over a folder without sources, so that a wrong path cannot look like success', () => {
    expect(tidy(plant({ 'README.md': 'nothing' })).status).toBe(1);
  });
});
