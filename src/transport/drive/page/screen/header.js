/** The header: on shift or not, whether the link stands, how good the position is. Told whose session; changes nothing. */
import { isAwake } from '../device/alarm.js';
import { byId } from '../dom.js';

/** A position less exact than this is called weak. */
const WEAK_M = 50;

/** @param say in the driver's language */
export function drawHeader(session, say) {
  const { link, model } = session;
  const retryS = link.retryAtMs === null ? 0 : Math.max(0, Math.ceil((link.retryAtMs - Date.now()) / 1000));
  const shift = model.online === null ? say('checking') : say(model.online ? 'online' : 'offline');
  const broken = retryS > 0 ? say('reconnecting_s', { s: retryS }) : say('reconnecting');
  const state = link.mode === 'open' ? shift : link.mode === 'connecting' && link.retryAtMs === null ? say('connecting') : broken;
  write('state', state);
  const signal = model.online === true || session.wish() === true ? signalText(session, say) : '';
  write('signal', signal);
  // What counts seconds is seen; heard is only what has changed: the shift, the link, a receiver that fails.
  const fault = signal === '' || session.gpsFault === null ? '' : ` · ${say(`gps_${session.gpsFault}`)}`;
  write('heard', (link.mode === 'open' ? shift : say(model.online === null ? 'connecting' : 'reconnecting')) + fault);
  document.body.dataset.gps = session.gpsFault ?? ((session.fix?.accuracyM ?? 0) > WEAK_M ? 'weak' : 'ok');
}

function signalText(session, say) {
  const { fix, gpsFault, positions } = session;
  if (gpsFault !== null) return say(`gps_${gpsFault}`);
  const m = Math.round(fix.accuracyM ?? 0);
  const gps = session.gps.simulated ? say('gps_simulated') : say(m > WEAK_M ? 'gps_weak' : 'gps_ok', { m });
  const ago = positions.sentAtMs === null ? null : Math.floor((Date.now() - positions.sentAtMs) / 1000);
  const sent = ago === null ? say('not_sent') : ago < 2 ? say('sent_now') : say('sent_ago', { s: ago });
  const words = [gps, positions.waiting > 0 ? say('positions_waiting', { n: positions.waiting }) : sent];
  if (isAwake()) words.push(say('screen_on'));
  return words.join(' · ');
}

/** A screen reader says again what is written again. */
function write(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}
