/** Who may not be offered a job at all, however near. It must never know what a candidate costs. */
import type { DriverProfile, Job } from '../protocol.ts';

export function fitsJob(driver: DriverProfile, job: Job): boolean {
  const { vehicles, coldStorage, minRating } = job.needs;
  if (vehicles.length > 0 && !vehicles.includes(driver.vehicle)) return false;
  if (coldStorage && !driver.coldStorage) return false;
  if (driver.rating < minRating) return false;
  return !job.excludedDriverIds.includes(driver.driverId);
}
