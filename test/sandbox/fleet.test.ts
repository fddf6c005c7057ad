/** The drivers that can be played: the demo shop's own stay among them, however many came for a simulated day. */
import { expect, it } from 'vitest';
import { type FleetDeps, sandboxDrivers } from '../../src/transport/sandbox/fleet.ts';

const CAME = 53;

it('the first drivers of the shop come first', async () => {
  // As the list gives them: newest first.
  const items = Array.from({ length: CAME }, (_, i) => ({ id: `d${CAME - i}`, name: 'n', vehicle: { type: 'car' }, online: false }));
  const deps = {
    readModels: { drivers: async (_: number, { limit }: { limit: number }) => ({ items: items.slice(0, limit), nextCursor: null }) },
    mintDriverToken: async () => ({ token: 't' }),
  } as unknown as FleetDeps;
  const listed = (await sandboxDrivers(deps, { tenantId: 1, uuid: 'u' } as never)) as { id: string }[];
  expect(listed.slice(0, 3).map(({ id }) => id)).toEqual(['d1', 'd2', 'd3']);
});
