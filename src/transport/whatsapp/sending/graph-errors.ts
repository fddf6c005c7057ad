/** What to do about an error of the Graph API, by its code and never by its text. Pure. */

/** How a code is answered; the table is the Cloud API's error reference, read as a well-behaved client would. */
type Rule = 'never' | 'once' | 'backoff' | 'app_rate' | 'throughput' | 'maintenance' | 'pair' | 'later';

type GraphVerdict =
  /** Not this message, not again. */
  | { readonly retry: 'never' }
  | {
      readonly retry: 'later';
      /** Before jitter. */
      readonly afterMs: number;
      /** Tries in all. */
      readonly tries: number;
      /** Others of the same business number wait for this, too. */
      readonly pausesNumber: boolean;
      /** The business number sends at half its pace for a while. */
      readonly halvesRate: boolean;
    };

/** Tries in all of a message whose failure may pass. */
export const TRIES_MAX = 5;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** 1, 4, 16, 64, 256 s: what Meta asks for between two messages to one person. */
const PAIR_FACTOR = 4;

const CODES: Readonly<Record<Rule, readonly number[]>> = {
  backoff: [1, 2, 131_000, 131_016, 133_004],
  app_rate: [4, 80_007],
  throughput: [130_429],
  maintenance: [131_057],
  pair: [131_056],
  /** 131047 inside the window is known to be wrong at times; one careful retry finds out. */
  once: [135_000, 131_047, 131_052, 131_053],
  /** Paused template, throttled flow. */
  later: [132_015, 132_069],
  never: [
    // token (the sender waits for another before it asks here), permission, bad request
    0, 190, 3, 10, 33, 100, 131_008, 131_009,
    // this person: blocked, undeliverable, limits of engagement, opted out, experiment, to self, not in the test list, changed identity
    131_021, 131_026, 131_030, 131_049, 131_050, 130_472, 137_000,
    // this account: spam, locked, policy, country, display name, payment, registration
    368, 130_497, 131_031, 131_037, 131_042, 131_045, 131_048, 131_064, 133_000, 133_005, 133_006, 133_008, 133_009, 133_010, 133_015,
    133_016, 136_024, 136_025,
    // this kind of message: unsupported, no user ids, no marketing, template and flow faults
    131_051, 131_062, 131_063, 132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_016, 132_068,
  ],
};

const RULES: ReadonlyMap<number, Rule> = new Map(
  (Object.keys(CODES) as Rule[]).flatMap((rule) => CODES[rule].map((code): [number, Rule] => [code, rule])),
);

/**
 * @param code null when the answer carried none. @param status HTTP status. @param attempt 1 for the first try.
 * @param retryAfterMs what the answer asked for, null when nothing; a longer wait than ours wins, up to an hour.
 */
export function verdictOf(code: number | null, status: number, attempt: number, retryAfterMs: number | null = null): GraphVerdict {
  const rule = ruleOf(code, status);
  if (rule === 'never') return { retry: 'never' };
  return {
    retry: 'later',
    afterMs: Math.max(delayOf(rule, attempt), Math.min(retryAfterMs ?? 0, HOUR_MS)),
    tries: rule === 'once' ? 2 : TRIES_MAX,
    pausesNumber: rule === 'app_rate' || rule === 'maintenance',
    halvesRate: rule === 'throughput',
  };
}

/** The one more try of a message that failed after it was taken waits as the second of several would. */
const LATE_ATTEMPT = 2;

/** @returns how long to wait before a message that was taken and then reported as failed is tried again, null for never. */
export function lateRetryMs(code: number | null): number | null {
  const verdict = verdictOf(code, 0, LATE_ATTEMPT);
  return verdict.retry === 'never' ? null : verdict.afterMs;
}

function ruleOf(code: number | null, status: number): Rule {
  const known = code === null ? undefined : RULES.get(code);
  if (known !== undefined) return known;
  if (isPermissionFault(code)) return 'never';
  return status >= 500 || status === 429 || status === 408 ? 'backoff' : 'never';
}

function delayOf(rule: Exclude<Rule, 'never'>, attempt: number): number {
  switch (rule) {
    case 'once':
      return FIRST_BACKOFF_MS;
    case 'backoff':
    case 'throughput':
      return backoffMs(attempt);
    case 'pair':
      return FIRST_BACKOFF_MS * PAIR_FACTOR ** (attempt - 1);
    case 'maintenance':
      return MINUTE_MS;
    case 'app_rate':
      return MINUTE_MS * attempt;
    case 'later':
      return LONGEST_BACKOFF_MS;
  }
}

/** Locked, against policy; display name, payment or registration missing: until a person puts it right, no message of this number goes. */
const FREEZING: ReadonlySet<number> = new Set([368, 131_031, 131_037, 131_042, 131_045]);
/**
 * What a person has to look at, and other messages may go all the same: permissions, countries that the account may not write to (the next
 * customer is in another), spam, misclassified, unknown, wrong, paused or disabled templates, registration and PIN.
 */
const ALARMING: ReadonlySet<number> = new Set([
  3, 10, 130_497, 131_048, 131_064, 132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_015, 132_016, 133_000, 133_005, 133_006,
  133_008, 133_009, 133_010, 133_015, 133_016, 136_024, 136_025,
]);

/** @returns whether Meta sends nothing at all for this business number until its account is put right. */
export function isAccountFrozen(code: number | null): boolean {
  return code !== null && FREEZING.has(code);
}

/** @returns whether the refusal is about the shop's account, number, token or templates, and so for a person to put right. */
export function isAccountFault(code: number | null): boolean {
  return isAccountFrozen(code) || isTokenFault(code) || isPermissionFault(code) || (code !== null && ALARMING.has(code));
}

function isPermissionFault(code: number | null): boolean {
  return code !== null && code >= 200 && code < 300;
}

/** The access token is invalid or has expired: no message of this shop can go, and none is to blame. */
export function isTokenFault(code: number | null): boolean {
  return code === 0 || code === 190;
}

/**
 * Whether an answer tells of the service, for every shop. Meta says some of a shop's own troubles with a 500 as well: a missing permission
 * is 3, and one such shop that keeps sending must not have the service taken for down.
 */
export function isServiceFault(code: number | null, status: number): boolean {
  return status >= 500 && ruleOf(code, status) === 'backoff';
}

/** 1, 2, 4, … s, at most five minutes. */
export function backoffMs(attempt: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
}
