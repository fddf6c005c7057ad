/** What wakes a driver: sound, vibration, and a screen that stays on. Every part may be missing on a phone; none may ever throw. */

const OFFER_NOTES = [
  [880, 0],
  [1175, 0.18],
  [880, 0.36],
  [1175, 0.54],
];
const SAD_NOTES = [
  [520, 0],
  [390, 0.2],
];
const REPEAT_MS = 4_000;
/** What comes later than that rings for something that is over. */
const LATE_MS = 1_000;
/** A phone that refuses to stay on (battery low, page about to hide) is asked again after so long, and not at every drawing. */
const AWAKE_AGAIN_MS = 10_000;

let audio = null;
let ringing = null;
let lock = null;
let wanted = false;
let isAsking = false;
/** By a clock that is never set back. */
let refusedMs = Number.NEGATIVE_INFINITY;

/** Browsers allow sound only after a touch: called from one. */
export function unlockSound() {
  try {
    audio ??= new AudioContext();
    void audio.resume();
  } catch {
    // No sound on this browser; the vibration and the screen remain.
    audio = null;
  }
}

function play(notes) {
  if (audio === null) return;
  if (audio.state === 'running') return sound(notes);
  // A call or another app takes the sound away from a page, and nobody gives it back: whatever rings next asks for it.
  const askedMs = performance.now();
  const given = () => performance.now() - askedMs < LATE_MS && sound(notes);
  // Not allowed before a touch; the vibration and the screen remain.
  audio.resume().then(given, () => undefined);
}

function sound(notes) {
  for (const [frequency, afterS] of notes) {
    const at = audio.currentTime + afterS;
    const tone = new OscillatorNode(audio, { type: 'square', frequency });
    const volume = new GainNode(audio, { gain: 0.25 });
    volume.gain.setTargetAtTime(0, at + 0.1, 0.03);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  }
}

function shake(pattern) {
  // Without a touch before, Chrome refuses and complains in its console.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}

/** Rings until `stopRinging`. */
export function ring() {
  if (ringing !== null) return;
  const once = () => {
    play(OFFER_NOTES);
    shake([300, 120, 300, 120, 500]);
  };
  ringing = setInterval(once, REPEAT_MS);
  once();
}

export function stopRinging() {
  if (ringing === null) return;
  clearInterval(ringing);
  ringing = null;
  shake(0);
}

/** Something changed that the driver must look at. */
export function nudge() {
  play(SAD_NOTES);
  shake([200, 100, 200]);
}

/** Keeps the screen on, or lets it sleep. The browser lets go whenever the page is hidden: call again when it is back. */
export async function keepAwake(on) {
  wanted = on;
  if (!on) {
    const held = lock;
    lock = null;
    await held?.release();
    return;
  }
  // One at a time: of two that are granted, one would be held for ever.
  if (isAsking || isAwake() || document.visibilityState !== 'visible' || performance.now() - refusedMs < AWAKE_AGAIN_MS) return;
  isAsking = true;
  try {
    const taken = (await navigator.wakeLock?.request('screen')) ?? null;
    if (wanted) lock = taken;
    else await taken?.release();
  } catch {
    // Low battery or an old phone: the header does not promise it then.
    refusedMs = performance.now();
  }
  isAsking = false;
}

export const isAwake = () => lock !== null && !lock.released;
