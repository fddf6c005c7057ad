/** Matrices of routing services: shape and size, not sense. It must never know which service. */
import { z } from 'zod';
import type { WireTable } from './protocol.ts';

/** JSON has no NaN, and zod refuses the infinity that 1e999 is read as. */
export const matrixSchema = z.array(z.array(z.number().nullable()));

type Matrix = z.infer<typeof matrixSchema>;

/** Null when a matrix has another size than asked for. A cell is null when either figure is. */
export function pairMatrices(
  durationsS: Matrix,
  distances: Matrix,
  { rows, columns, metres }: { readonly rows: number; readonly columns: number; readonly metres: number },
): WireTable | null {
  for (const matrix of [durationsS, distances]) {
    if (matrix.length !== rows || matrix.some((row) => row.length !== columns)) return null;
  }
  return durationsS.map((row, i) =>
    row.map((durationS, j) => {
      const distance = distances[i]?.[j] ?? null;
      return durationS === null || distance === null ? null : { durationS, distanceM: distance * metres };
    }),
  );
}
