/** The five figures that a noisy trip is judged by, taken from a replay as the command line prints it. */
import type { Position } from '../../../src/geo/gps/fix.ts';
import { type ReplayEvent, type ReplayLine, replayGps } from '../../../src/geo/gps/replay.ts';
import { watchLeg } from '../../../src/node/commands/leg-watch.ts';
import { errorM, type NoiseOptions, type NoisyTrip, noisyTrip, type Reported } from './noise.ts';

export interface Figures {
  bad: number;
  badPassed: number;
  good: number;
  goodLost: number;
  copiesPassed: number;
  stops: number;
  /** Beyond one a stop. */
  extraArrivals: number;
  missed: number;
  /** From the first moment within 50 m, seconds; of those that arrived. */
  readonly delaysS: number[];
  /** Of each leg to a stop. */
  readonly pushes: number[];
  readonly rawM: number[];
  readonly filteredM: number[];
}

export function noFigures(): Figures {
  return {
    bad: 0,
    badPassed: 0,
    good: 0,
    goodLost: 0,
    copiesPassed: 0,
    stops: 0,
    extraArrivals: 0,
    missed: 0,
    delaysS: [],
    pushes: [],
    rawM: [],
    filteredM: [],
  };
}

function csvOf(reported: readonly Reported[]): string[] {
  const rows = ['t_ms,lat,lng,accuracy_m,speed_mps'];
  for (const { fix } of reported)
    rows.push(
      `${fix.atMs},${fix.lat.toFixed(7)},${fix.lng.toFixed(7)},${fix.accuracyM?.toFixed(1) ?? ''},${fix.speedMps?.toFixed(2) ?? ''}`,
    );
  return rows;
}

function replayTrip(trip: NoisyTrip): ReplayLine[] {
  const watches = trip.drive.stops.map((stop) => watchLeg(stop));
  const observe = (position: Position, isFenceWorthy: boolean): ReplayEvent[] =>
    watches.flatMap((watch, stop) => watch(position, isFenceWorthy).map((event) => ({ ...event, stop })));
  return [...replayGps(csvOf(trip.reported), { observe })];
}

/** Adds one trip to the figures. */
export function judge(options: NoiseOptions, figures: Figures = noFigures()): Figures {
  const trip = noisyTrip(options);
  const lines = replayTrip(trip);
  trip.reported.forEach((item, index) => {
    judgeLine(item, lines[index]!, figures);
  });
  trip.drive.stops.forEach((stop, index) => {
    const events = lines.flatMap((line) =>
      line.events.filter((event) => event.stop === index).map((event) => ({ type: event.type, atMs: line.t_ms! })),
    );
    const arrivals = events.filter((event) => event.type === 'arrived');
    figures.stops++;
    figures.extraArrivals += Math.max(0, arrivals.length - 1);
    if (arrivals[0] === undefined) figures.missed++;
    else figures.delaysS.push((arrivals[0].atMs - stop.nearAtMs) / 1_000);
    figures.pushes.push(events.filter((event) => event.type === 'eta').length);
  });
  return figures;
}

function judgeLine(item: Reported, line: ReplayLine, figures: Figures): void {
  if (item.kind === 'copy') {
    if (line.accepted) figures.copiesPassed++;
    return;
  }
  figures[item.kind]++;
  if (item.kind === 'bad' && line.accepted) figures.badPassed++;
  if (item.kind === 'good' && !line.accepted) figures.goodLost++;
  if (item.kind === 'good' && line.position !== null) {
    figures.rawM.push(errorM(item, item.fix));
    figures.filteredM.push(errorM(item, line.position));
  }
}
