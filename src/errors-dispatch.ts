/** Codes of drivers, offers, deliveries and tracking links: a part of the registry in errors.ts. */
import { entry } from './error-entry.ts';

export const DISPATCH_ERRORS = {
  'delivery.no_position': entry(
    409,
    'No place to ride to',
    'The order has no drop-off position, so no driver can be sent.',
    'Set `delivery.location` of the order first.',
  ),
  'delivery.not_at_stop': entry(
    409,
    'Not at the stop',
    'The last believed position of the driver is too far from the stop, or too old.',
    'Send a position at the stop and try again; a dispatcher may override.',
  ),
  'delivery.not_yours': entry(403, 'Not your delivery', 'The order is carried by another driver, or by nobody.', 'Nothing to do.'),
  'delivery.otp_locked': entry(
    423,
    'Code locked',
    'The delivery code was given wrongly too many times.',
    'Ask the shop: a dispatcher may complete the delivery.',
  ),
  'delivery.otp_missing': entry(
    422,
    'Code missing',
    'The hand-over was told without the delivery code; no try is counted.',
    'Ask the customer for the code and send it as `otp`.',
  ),
  'delivery.otp_wrong': entry(
    403,
    'Code wrong',
    "The delivery code is not the customer's.",
    'Ask the customer for the code that was sent by WhatsApp.',
  ),
  'delivery.wrong_phase': entry(
    409,
    'Wrong phase',
    'The step does not follow from where the delivery stands; `details` names the phase.',
    'Read the order and take the step that is due.',
  ),

  'driver.already_rated': entry(
    409,
    'Already rated',
    'The delivery of this order was rated before with other stars.',
    'Nothing to do: the first rating counts.',
  ),
  'driver.busy': entry(
    409,
    'Driver busy',
    'The driver is reserved for another offer or carries all that it may.',
    'Choose another driver.',
  ),
  'driver.cash_exceeds': entry(
    409,
    'More than there is',
    'The driver holds less cash than was to be handed in; `details` names how much.',
    'Check the amount.',
  ),
  'driver.has_job': entry(
    409,
    'Driver has a job',
    'A driver with an unfinished delivery cannot do this.',
    'Finish or release the delivery first.',
  ),
  'driver.not_approved': entry(409, 'Driver not approved', 'The driver has applied but nobody approved it.', 'Approve the driver.'),
  'driver.not_found': entry(404, 'Driver not found', 'No driver with this id in this tenant.', 'Check the id.'),
  'driver.offline': entry(409, 'Driver offline', 'The driver is not online.', 'Let the driver go online.'),
  'driver.suspended': entry(
    409,
    'Driver suspended',
    'The driver is suspended: no offers, no shift, and nothing is taken from its devices.',
    'Approve the driver again.',
  ),
  'driver.unfit': entry(
    409,
    'Driver unfit',
    'The vehicle, its equipment or the rating does not meet what the order needs.',
    'Choose another driver.',
  ),

  'offer.closed': entry(409, 'Offer closed', 'The offer was taken, declined, withdrawn, or it expired.', 'Wait for the next offer.'),
  'offer.not_yours': entry(403, 'Not your offer', 'The offer does not exist or was made to another driver.', 'Nothing to do.'),

  'simulate.no_server': entry(
    503,
    'No server to simulate against',
    'Nobody answers at the address, or it has no demo shop, or its tokens are signed with another secret.',
    'Run `npm start` first, with the same data folder.',
  ),
  'simulate.usage': entry(400, 'Option invalid', 'An option of a simulation is out of its range.', 'See `--help`.'),
  'tracking.ended': entry(410, 'Tracking ended', 'The delivery that this link shows is over.', 'Nothing to do.'),
  'tracking.not_found': entry(
    404,
    'Tracking link unknown',
    'The tracking link is malformed or forged, or its order had no such leg.',
    'Use the newest link of the order.',
  ),
} as const;
