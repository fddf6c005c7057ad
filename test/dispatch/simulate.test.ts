/** A day of the MDRP data set under our dispatcher: reading, running, reporting. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CityDayOptions, makeCityDay, writeInstance } from '../../src/simulate/city-day.ts';
import { simulateMdrp } from '../../src/simulate/commands.ts';
import { InstanceError, readInstance } from '../../src/simulate/instance.ts';
import type { DayReport } from '../../src/simulate/report.ts';
import { runMdrp, SIMULATED_POLICIES, simulate } from '../../src/simulate/run-mdrp.ts';
import { checkSolution } from './check-solution.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wakala-mdrp-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A quarter of a city, as tight. */
const SMALL: Partial<CityDayOptions> = { orders: 500, couriers: 70, restaurants: 60 };

function instanceOf(options: Partial<CityDayOptions>): string {
  const to = path.join(folder, `i-${JSON.stringify(options).replaceAll(/\W+/g, '_')}`);
  writeInstance(to, makeCityDay(options));
  return to;
}

describe('a simulated day', () => {
  it.each(SIMULATED_POLICIES)('%s: leaves files that an independent reading finds possible, and counts what they say', (policy) => {
    const instance = instanceOf({ ...SMALL, seed: 3 });
    const out = path.join(folder, `o-${policy}`);
    const report = runMdrp(instance, out, { policy });
    expect(checkSolution(instance, out)).toEqual({ problems: [], served: report.served });
    expect(report.served).toBeGreaterThan(0.8 * report.orders);
    expect(report.later_than_max_percent).toBe(0);
  });

  it('finds what is wrong in files: the check can fail', () => {
    const instance = instanceOf({ ...SMALL, seed: 3 });
    const out = path.join(folder, 'o-wrong');
    runMdrp(instance, out, {});
    const tamper = (file: string, change: (cells: string[]) => void): string[] => {
      const to = path.join(out, file);
      const good = readFileSync(to, 'utf8');
      const lines = good.split('\n');
      const cells = (lines[5] as string).split(' ');
      change(cells);
      lines[5] = cells.join(' ');
      writeFileSync(to, lines.join('\n'));
      const { problems } = checkSolution(instance, out);
      writeFileSync(to, good);
      return problems;
    };
    const add = (i: number, minutes: number) => (cells: string[]) => {
      cells[i] = String(Number(cells[i]) + minutes);
    };
    expect(tamper('solution_info_orders.txt', add(5, -3)).length).toBeGreaterThan(0);
    expect(tamper('solution_info_orders.txt', add(4, -30)).length).toBeGreaterThan(0);
    expect(tamper('solution_info_couriers.txt', add(1, -90)).length).toBeGreaterThan(0);
    expect(tamper('solution_info_assignments.txt', add(0, -200)).length).toBeGreaterThan(0);
    expect(checkSolution(instance, out).problems).toEqual([]);
  });

  it('is the same for the same instance', () => {
    const instance = makeCityDay({ ...SMALL, seed: 5 });
    expect(simulate(instance).report).toEqual(simulate(makeCityDay({ ...SMALL, seed: 5 })).report);
    expect(makeCityDay({ seed: 6, ...SMALL })).not.toEqual(instance);
  });

  it.each([
    ['tight', 11, 70],
    ['tight', 12, 70],
    ['slack', 13, 160],
  ] as const)('%s (seed %i): serves more than nearest-first, with less driving to pickups, no later at the door', (_, seed, couriers) => {
    const instance = makeCityDay({ ...SMALL, seed, couriers });
    const joint = simulate(instance).report;
    const nearest = simulate(instance, { policy: 'nearest' }).report;
    expect(joint.unserved_percent).toBeLessThanOrEqual(nearest.unserved_percent);
    expect(joint.unserved_percent).toBeLessThanOrEqual(1);
    expect(joint.pickup_distance_km).toBeLessThanOrEqual(nearest.pickup_distance_km);
    expect(joint.pickup_drive_km).toBeLessThanOrEqual(nearest.pickup_drive_km);
    expect(joint.click_to_door_min.mean).toBeLessThanOrEqual(nearest.click_to_door_min.mean + 1);
  });

  it('does not lose with a handful of couriers', () => {
    const instance = makeCityDay({ seed: 21, orders: 60, couriers: 9, restaurants: 12 });
    const joint = simulate(instance).report;
    const nearest = simulate(instance, { policy: 'nearest' }).report;
    expect(joint.served).toBeGreaterThanOrEqual(nearest.served);
  });

  it('gives orders up that nobody has after the time that was set', () => {
    const instance = makeCityDay({ ...SMALL, seed: 3, couriers: 40 });
    const patient = simulate(instance, { policy: 'fifo' }).report;
    const strict = simulate(instance, { policy: 'fifo', expireAfterMin: 20 }).report;
    expect(strict.assign_min.max).toBeLessThanOrEqual(20);
    expect(strict.served).not.toBe(patient.served);
  });
});

describe('the command', () => {
  it('prints the report as JSON', () => {
    const printed: string[] = [];
    const instance = instanceOf({ seed: 1, orders: 20, couriers: 8, restaurants: 5 });
    simulateMdrp({ instance, out: path.join(folder, 'o-json'), policy: 'joint', json: true }, (text) => printed.push(text));
    const report = JSON.parse(printed.join('')) as DayReport;
    expect(report).toMatchObject({ policy: 'joint', orders: 20, couriers: 8 });
    expect(Object.keys(report.click_to_door_min)).toEqual(['mean', 'p50', 'p90', 'max']);
  });

  it('says which option cannot be', () => {
    const typed = { instance: folder, out: folder, policy: 'joint' };
    expect(() => simulateMdrp({ ...typed, policy: 'best' }, () => undefined)).toThrow(/unknown policy best/);
    expect(() => simulateMdrp({ ...typed, slots: '0' }, () => undefined)).toThrow(/--slots 0/);
    expect(() => simulateMdrp({ ...typed, expireAfter: 'x' }, () => undefined)).toThrow(/--expire-after x/);
  });
});

describe('an instance', () => {
  const broken: readonly [string, string, (text: string) => string, RegExp][] = [
    ['a missing column', 'orders.txt', (text) => text.replace('ready_time', 'other'), /orders\.txt:1: no column ready_time/],
    ['blanks for tabs', 'couriers.txt', (text) => text.replaceAll('\t', ' '), /couriers\.txt:1: no column courier/],
    ['a number that is none', 'restaurants.txt', (text) => text.replace(/^(r1\t)[-\d]+/m, '$1x'), /restaurants\.txt:2: x "x" is no number/],
    ['an empty cell', 'orders.txt', (text) => text.replace(/^(o1\t)[-\d]+/m, '$1'), /orders\.txt:2: x "" is no number/],
    ['an unknown restaurant', 'orders.txt', (text) => text.replace(/\tr\d+\t/, '\tr999\t'), /orders\.txt:2: restaurant r999 is in no/],
    ['an id twice', 'couriers.txt', (text) => text.replace(/^c2\t/m, 'c1\t'), /couriers\.txt:3: courier c1 comes twice/],
    [
      'a shift that ends before it begins',
      'couriers.txt',
      (text) => text.replace(/^(c1\t\S+\t\S+)\t\d+\t\d+/m, '$1\t90\t30'),
      /couriers\.txt:2: off_time lies before/,
    ],
    ['no parameters', 'instance_parameters.txt', (text) => text.split('\n')[0] as string, /instance_parameters\.txt: has 0 lines/],
  ];
  it.each(broken)('with %s is refused with file and line', (_, file, breakIt, message) => {
    const instance = instanceOf({ seed: 2, orders: 5, couriers: 3, restaurants: 2 });
    const to = path.join(instance, file);
    writeFileSync(to, breakIt(readFileSync(to, 'utf8')));
    expect(() => readInstance(instance)).toThrow(InstanceError);
    expect(() => readInstance(instance)).toThrow(message);
  });

  it('without its files is refused by name', () => {
    expect(() => readInstance(path.join(folder, 'nowhere'))).toThrow(/restaurants\.txt: cannot be read/);
  });

  it('is read as it was written', () => {
    const made = makeCityDay({ seed: 4, orders: 30, couriers: 6, restaurants: 7 });
    const to = path.join(folder, 'round');
    writeInstance(to, made);
    const read = readInstance(to);
    expect(read.couriers).toEqual(made.couriers);
    expect(read.parameters).toEqual(made.parameters);
    expect([...read.orders].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([...made.orders].sort((a, b) => (a.id < b.id ? -1 : 1)));
  });
});
