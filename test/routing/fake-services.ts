/** Routing services that refuse what the real ones refuse, on a map of Nairobi and nowhere else; and ways to misbehave. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { distanceM, type LatLng } from '../../src/geo/distance.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}
/** What to do with a request whose right answer would be `well`. */
export type Behaviour = (response: ServerResponse, well: Answer) => void;

export interface FakeService {
  readonly url: string;
  readonly seen: Seen[];
  /** Most requests at the same time. */
  peak(): number;
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

export const reply: Behaviour = (response, { status, body }) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
/** As text, for what JSON.stringify cannot write. */
export const say = (status: number, text: string): Behaviour => {
  return (response) => void response.writeHead(status).end(text);
};
/** The right answer, changed. */
export const change = (edit: (body: never) => unknown): Behaviour => {
  return (response, well) => reply(response, { status: well.status, body: edit(structuredClone(well.body) as never) });
};
export const hang: Behaviour = () => {};
export const reset: Behaviour = (response) => void response.socket?.resetAndDestroy();
export const drip: Behaviour = (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 3);
  response.on('close', () => clearInterval(timer));
};

async function serve(answer: (request: IncomingMessage, url: URL, body: unknown) => Answer): Promise<FakeService> {
  const seen: Seen[] = [];
  let behaviour = reply;
  let open = 0;
  let peak = 0;
  const server = createServer((request, response) => {
    peak = Math.max(peak, ++open);
    response.on('close', () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body: unknown = text === '' ? null : JSON.parse(text);
      const url = new URL(request.url ?? '/', 'http://fake');
      seen.push({ method: request.method ?? '', path: request.url ?? '', body });
      behaviour(response, answer(request, url, body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    peak: () => peak,
    behave(next) {
      behaviour = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const BOX = { south: -1.5, north: -1.1, west: 36.6, east: 37.2 };
/** Nothing leads there and back. */
export const ISLAND: LatLng = { lat: -1.2, lng: 36.65 };
const SPEED_MPS = 8;
const DETOUR = 1.3;

const onMap = ({ lat, lng }: LatLng): boolean => lat >= BOX.south && lat <= BOX.north && lng >= BOX.west && lng <= BOX.east;
const isIsland = ({ lat, lng }: LatLng): boolean => lat === ISLAND.lat && lng === ISLAND.lng;
const roadM = (a: LatLng, b: LatLng): number => distanceM(a, b) * DETOUR;
/** Null where there is no way. */
export function fakeWay(a: LatLng, b: LatLng): { readonly durationS: number; readonly distanceM: number } | null {
  return isIsland(a) !== isIsland(b) ? null : { distanceM: roadM(a, b), durationS: roadM(a, b) / SPEED_MPS };
}

export function encodePolyline6(line: readonly LatLng[]): string {
  let text = '';
  let before = [0, 0];
  for (const { lat, lng } of line) {
    const now = [Math.round(lat * 1e6), Math.round(lng * 1e6)];
    for (const i of [0, 1]) {
      const delta = now[i]! - before[i]!;
      let left = delta < 0 ? ~(delta << 1) : delta << 1;
      for (; left >= 0x20; left >>= 5) text += String.fromCharCode((0x20 | (left & 0x1f)) + 63);
      text += String.fromCharCode(left + 63);
    }
    before = now;
  }
  return text;
}

const OSRM_TABLE_SIZE = 100;

export function fakeOsrm(): Promise<FakeService> {
  const refuse = (code: string): Answer => ({ status: 400, body: { code, message: 'refused' } });
  return serve((request, url) => {
    const match = /^\/(table|route)\/v1\/([a-z]+)\/([-0-9.,;]+)$/.exec(url.pathname);
    if (request.method !== 'GET' || match === null) return refuse('InvalidUrl');
    const positions = match[3]!.split(';').map((pair) => {
      const [lng, lat] = pair.split(',').map(Number);
      return { lat: lat!, lng: lng! };
    });
    if (!positions.every(onMap)) return refuse('NoSegment');
    const query = Object.fromEntries(url.searchParams);
    if (match[1] === 'table') {
      if (!Object.keys(query).every((key) => ['sources', 'destinations', 'annotations'].includes(key))) return refuse('InvalidQuery');
      const pick = (list: string | undefined) => list!.split(';').map((i) => positions[Number(i)]!);
      const [from, to] = [pick(query.sources), pick(query.destinations)];
      if (query.annotations !== 'duration,distance' || [...from, ...to].includes(undefined!)) return refuse('InvalidOptions');
      if (from.length * to.length > OSRM_TABLE_SIZE ** 2) return refuse('TooBig');
      const cells = (of: 'durationS' | 'distanceM') => from.map((a) => to.map((b) => fakeWay(a, b)?.[of] ?? null));
      return {
        status: 200,
        body: { code: 'Ok', durations: cells('durationS'), distances: cells('distanceM'), sources: [], destinations: [] },
      };
    }
    if (!Object.keys(query).every((key) => ['overview', 'geometries', 'steps', 'alternatives'].includes(key)))
      return refuse('InvalidQuery');
    if (query.geometries !== 'polyline6' || query.overview !== 'full' || positions.length < 2) return refuse('InvalidOptions');
    const ways = positions.slice(1).map((to, i) => fakeWay(positions[i]!, to));
    if (ways.includes(null)) return refuse('NoRoute');
    const route = (factor: number) => ({
      geometry: encodePolyline6(positions),
      legs: ways.map((way) => ({ duration: way!.durationS * factor, distance: way!.distanceM, steps: [] })),
    });
    // The slower way first, so that it is the scores that put it last.
    const wants = query.alternatives !== 'false' && positions.length === 2;
    return { status: 200, body: { code: 'Ok', routes: wants ? [route(1.5), route(1)] : [route(1)], waypoints: [] } };
  });
}

const VALHALLA_COSTINGS = ['auto', 'truck', 'bicycle', 'motor_scooter', 'motorcycle', 'pedestrian'];
const VALHALLA_PAIRS = 2_500;
const VALHALLA_LOCATIONS = 20;

interface ValhallaAsk {
  readonly sources?: readonly { readonly lat: number; readonly lon: number }[];
  readonly targets?: readonly { readonly lat: number; readonly lon: number }[];
  readonly locations?: readonly { readonly lat: number; readonly lon: number; readonly type: string }[];
  readonly costing: string;
  readonly verbose?: boolean;
  readonly units?: string;
}

export function fakeValhalla(): Promise<FakeService> {
  const refuse = (error_code: number, status = 400): Answer => ({ status, body: { error_code, error: 'refused', status_code: status } });
  const lngs = (list: ValhallaAsk['sources']) => list!.map(({ lat, lon }) => ({ lat, lng: lon }));
  return serve((request, url, body) => {
    if (request.method !== 'POST') return refuse(101, 405);
    const ask = body as ValhallaAsk;
    if (!VALHALLA_COSTINGS.includes(ask.costing)) return refuse(125);
    if (url.pathname === '/sources_to_targets') {
      if (ask.sources === undefined || ask.targets === undefined || ask.verbose !== false) return refuse(112);
      if (ask.sources.length * ask.targets.length > VALHALLA_PAIRS) return refuse(150);
      const [from, to] = [lngs(ask.sources), lngs(ask.targets)];
      if (![...from, ...to].every(onMap)) return refuse(171);
      const cells = (read: (way: { durationS: number; distanceM: number }) => number) =>
        from.map((a) =>
          to.map((b) => {
            const way = fakeWay(a, b);
            return way === null ? null : read(way);
          }),
        );
      const table = { durations: cells((way) => Math.round(way.durationS)), distances: cells((way) => way.distanceM / 1_000) };
      return { status: 200, body: { sources_to_targets: table, units: ask.units ?? 'kilometers', algorithm: 'costmatrix' } };
    }
    if (url.pathname !== '/route') return refuse(106, 404);
    if (ask.locations === undefined || ask.locations.length < 2) return refuse(120);
    if (ask.locations.length > VALHALLA_LOCATIONS) return refuse(150);
    const stops = lngs(ask.locations);
    if (!stops.every(onMap)) return refuse(171);
    const ways = stops.slice(1).map((to, i) => fakeWay(stops[i]!, to));
    if (ways.includes(null)) return refuse(442);
    const legs = ways.map((way, i) => ({
      summary: { time: way!.durationS, length: way!.distanceM / 1_000 },
      shape: encodePolyline6([stops[i]!, stops[i + 1]!]),
    }));
    return { status: 200, body: { trip: { status: 0, status_message: 'Found route', units: 'kilometers', legs } } };
  });
}

interface VroomTask {
  readonly id: number;
  readonly location: readonly [number, number];
  readonly service: number;
  readonly time_windows: readonly (readonly [number, number])[];
}
interface VroomAsk {
  readonly vehicles: readonly { readonly id: number; readonly start: readonly [number, number]; readonly capacity: readonly number[] }[];
  readonly jobs: readonly (VroomTask & { readonly delivery: readonly number[] })[];
  readonly shipments: readonly { readonly amount: readonly number[]; readonly pickup: VroomTask; readonly delivery: VroomTask }[];
}

/** Drives everything in the order of the request, each shipment at once; leaves out whatever comes too late. */
export function fakeVroom(): Promise<FakeService> {
  const refuse = (code: number): Answer => ({ status: code === 2 ? 400 : 500, body: { code, error: 'refused' } });
  const at = ([lng, lat]: readonly [number, number]): LatLng => ({ lat, lng });
  return serve((request, url, body) => {
    if (request.method !== 'POST' || url.pathname !== '/') return { status: 404, body: 'Cannot POST' };
    const { vehicles, jobs, shipments } = body as VroomAsk;
    const [vehicle] = vehicles;
    const tasks = [...jobs, ...shipments.flatMap(({ pickup, delivery }) => [pickup, delivery])];
    const windows = tasks.flatMap((task) => task.time_windows);
    if (vehicle === undefined || windows.some(([a, b]) => !Number.isInteger(a) || !Number.isInteger(b) || a > b || a < 0)) return refuse(2);
    if (tasks.some(({ service }) => !Number.isInteger(service)) || jobs.some((job) => job.delivery.length !== 1)) return refuse(2);
    if (![vehicle.start, ...tasks.map((task) => task.location)].map(at).every(onMap)) return refuse(3);
    const kinds = [...jobs.map(() => 'job'), ...shipments.flatMap(() => ['pickup', 'delivery'])];
    const steps: object[] = [{ type: 'start', location: vehicle.start, arrival: 0, duration: 0 }];
    const unassigned: object[] = [];
    let [place, now, driven] = [at(vehicle.start), 0, 0];
    for (const [i, task] of tasks.entries()) {
      const wayS = Math.round(fakeWay(place, at(task.location))!.durationS);
      const [first, last] = task.time_windows[0]!;
      if (now + wayS > last) {
        unassigned.push({ id: task.id, type: kinds[i], location: task.location });
        continue;
      }
      now += wayS;
      driven += wayS;
      place = at(task.location);
      steps.push({
        type: kinds[i],
        id: task.id,
        location: task.location,
        arrival: now,
        duration: driven,
        waiting_time: Math.max(0, first - now),
      });
      now = Math.max(now, first) + task.service;
    }
    const routes = steps.length === 1 ? [] : [{ vehicle: vehicle.id, steps, duration: driven, cost: driven }];
    return { status: 200, body: { code: 0, summary: { cost: driven, unassigned: unassigned.length }, unassigned, routes } };
  });
}
