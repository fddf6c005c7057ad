/** What `wakala doctor` says of road services: which are configured, whether they answer, and never that it is bad. */
import { expect, test } from 'vitest';
import { examineRoads, type Finding } from '../../src/node/commands/doctor.ts';
import type { RoutingConfig } from '../../src/transport/routing/create-routing.ts';
import { fakeOsrm, fakeValhalla, fakeVroom, hang, reply, say } from './fake-services.ts';
import { started } from './harness.ts';

const LIMIT_MS = 5_000;
const NONE: RoutingConfig = { kind: 'model', url: null, vroomUrl: null, timeoutMs: LIMIT_MS, maxInFlight: 4 };
const examined = (config: Partial<RoutingConfig>): Promise<Finding[]> => examineRoads({ routing: { ...NONE, ...config } });
const hostOf = (url: string): string => new URL(url).host;

const OSRM_OK = { code: 'Ok', routes: [{ legs: [{ duration: 300, distance: 2_000 }], geometry: '_p~iF~ps|U_ulLnnqC' }] };

test('without a service it is the built-in model, and nobody is asked', async () => {
  expect(await examined({})).toEqual([{ name: 'roads', ok: true, text: 'the built-in model; no road service is configured' }]);
});

test('a service that answers is named with its host and nothing else of its address', async () => {
  const fake = await started(fakeOsrm());
  fake.behave((response) => reply(response, { status: 200, body: OSRM_OK }));
  const url = `${fake.url.replace('http://', 'http://user:secret@')}/key-in-the-path`;
  expect(await examined({ kind: 'osrm', url })).toEqual([{ name: 'roads', ok: true, text: `osrm at ${hostOf(fake.url)} answers` }]);
  expect(fake.seen).toHaveLength(1);
});

test.each([
  { kind: 'osrm', start: fakeOsrm },
  { kind: 'valhalla', start: fakeValhalla },
] as const)('$kind with the map of another country answers, with a warning', async ({ kind, start }) => {
  const fake = await started(start());
  const [finding] = await examined({ kind, url: fake.url });
  expect(finding).toMatchObject({ ok: true, warning: true, text: expect.stringContaining('answers, but knows no way') });
});

test('a service that is down, silent or broken is a warning, and the others are asked all the same', async () => {
  const [silent, gone, broken] = [await started(fakeOsrm()), await started(fakeValhalla()), await started(fakeVroom())];
  silent.behave(hang);
  broken.behave(say(200, '<html>'));
  await gone.close();
  expect(await examined({ kind: 'osrm', url: silent.url, timeoutMs: 50 })).toMatchObject([
    { ok: true, warning: true, text: expect.stringContaining('does not answer within 50 ms') },
  ]);
  expect(await examined({ kind: 'valhalla', url: gone.url, vroomUrl: broken.url })).toMatchObject([
    { ok: true, warning: true, text: expect.stringContaining('cannot be reached') },
    { ok: true, warning: true, text: expect.stringContaining('(malformed)') },
  ]);
});
