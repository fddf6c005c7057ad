/**
 * Checks a written solution against its instance from the files alone, by the rules of the instance set's evaluator: where each
 * courier is at each minute follows from its moves, and every pickup and drop-off must find it there. Shares nothing with the simulation.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

type Row = readonly string[];

function rows(file: string, separator: RegExp): Row[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(separator));
}

/** @returns what is wrong, one line each; empty for a feasible solution. */
// Long because it follows the files in their order, and each part is judged by all that was read before.
export function checkSolution(instance: string, solution: string): { readonly problems: string[]; readonly served: number } {
  const read = (file: string): Row[] => rows(path.join(instance, file), /\t/);
  const solved = (file: string): Row[] => rows(path.join(solution, file), / /);
  const problems: string[] = [];
  const places = new Map<string, readonly [number, number]>();
  for (const file of ['orders.txt', 'couriers.txt', 'restaurants.txt'])
    for (const [id, x, y] of read(file)) places.set(id as string, [Number(x), Number(y)]);
  const [speed, pickupService, dropoffService, , most] = (read('instance_parameters.txt')[0] as Row).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const orders = new Map(
    read('orders.txt').map(([id, , , placed, restaurant, ready]) => [
      id as string,
      { placed: Number(placed), restaurant, ready: Number(ready) },
    ]),
  );
  const shifts = new Map(read('couriers.txt').map(([id, , , on, off]) => [id as string, { on: Number(on), off: Number(off) }]));

  const stays = new Map<string, { place: string; from: number; until: number }[]>();
  let group = '';
  const closed = new Set<string>();
  for (const [courier, departure, origin, destination] of solved('solution_info_couriers.txt') as [string, string, string, string][]) {
    if (courier !== group) {
      if (closed.has(courier)) problems.push(`moves of ${courier} are not together`);
      closed.add(group);
      group = courier;
    }
    const own = stays.get(courier) ?? [{ place: courier, from: shifts.get(courier)?.on ?? Number.NaN, until: Number.POSITIVE_INFINITY }];
    stays.set(courier, own);
    const last = own[own.length - 1] as { place: string; from: number; until: number };
    if (last.place !== origin) problems.push(`${courier} departs from ${origin}, is at ${last.place}`);
    if (!(Number(departure) >= last.from)) problems.push(`${courier} departs at ${departure} before it arrived at ${last.from}`);
    last.until = Number(departure);
    const [ax, ay] = places.get(origin) as readonly [number, number];
    const [bx, by] = places.get(destination) as readonly [number, number];
    own.push({
      place: destination,
      from: Number(departure) + Math.ceil(Math.hypot(ax - bx, ay - by) / speed),
      until: Number.POSITIVE_INFINITY,
    });
  }
  const isAt = (courier: string, place: string, from: number, until: number): boolean =>
    (stays.get(courier) ?? []).some((stay) => stay.place === place && stay.from <= from && until <= stay.until);

  const delivered = new Map<string, { pickup: number; dropoff: number; courier: string }>();
  for (const [id, placed, restaurant, ready, pickup, dropoff, courier] of solved('solution_info_orders.txt') as string[][] as [
    string,
    ...string[],
  ][]) {
    const order = orders.get(id);
    if (order === undefined || delivered.has(id)) problems.push(`${id} is unknown or delivered twice`);
    else if (Number(placed) !== order.placed || restaurant !== order.restaurant || Number(ready) !== order.ready)
      problems.push(`${id} was changed`);
    delivered.set(id, { pickup: Number(pickup), dropoff: Number(dropoff), courier: courier as string });
    if (order === undefined) continue;
    if (!(Number(dropoff) <= order.placed + most)) problems.push(`${id} is later than the maximum`);
    // Half of the service lies before the goods change hands, half after.
    if (!isAt(courier as string, restaurant as string, Number(pickup) - pickupService / 2, Number(pickup) + pickupService / 2))
      problems.push(`${courier} is not at ${restaurant} for ${id} at ${pickup}`);
    if (!isAt(courier as string, id, Number(dropoff) - dropoffService / 2, Number(dropoff) + dropoffService / 2))
      problems.push(`${courier} is not at the door of ${id} at ${dropoff}`);
  }

  const assigned = new Set<string>();
  for (const [at, pickup, courier, ...bundle] of solved('solution_info_assignments.txt') as [string, string, string, ...string[]][]) {
    let before = Number.NEGATIVE_INFINITY;
    if (new Set(bundle.map((id) => orders.get(id)?.restaurant)).size !== 1)
      problems.push(`${bundle.join(' ')} is no bundle of one restaurant`);
    if (!((shifts.get(courier)?.off ?? -1) >= Number(pickup))) problems.push(`${courier} picks up at ${pickup} after its shift`);
    for (const id of bundle) {
      const order = orders.get(id);
      const done = delivered.get(id);
      if (assigned.has(id)) problems.push(`${id} is assigned twice`);
      assigned.add(id);
      if (order === undefined || done === undefined || done.courier !== courier || done.pickup !== Number(pickup))
        problems.push(`${id} is assigned otherwise than delivered`);
      else if (Number(at) < order.placed || Number(pickup) < order.ready || Number(at) > Number(pickup))
        problems.push(`${id} is assigned at ${at}, picked up at ${pickup}`);
      else if (done.dropoff < before + dropoffService) problems.push(`${id} is dropped off out of turn`);
      before = done?.dropoff ?? before;
    }
  }
  for (const id of delivered.keys()) if (!assigned.has(id)) problems.push(`${id} is delivered and not assigned`);
  return { problems, served: delivered.size };
}
