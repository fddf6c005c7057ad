/** How a bench reports: repeated runs, the median, one JSON line a figure. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** @param figure question, value and unit, and whatever makes it checkable: runs, ratio to the baseline of the same run, aim. */
export function report(figure: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(figure));
}

export function round(value: number, digits = 0): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** Runs `once` `times` times after a warm-up. @returns what each run returned. */
export async function repeat(times: number, once: () => Promise<number>): Promise<number[]> {
  await once();
  const values: number[] = [];
  for (let i = 0; i < times; i++) values.push(await once());
  return values;
}
