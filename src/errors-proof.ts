/** Codes of what is said of a delivery afterwards, proof and ratings: a part of the registry in errors.ts. */
import { entry } from './error-entry.ts';

export const PROOF_ERRORS = {
  'order.customer_rated': entry(
    409,
    'Already rated',
    'The driver rated the customer of this order before, in other words.',
    'Nothing to do: the first rating counts.',
  ),

  'proof.bad_image': entry(
    422,
    'Not a readable picture',
    'The bytes are not a whole picture of the media type that the request names.',
    'Send a JPEG, PNG or WebP file as it is, with its own media type; a signature is a PNG.',
  ),
  'proof.erased': entry(
    410,
    'Proof erased',
    'The piece was sealed for a person whose data has been erased.',
    'Nothing to do: nobody can read it any more.',
  ),
  'proof.full': entry(409, 'Enough proof', 'The order has as many pieces of proof as it may have.', 'Nothing to do: what is there stays.'),
  'proof.not_found': entry(404, 'Proof not found', 'The order has no piece of proof with this number.', 'List the proof of the order.'),
  'proof.too_late': entry(
    409,
    'Too late for proof',
    'The delivery was more than 24 hours ago; `details` names when.',
    'Write to the shop instead.',
  ),
} as const;
