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

let audio = null;
let ringing = null;
let lock = null;
let wanted = false;

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
  if (audio?.state !== 'running') return;
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
    await lock?.release();
    lock = null;
    return;
  }
  if (isAwake() || document.visibilityState !== 'visible') return;
  try {
    const taken = await navigator.wakeLock?.request('screen');
    if (!wanted) await taken?.release();
    else lock = taken ?? null;
  } catch {
    // Low battery or an old phone: the header does not promise it then.
    lock = null;
  }
}

export const isAwake = () => lock !== null && !lock.released;
