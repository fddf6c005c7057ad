/** A driver in a list that was written earlier says of today what the driver itself would say. */
import { describe, expect, it } from 'vitest';
import { RECENT_JOBS_MS } from '../../src/actors/driver/state.ts';
import { asOfNow } from '../../src/actors/driver/views.ts';

const MIDNIGHT = 1_700_006_400_000;
const earnings = { currency: 'ZAR', todayMinor: 900, totalMinor: 5_000, platformFeeMinor: 100, deliveries: 3, cashOnHandMinor: 700 };
const profile = {
  driverId: 'drv_1',
  vehicle: 'motorbike' as const,
  coldStorage: false,
  rating: 4.5,
  completion: 1,
  acceptance: 1,
  completedJobs: 3,
  recentJobsMs: [MIDNIGHT - 5_000, MIDNIGHT - 1_000],
  idleSinceMs: 0,
  earnedTodayMinor: 900,
  onlineSinceMs: 0,
  freeSlots: 2,
  version: 9,
};

describe('a driver in a list', () => {
  it('has what was earned today until midnight, and nothing of it after', () => {
    const written = { earnings, profile };
    expect(asOfNow(written, MIDNIGHT - 2_000, MIDNIGHT - 1)).toEqual(written);
    const next = asOfNow(written, MIDNIGHT - 2_000, MIDNIGHT);
    expect(next.earnings).toEqual({ ...earnings, todayMinor: 0 });
    expect(next.profile).toEqual({ ...profile, earnedTodayMinor: 0 });
  });

  it('has only those recent jobs that still are', () => {
    const later = asOfNow({ earnings, profile }, MIDNIGHT, MIDNIGHT - 5_000 + RECENT_JOBS_MS);
    expect(later.profile.recentJobsMs).toEqual([MIDNIGHT - 1_000]);
  });
});
