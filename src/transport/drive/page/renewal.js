/**
 * A new version of the app: asked about while the page lives on for days, put on when nothing is under way. It must never take the
 * screen away in a shift.
 */
import { keepSetting, setting } from './device/store.js';

const ASK_EVERY_MS = 3_600_000;
/** Two servers of two versions, side by side during a change, must not have the app reload for ever. */
const AGAIN_MS = 3_600_000;

let isOld = false;

/** Keeps the app's files for the next start, and looks out for newer ones. */
export function followVersions() {
  const { serviceWorker } = navigator;
  if (serviceWorker === undefined) return;
  // The first worker of all brings what the page has already.
  let isFirst = serviceWorker.controller === null;
  serviceWorker.addEventListener('controllerchange', () => {
    isOld ||= !isFirst;
    isFirst = false;
  });
  const ask = (registration) => setInterval(() => registration.update().catch(() => undefined), ASK_EVERY_MS);
  serviceWorker.register('/drive/sw.js', { scope: '/drive' }).then(ask, () => undefined);
}

/** Loads the app anew if a newer one is kept by now. Called where a driver loses nothing by it. */
export function renew() {
  if (!isOld || Math.abs(Date.now() - Number(setting('renewed'))) < AGAIN_MS) return;
  isOld = false;
  keepSetting('renewed', String(Date.now()));
  location.reload();
}
