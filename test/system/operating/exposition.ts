/** A strict reader of Prometheus' text format 0.0.4: throws at whatever a scraper may refuse. Knows no metric of ours. */

export interface Family {
  readonly type: string;
  /** By the whole series, labels included. */
  readonly samples: ReadonlyMap<string, number>;
}

const META = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { type: string; samples: Map<string, number> }>();
  const helped = new Set<string>();
  let current = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const meta = META.exec(line);
    if (meta?.[1] === 'HELP') {
      if (helped.has(meta[2]!)) throw new Error(`second HELP: ${line}`);
      helped.add(meta[2]!);
    } else if (meta !== null) {
      current = meta[2]!;
      if (families.has(current) || !TYPES.has(meta[3]!)) throw new Error(`second or unknown TYPE: ${line}`);
      families.set(current, { type: meta[3]!, samples: new Map() });
    } else readSample(line, current, families.get(current));
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family.samples);
  return families;
}

function readSample(line: string, family: string, into: { type: string; samples: Map<string, number> } | undefined): void {
  const [, name, labels = '', shown] = SAMPLE.exec(line) ?? [];
  if (name === undefined || into === undefined) throw new Error(`no sample, or outside a family: ${line}`);
  const suffix = name.slice(family.length);
  const allowed = into.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!name.startsWith(family) || !allowed.includes(suffix)) throw new Error(`not of the family ${family}: ${line}`);
  const names = new Set<string>();
  for (let rest = labels; rest !== ''; ) {
    const label = LABEL.exec(rest);
    if (label === null || names.has(label[1]!)) throw new Error(`bad label: ${line}`);
    names.add(label[1]!);
    rest = rest.slice(label[0].length);
  }
  const value = shown === '+Inf' ? Number.POSITIVE_INFINITY : Number(shown);
  if (Number.isNaN(value) && shown !== 'NaN') throw new Error(`no number: ${line}`);
  if (into.type !== 'gauge' && !(value >= 0)) throw new Error(`below zero: ${line}`);
  const key = `${name}{${labels}}`;
  if (into.samples.has(key)) throw new Error(`twice: ${line}`);
  into.samples.set(key, value);
}

/** Buckets grow to `+Inf`, which is the count. */
function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const last = new Map<string, number>();
  const bounds = new Map<string, number>();
  for (const [key, value] of samples) {
    const le = /le="([^"]+)",?/.exec(key);
    if (!key.startsWith(`${name}_bucket{`) || le === null) continue;
    const series = key.replace(le[0], '').replace(/,\}$/, '}').slice(`${name}_bucket`.length);
    const bound = le[1] === '+Inf' ? Number.POSITIVE_INFINITY : Number(le[1]);
    if (value < (last.get(series) ?? 0) || bound <= (bounds.get(series) ?? Number.NEGATIVE_INFINITY)) throw new Error(`falling: ${key}`);
    last.set(series, value);
    bounds.set(series, bound);
  }
  for (const [series, value] of last) {
    const counted = samples.get(`${name}_count${series}`);
    if (bounds.get(series) !== Number.POSITIVE_INFINITY || counted !== value) throw new Error(`+Inf is not the count: ${name}${series}`);
  }
}
