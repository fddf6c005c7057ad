/** Where the phone is: the real receiver, or a simulated rider for desks and tests. Must never know a server. */
import { bearingDeg, distanceM, stepToward } from './geometry.js';

/** A receiver that stands still may say nothing: it is asked. */
const SILENT_MS = 10_000;
const ASK_EVERY_MS = 5_000;
const FIX_TIMEOUT_MS = 20_000;
const TICK_MS = 1_000;

/** The receiver of the phone. Calls `onFix(fix)` and `onFault('denied' | 'unavailable' | 'searching')`. */
export class PhoneGps {
  simulated = false;
  #watch = null;
  #asker = null;
  #lastMs = 0;
  #heard = null;

  start(onFix, onFault) {
    if (this.#watch !== null) return;
    if (!('geolocation' in navigator)) return onFault('unavailable');
    const heard = new AbortController();
    this.#heard = heard;
    let isBlind = false;
    const took = (position) => {
      if (heard.signal.aborted) return;
      this.#lastMs = Date.now();
      // Browsers forget who watched when it was forbidden: allowed again, it would speak only when asked.
      if (isBlind) watch();
      onFix(fixOf(position));
    };
    const failed = (error) => {
      if (heard.signal.aborted) return;
      isBlind ||= error.code === 1;
      onFault(error.code === 1 ? 'denied' : error.code === 2 ? 'unavailable' : 'searching');
    };
    const options = { enableHighAccuracy: true, maximumAge: 0, timeout: FIX_TIMEOUT_MS };
    const watch = () => {
      isBlind = false;
      if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
      this.#watch = navigator.geolocation.watchPosition(took, failed, options);
    };
    watch();
    this.#asker = setInterval(() => {
      if (Math.abs(Date.now() - this.#lastMs) > SILENT_MS) navigator.geolocation.getCurrentPosition(took, failed, options);
    }, ASK_EVERY_MS);
  }

  stop() {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    clearInterval(this.#asker);
    // What it was asked for and has not said yet is nobody's.
    this.#heard?.abort();
    this.#watch = null;
  }
}

function fixOf({ coords, timestamp }) {
  return {
    atMs: timestamp,
    lat: coords.latitude,
    lng: coords.longitude,
    accuracyM: coords.accuracy ?? null,
    speedMps: coords.speed ?? null,
    headingDeg: Number.isNaN(coords.heading) ? null : (coords.heading ?? null),
  };
}

/** A rider on a straight line: stands where it is until it is told where to go. */
export class SimulatedGps {
  simulated = true;
  speedMps = 25;
  target = null;
  #timer = null;
  #atMs = 0;

  constructor(position) {
    this.position = position;
  }

  start(onFix) {
    if (this.#timer !== null) return;
    this.#atMs = Date.now();
    const tick = () => onFix(this.step(Date.now()));
    this.#timer = setInterval(tick, TICK_MS);
    tick();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  driveTo(target) {
    this.target = target;
  }

  /** Moves to the given time. @returns the fix there; the step is as long as the time since the last one says */
  step(nowMs) {
    const { position: from, target } = this;
    const seconds = Math.max(0, nowMs - this.#atMs) / 1000;
    this.#atMs = nowMs;
    const isMoving = target !== null && distanceM(from, target) > 1;
    if (isMoving) this.position = stepToward(from, target, this.speedMps * seconds);
    else this.target = null;
    return {
      atMs: nowMs,
      ...this.position,
      accuracyM: 6,
      speedMps: isMoving ? this.speedMps : 0,
      headingDeg: isMoving ? bearingDeg(from, target) : null,
    };
  }
}
