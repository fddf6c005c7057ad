/** `wakala simulate …`: reads what was typed and prints what came out. It must never know how a day is simulated. */
import { CommanderError } from 'commander';
import { CITY_DAY_DEFAULTS, makeCityDay, writeInstance } from './city-day.ts';
import type { DayReport, Spread } from './report.ts';
import { runMdrp, SIMULATED_POLICIES } from './run-mdrp.ts';

const EXIT_USAGE = 64;

export interface MdrpCommandOptions {
  readonly instance: string;
  readonly out: string;
  readonly policy: string;
  readonly slots?: string;
  readonly expireAfter?: string;
  readonly stacking?: boolean;
  readonly lookAhead?: boolean;
  readonly json?: boolean;
}

/** @throws CommanderError (usage) for options that cannot be; InstanceError for an instance that cannot be read. */
export function simulateMdrp(options: MdrpCommandOptions, print: (text: string) => void): void {
  const policy = SIMULATED_POLICIES.find((known) => known === options.policy);
  if (policy === undefined) throw usage(`unknown policy ${options.policy}: ${SIMULATED_POLICIES.join(', ')}`);
  const report = runMdrp(options.instance, options.out, {
    policy,
    ...(options.slots === undefined ? {} : { slots: whole('--slots', options.slots, 1) }),
    ...(options.expireAfter === undefined ? {} : { expireAfterMin: whole('--expire-after', options.expireAfter, 0) }),
    dispatch: { stacking: options.stacking ?? true, lookAhead: options.lookAhead ?? true },
  });
  print(options.json === true ? `${JSON.stringify(report)}\n` : asText(report));
}

export interface CityDayCommandOptions {
  readonly seed: string;
  readonly out: string;
  readonly orders?: string;
  readonly couriers?: string;
}

export function simulateCityDay(options: CityDayCommandOptions, print: (text: string) => void): void {
  const orders = options.orders === undefined ? CITY_DAY_DEFAULTS.orders : whole('--orders', options.orders, 1);
  const couriers = options.couriers === undefined ? CITY_DAY_DEFAULTS.couriers : whole('--couriers', options.couriers, 1);
  writeInstance(options.out, makeCityDay({ seed: whole('--seed', options.seed, 0), orders, couriers }));
  print(`${options.out}: ${orders} orders, ${couriers} couriers\n`);
}

function whole(name: string, text: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) throw usage(`${name} ${text} is no whole number from ${least}`);
  return value;
}

/** Told by whoever ends the command. */
function usage(text: string): CommanderError {
  return new CommanderError(EXIT_USAGE, 'wakala.usage', text);
}

function asText(report: DayReport): string {
  const spread = ({ mean, p50, p90, max }: Spread): string => `mean ${mean}, p50 ${p50}, p90 ${p90}, max ${max} min`;
  return [
    `${report.policy}: ${report.orders} orders, ${report.couriers} couriers`,
    `  served             ${report.served} (unserved ${report.unserved_percent} %)`,
    `  pickup distance    ${report.pickup_distance_km} km at the assignment, ${report.pickup_drive_km} km driven`,
    `  until assigned     ${spread(report.assign_min)}`,
    `  click to door      ${spread(report.click_to_door_min)}`,
    `  ready to pickup    ${spread(report.ready_to_pickup_min)}`,
    `  later than target  ${report.later_than_target_percent} %, than the maximum ${report.later_than_max_percent} %`,
    `  orders a courier   ${report.orders_per_courier_hour} an hour; ${report.bundled_percent} % fetched together`,
    '',
  ].join('\n');
}
