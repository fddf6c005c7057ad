/** Writes a simulated day as the instance set's evaluator reads it: blank-separated, a header line, whole minutes. It must never change what happened. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../make-folder.ts';
import type { Courier, Delivery } from './courier.ts';

const SOLUTION_FILES = ['solution_info_assignments.txt', 'solution_info_orders.txt', 'solution_info_couriers.txt'] as const;

/** Orders given to a courier in the same minute and fetched in the same minute at one place are one assignment; unserved orders are left out. */
export function writeSolution(folder: string, couriers: readonly Courier[]): void {
  makeFolder(folder);
  const [assignments, orders, moves] = SOLUTION_FILES;
  const write = (file: string, lines: readonly string[]): void => writeFileSync(path.join(folder, file), `${lines.join('\n')}\n`);
  write(assignments, ['assignment_time pickup_time courier orders', ...couriers.flatMap(assignmentLines)]);
  write(orders, [
    'order placement_time restaurant ready_time pickup_time dropoff_time courier',
    ...couriers.flatMap(({ deliveries }) => deliveries.map(orderLine)),
  ]);
  write(moves, [
    'courier departure_time origin destination',
    ...couriers.flatMap((courier) =>
      courier.moves.map((move) => [courier.shift.id, move.departureMin, move.origin, move.destination].join(' ')),
    ),
  ]);
}

function assignmentLines({ deliveries }: Courier): string[] {
  const bundles = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const name = `${delivery.assignedMin} ${delivery.pickupMin} ${delivery.courierId} ${delivery.order.restaurant.id}`;
    bundles.set(name, [...(bundles.get(name) ?? []), delivery]);
  }
  return [...bundles.values()].map((bundle) => {
    const first = bundle[0] as Delivery;
    const orders = bundle.toSorted((a, b) => a.dropoffMin - b.dropoffMin).map(({ order }) => order.id);
    return [first.assignedMin, first.pickupMin, first.courierId, ...orders].join(' ');
  });
}

function orderLine({ order, pickupMin, dropoffMin, courierId }: Delivery): string {
  return [order.id, order.placementMin, order.restaurant.id, order.readyMin, pickupMin, dropoffMin, courierId].join(' ');
}
