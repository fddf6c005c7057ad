/** A catalogue from CSV goes to the shop's actor in the order of the file, some rows together. */
import { afterEach, expect, test } from 'vitest';
import { call, deferred, startApi, stopApps, tokenOf } from '../support.ts';

afterEach(stopApps);

/** As many as the file of a test may have. */
const ROWS = 10;
const AHEAD = 8;
const CSV = `name,price_minor,category\n${Array.from({ length: ROWS }, (_, row) => `Kota ${row + 1},${row + 1},food\n`).join('')}`;
const STORED = { id: 'prd_1', name: 'Kota', priceMinor: 1, category: 'food', description: null, aliases: [], stock: null, options: [] };

const importInto = async (api: ReturnType<typeof startApi>) =>
  await call(api, 'POST', '/v1/products/import', { token: await tokenOf('staff'), headers: { 'content-type': 'text/csv' }, body: CSV });

test('rows do not wait for each other, eight at a time at most, and reach the shop in their order', async () => {
  const eight = deferred();
  let waiting = 0;
  let most = 0;
  const api = startApi(async () => {
    most = Math.max(most, ++waiting);
    if (waiting === AHEAD) eight.resolve();
    await eight.promise;
    waiting--;
    return { ok: true, value: STORED };
  });
  expect((await importInto(api)).body).toEqual({ created: ROWS, skipped: [] });
  expect(most).toBe(AHEAD);
  const prices = api.system.asked.map(({ command }) => (command.product as { priceMinor: number }).priceMinor);
  expect(prices).toEqual(Array.from({ length: ROWS }, (_, row) => row + 1));
});

test('what the shop refuses is named with its row, whichever answer comes first', async () => {
  const later = deferred();
  const api = startApi(async ({ command }) => {
    const { priceMinor } = command.product as { priceMinor: number };
    if (priceMinor === 3) await later.promise;
    if (priceMinor === 7) later.resolve();
    return priceMinor === 3 || priceMinor === 7 ? { ok: false, refusal: { code: 'product.exists' } } : { ok: true, value: STORED };
  });
  expect((await importInto(api)).body).toEqual({
    created: ROWS - 2,
    skipped: [
      { row: 3, code: 'product.exists' },
      { row: 7, code: 'product.exists' },
    ],
  });
});

test('a fault of one row is the answer, and what was added stays', async () => {
  const api = startApi(({ command }) =>
    (command.product as { priceMinor: number }).priceMinor === 5
      ? { ok: false, fault: { kind: 'transient', code: 'runtime.unavailable', retryAfterMs: 1000 } }
      : { ok: true, value: STORED },
  );
  const { status, body } = await importInto(api);
  expect([status, body.code]).toEqual([503, 'runtime.unavailable']);
});
