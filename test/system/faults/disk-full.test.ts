/** A disk without room: webhooks are put off, nothing acknowledged is lost, and the node goes on by itself when there is room again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../program.ts';
import { fillDisk, smallDisk } from './full-disk.ts';

const WAITING_MS = 60_000;
/** What the database had taken for itself before is used up within so many messages. */
const ROUNDS_MAX = 500;
const REFUSED_ROUNDS = 5;
const CUSTOMERS = Array.from({ length: 8 }, (_, i) => `2760000900${i}`);
const LONG = 'kota '.repeat(700);

let isMounted = false;
const program = new Program({}, (dataDir) => {
  const command = smallDisk(dataDir);
  isMounted = command.length > 0;
  return command;
});
beforeAll(() => program.start());
afterAll(() => program.remove());

const said = async (waId: string): Promise<number> => (await program.chat(waId)).filter((message) => message.direction === 'out').length;

it('a full disk means 503 and never a loss; with room again everybody is served and answered without a restart', {
  timeout: 240_000,
}, async () => {
  const acknowledged: { readonly waId: string; readonly id: string }[] = [];
  const refused: { readonly waId: string; readonly id: string }[] = [];
  const round = async (name: string): Promise<readonly number[]> =>
    await Promise.all(
      CUSTOMERS.map(async (waId) => {
        const id = `${name}-${waId}`;
        const { status, retryAfter } = await program.text(waId, LONG, id);
        (status === 200 ? acknowledged : refused).push({ waId, id });
        if (status !== 200) expect([status, retryAfter === null]).toEqual([503, false]);
        return status;
      }),
    );
  expect(new Set(await round('before'))).toEqual(new Set([200]));
  const makeRoom = fillDisk(program, isMounted);
  let refusedRounds = 0;
  for (let n = 0; n < ROUNDS_MAX && refusedRounds < REFUSED_ROUNDS; n++)
    if ((await round(`full${n}`)).every((status) => status === 503)) refusedRounds++;
  expect(refusedRounds).toBe(REFUSED_ROUNDS);
  makeRoom();
  await expect.poll(() => program.ready(), { timeout: WAITING_MS }).toBe(true);
  for (const { waId, id } of refused)
    await expect.poll(async () => (await program.text(waId, LONG, id)).status, { timeout: WAITING_MS }).toBe(200);
  for (const waId of CUSTOMERS) {
    const stored = (await program.all<{ whatsapp_id: string }>(`/v1/messages?wa_id=${waId}&direction=in`)).map((item) => item.whatsapp_id);
    const mine = [...acknowledged, ...refused].filter((one) => one.waId === waId).map(({ id }) => `wamid.${id}`);
    expect([...stored].sort()).toEqual([...new Set(mine)].sort());
    const before = await said(waId);
    expect((await program.text(waId, 'menu')).status).toBe(200);
    await expect.poll(() => said(waId), { timeout: WAITING_MS }).toBeGreaterThan(before);
  }
});
