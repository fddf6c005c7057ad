/** The members of a session that are spelled out one by one: none may be forgotten. */
import { expect, it } from 'vitest';
import { initial } from '../../../src/actors/conversation/session/evolve.ts';
import type { Session } from '../../../src/actors/conversation/session/session.ts';
import { personalDifference, publicDifference, revised } from '../../../src/actors/conversation/session/session-change.ts';

/** Follow from the event itself, so that no event carries them. */
const DERIVED = ['lastInboundAtMs', 'lastActivityAtMs', 'keysToldAtMs'];
const BEFORE = revised(initial({ tenantId: 1, kind: 'conversation', id: 'cus_1', shard: 1 }).session, {});
const MEMBERS = Object.keys(BEFORE) as (keyof Session)[];

it.each(MEMBERS)('a change of `%s` is kept, alone, and carried by its event', (member) => {
  const value = { changed: member } as never;
  const after = revised(BEFORE, { [member]: value });
  expect(after).toEqual({ ...BEFORE, [member]: value });
  const carried = { ...publicDifference(BEFORE, after), ...personalDifference(BEFORE, after) };
  expect(carried).toEqual(DERIVED.includes(member) ? {} : { [member]: value });
});

it('a member that an older snapshot lacks is no change', () => {
  const { note: _note, ...older } = BEFORE;
  const after = revised(older, { greeted: true });
  expect([publicDifference(older, after), personalDifference(older, after)]).toEqual([{ greeted: true }, null]);
});
