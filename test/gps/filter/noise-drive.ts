/** Seeded true trips through a city: streets, lights, turns, and stops of minutes. Knows nothing of receivers or of the filter. */
import { distanceM } from '../../../src/geo/distance.ts';

const M_PER_DEG = 111_195;
export const START = { atMs: Date.UTC(2026, 0, 5, 8), lat: -26.2485, lng: 27.854 };
const STEP_S = 0.5;
const TURN_DEG_PER_S = 30;
const TURN_MPS = 7;

export interface Place {
  readonly lat: number;
  readonly lng: number;
}

export interface Moment extends Place {
  readonly atMs: number;
  readonly speed: number;
}

/** A stop of minutes that the way leads to only once. */
interface Stop extends Place {
  /** First moment within 50 m. */
  readonly nearAtMs: number;
  readonly leftAtMs: number;
}

export interface Drive {
  readonly moments: readonly Moment[];
  readonly stops: readonly Stop[];
}

/** mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function offset(at: Place, eastM: number, northM: number): Place {
  return { lat: at.lat + northM / M_PER_DEG, lng: at.lng + eastM / (M_PER_DEG * Math.cos((at.lat * Math.PI) / 180)) };
}

type Leg = {
  readonly kind: 'street' | 'turn' | 'light' | 'stop';
  readonly targetMps: number;
  readonly forS: number;
  readonly toDeg: number;
};

/** What comes next; a stop of 2 to 5 minutes about every five minutes of way. */
function nextLeg(random: () => number, before: Leg, sinceStopS: number): Leg {
  const toDeg = before.toDeg;
  if (before.kind === 'street' && sinceStopS > 180 + 240 * random())
    return { kind: 'stop', targetMps: 0, forS: 120 + 180 * random(), toDeg };
  if (before.kind === 'street' && random() < 0.25) return { kind: 'light', targetMps: 0, forS: 10 + 70 * random(), toDeg };
  if (before.kind === 'street' && random() < 0.6) {
    // North and east mostly, so that a way seldom comes back to a stop.
    const turned = toDeg === 90 ? (random() < 0.75 ? 0 : 180) : 90;
    return { kind: 'turn', targetMps: TURN_MPS, forS: 90 / TURN_DEG_PER_S, toDeg: turned };
  }
  return { kind: 'street', targetMps: 7 + 12 * random(), forS: 10 + 40 * random(), toDeg };
}

/** A drive of so many seconds, every half second, up to 70 km/h, gentle on the brake. */
export function drive(random: () => number, durationS: number): Drive {
  const moments: Moment[] = [];
  const stood: { at: Place; fromMs: number; toMs: number }[] = [];
  let at: Place = START;
  let speed = 0;
  let heading = 90;
  let leg: Leg = { kind: 'street', targetMps: 10, forS: 30, toDeg: 90 };
  let leftS = leg.forS;
  let sinceStopS = 0;
  const brake = 1.5 + random();
  for (let s = 0; s < durationS; s += STEP_S) {
    const atMs = START.atMs + s * 1_000;
    sinceStopS += STEP_S;
    // A wait counts from standing, a turn from being slow enough.
    if (leg.kind === 'street' || speed <= leg.targetMps) leftS -= STEP_S;
    if (leftS <= 0) {
      if (leg.kind === 'stop') {
        stood.push({ at, fromMs: atMs - leg.forS * 1_000, toMs: atMs });
        sinceStopS = 0;
      }
      leg = nextLeg(random, leg, sinceStopS);
      leftS = leg.forS;
    }
    speed += Math.max(-brake * STEP_S, Math.min(1.8 * STEP_S, leg.targetMps - speed));
    if (leg.kind === 'turn' && speed <= TURN_MPS + 0.01) {
      const turn = ((leg.toDeg - heading + 540) % 360) - 180;
      heading += Math.max(-TURN_DEG_PER_S * STEP_S, Math.min(TURN_DEG_PER_S * STEP_S, turn));
    } else if (leg.kind === 'street') heading = leg.toDeg;
    const rad = (heading * Math.PI) / 180;
    at = offset(at, speed * STEP_S * Math.sin(rad), speed * STEP_S * Math.cos(rad));
    moments.push({ ...at, atMs, speed });
  }
  return { moments, stops: stood.flatMap((one) => stopOf(moments, one)) };
}

function stopOf(moments: readonly Moment[], stood: { at: Place; fromMs: number; toMs: number }): Stop[] {
  let nearAtMs = stood.fromMs;
  let leftAtMs = stood.toMs;
  for (const moment of moments) {
    if (distanceM(moment, stood.at) > 150) continue;
    // Another visit: who says how often one arrives?
    if (moment.atMs < stood.fromMs - 90_000 || moment.atMs > stood.toMs + 90_000) return [];
    if (moment.atMs < nearAtMs && distanceM(moment, stood.at) <= 50) nearAtMs = moment.atMs;
    if (distanceM(moment, stood.at) <= 50) leftAtMs = moment.atMs;
  }
  return [{ ...stood.at, nearAtMs, leftAtMs }];
}
