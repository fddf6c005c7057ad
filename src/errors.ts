/**
 * The one registry of coded errors: what each code means to the caller and to the operator, and the HTTP status
 * that it becomes. It must never know who raises a code. `docs/ERRORS.md` is generated from it.
 */

import { type ErrorEntry, entry } from './error-entry.ts';
import { DISPATCH_ERRORS } from './errors-dispatch.ts';
import { GPS_ERRORS } from './errors-gps.ts';
import { PROOF_ERRORS } from './errors-proof.ts';
import { START_ERRORS } from './errors-start.ts';

export const ERRORS = {
  ...DISPATCH_ERRORS,
  ...GPS_ERRORS,
  ...PROOF_ERRORS,
  ...START_ERRORS,
  'auth.forbidden': entry(
    403,
    'Not allowed',
    'The token is valid but its roles and permissions do not cover this call.',
    'Use a token with the role that the path needs.',
  ),
  'auth.invalid_token': entry(
    401,
    'Invalid token',
    'The bearer token is malformed, signed with another key or algorithm, or has a wrong issuer, audience or claim.',
    'Mint a new token with `wakala token`.',
  ),
  'auth.missing_token': entry(401, 'Token missing', 'The call needs `Authorization: Bearer <JWT>`.', 'Send the header.'),
  'auth.token_expired': entry(401, 'Token expired', 'The `exp` claim lies in the past.', 'Mint a new token.'),

  'cluster.database_owned': entry(
    503,
    'Database owned',
    'Another node serves this database.',
    'Stop it, or give this node a database of its own.',
  ),
  'cluster.fenced': entry(
    503,
    'Shards lost',
    'Another owner took shards of this node over, so it may write nothing more.',
    'The node restarts by itself; look for a pause or a lost connection before it.',
  ),

  'config.data_dir_unusable': entry(
    500,
    'Data folder unusable',
    'The data folder cannot be created or written, or its disk has no room.',
    'Check `WAKALA_DATA_DIR`, its permissions and the room on its disk.',
  ),
  'config.invalid': entry(
    500,
    'Configuration invalid',
    'At least one environment variable has a bad value; all are printed.',
    'Correct the named variables and start again.',
  ),
  'config.port_taken': entry(
    500,
    'Port taken',
    'Another process listens on the configured port.',
    'Stop it, or set `PORT` or `WAKALA_OPS_PORT` to a free one.',
  ),
  'config.secrets_unreadable': entry(
    500,
    'Secrets file unreadable',
    '`secrets.json` in the data folder is damaged, incomplete, or gone from beside its database; it is never replaced, because sealed data depends on it.',
    'Restore it from a backup, or set the secrets in the environment.',
  ),

  'conversation.lane_full': entry(
    409,
    'Too many messages wait',
    'As many messages as allowed wait to be sent to this customer.',
    'Retry when some are delivered.',
  ),
  'conversation.nobody': entry(404, 'Conversation not found', 'The customer never wrote to this tenant.', 'Wait for the first message.'),
  'conversation.not_found': entry(
    404,
    'Conversation not found',
    'Nobody with this number or user id has written to this tenant.',
    'Check the number (digits, country code first).',
  ),
  'conversation.text_invalid': entry(422, 'Text cannot be sent', 'The text is empty or longer than 4,096 characters.', 'Shorten it.'),
  'conversation.unknown_command': entry(
    500,
    'Unknown command',
    'A conversation got a command that it does not know.',
    'A defect: report the request id.',
  ),
  'conversation.unreadable_answer': entry(
    500,
    'Unreadable answer',
    'A conversation got an answer of another actor that it cannot read.',
    'A defect: see the dead letters.',
  ),
  'conversation.window_closed': entry(
    409,
    'Reply window closed',
    "The customer's last message is 24 hours old, less a margin of five minutes: free text may not be sent.",
    'Wait until the customer writes again.',
  ),

  'database.migration_changed': entry(
    500,
    'Migration changed',
    'A migration that was applied before differs from the one in this build.',
    'Run the build that belongs to the database, or restore the migration.',
  ),

  'database.unavailable': entry(
    503,
    'Database unavailable',
    'The database cannot be reached or brought to the present schema.',
    'Check `DATABASE_URL`, the server and its log; of an embedded one `postgres.log` in the data folder.',
  ),

  'idempotency.key_invalid': entry(
    400,
    'Idempotency key invalid',
    'The `Idempotency-Key` header is not 1 to 255 printable ASCII characters.',
    'Send a UUID.',
  ),
  'idempotency.key_missing': entry(
    400,
    'Idempotency key missing',
    'This call must carry an `Idempotency-Key` header.',
    'Send one key for each order that you mean to place, and the same key in retries.',
  ),
  'idempotency.key_reused': entry(
    422,
    'Idempotency key reused',
    'The key was used before with a different request.',
    'Use a new key for a new request.',
  ),

  'order.cod_limit': entry(
    422,
    'Too much for cash on delivery',
    'The total is above what the shop takes in cash.',
    'Order less, or pay another way.',
  ),
  'order.empty': entry(422, 'Order is empty', 'The order has no lines.', 'Add at least one product.'),
  'order.exists': entry(409, 'Order exists', 'An order with this id was placed before with other content.', 'Use a new idempotency key.'),
  'order.illegal_transition': entry(
    409,
    'Transition not allowed',
    'The order is in a status from which this step is not possible; `details.status` holds it.',
    'Read the order and decide again.',
  ),
  'order.not_found': entry(404, 'Order not found', 'This tenant has no such order.', 'Check the id.'),
  'order.out_of_stock': entry(
    409,
    'Out of stock',
    'The shop does not have enough of at least one product; `details.lines` says how much is left.',
    'Order at most what is available.',
  ),
  'order.payment_unavailable': entry(422, 'Payment method unavailable', 'The shop does not take this payment method.', 'Choose another.'),
  'order.product_unavailable': entry(
    409,
    'Product unavailable',
    'A product of the order is hidden or was removed.',
    'Read the catalogue again.',
  ),
  'order.quantity_invalid': entry(
    422,
    'Quantity invalid',
    'A quantity is not a whole number within the allowed range.',
    'Correct the quantity.',
  ),
  'order.too_far': entry(
    422,
    'Too far to deliver',
    'The drop-off is farther from the shop than it delivers; `details.max_km` is its limit.',
    'Choose a closer drop-off or collect the order.',
  ),

  'privacy.subject_erased': entry(
    409,
    'Person erased',
    'The key of this person is destroyed: nothing can be read or written for them.',
    'Nothing to do.',
  ),

  'product.exists': entry(409, 'Product exists', 'The catalogue already has this product.', 'Change the existing product.'),
  'product.limit': entry(
    409,
    'Catalogue full',
    'The tenant has as many products as its tier allows.',
    'Remove products or change the tier.',
  ),
  'product.not_found': entry(404, 'Product not found', 'This tenant has no such product.', 'Check the id.'),

  'request.body_timeout': entry(408, 'Body too slow', 'The request body did not arrive in time.', 'Send it faster, or in smaller parts.'),
  'request.internal': entry(500, 'Internal error', 'A defect in the server; the request id finds it in the log.', 'Report the request id.'),
  'request.invalid': entry(
    400,
    'Request invalid',
    'The body or the query does not fit the contract; `errors[]` names each place.',
    'Correct the named fields.',
  ),
  'request.invalid_cursor': entry(
    400,
    'Cursor invalid',
    'The cursor was not made by this list, was given for other filters, or was cut off or changed.',
    'Start again without a cursor.',
  ),
  'request.invalid_json': entry(400, 'Body is not JSON', 'The body is not well-formed JSON in UTF-8.', 'Send valid JSON.'),
  'request.method_not_allowed': entry(
    405,
    'Method not allowed',
    'The path exists, but not for this method; the `Allow` header lists those that it has.',
    'Use one of them.',
  ),
  'request.not_found': entry(404, 'Not found', 'No such path.', 'See `/docs`.'),
  'request.overloaded': entry(
    503,
    'Too many requests in flight',
    'The server handles as many requests as it may.',
    'Retry after the time in `Retry-After`.',
  ),
  'request.too_large': entry(413, 'Body too large', 'The body is larger than this path takes.', 'Send less at once.'),
  'request.unsupported_media_type': entry(
    415,
    'Media type not supported',
    'The `Content-Type` is not what this path takes, or names another charset than UTF-8.',
    'Send `application/json` (`text/csv` for imports) in UTF-8.',
  ),
  'request.upgrade_required': entry(
    426,
    'Upgrade required',
    'The path is a WebSocket, and the request asked for none: its client did not, or a proxy has taken `Upgrade` and `Connection` away.',
    'Connect with a WebSocket, and let the proxy pass both headers.',
  ),

  'runtime.call_cycle': entry(
    500,
    'Call cycle',
    'An actor was asked by a chain of calls that it had started itself.',
    'A defect: report the request id.',
  ),
  'runtime.newer_events': entry(
    503,
    'Written by a newer build',
    'The journal of what was addressed has an event that only a newer build reads: somebody went back to an older one.',
    'An operator starts the newer build again. Nothing is lost, and what only the older build has written can be read.',
  ),
  'runtime.overloaded': entry(
    503,
    'Overloaded',
    'The mailbox of the addressed actor or of its thread is full (API callers get 429).',
    'Retry after the time in `Retry-After`.',
  ),
  'runtime.poison': entry(
    500,
    'Message refused as poison',
    'Handling this message failed three times; it is kept as a dead letter.',
    'Read it at `GET /v1/deadletters` of the operations port and report it.',
  ),
  'runtime.quarantined': entry(
    503,
    'Actor quarantined',
    'The actor failed too often and is paused.',
    'An operator looks at the alert; retry later.',
  ),
  'runtime.superseded': entry(
    503,
    'Superseded',
    'A newer telemetry message took the place of this one.',
    'Nothing: only the newest value counts.',
  ),
  'runtime.timeout': entry(
    504,
    'Timed out',
    'No answer came before the deadline; the command may still be applied.',
    'Retry with the same idempotency key.',
  ),
  'runtime.unavailable': entry(
    503,
    'Unavailable',
    'The shard is moving to another owner, or the database is away.',
    'Retry after the time in `Retry-After`.',
  ),
  'runtime.unreadable': entry(
    503,
    'Unreadable',
    'What is stored of what was addressed cannot be read: the key of its person does not open, or its journal is damaged.',
    'An operator looks up `actor could not be recovered` in the log, and restores `WAKALA_MASTER_KEY` or a backup. Others are not concerned.',
  ),

  'secret.unreadable': entry(
    500,
    'Secret unreadable',
    'A sealed secret was made with another master key or for another place.',
    'Restore `WAKALA_MASTER_KEY`, or set the secret again.',
  ),

  'tenant.closed': entry(409, 'Shop closed for good', 'The tenant was closed.', 'Nothing can be changed any more.'),
  'tenant.not_found': entry(404, 'Tenant not found', 'No such tenant.', 'Check the id.'),
  'tenant.phone_number_taken': entry(
    409,
    'Phone number taken',
    'Another tenant uses this WhatsApp phone number id.',
    'Use another number.',
  ),
  'tenant.slug_taken': entry(409, 'Slug taken', 'Another tenant has this slug.', 'Choose another slug.'),
  'tenant.too_many_reservations': entry(
    503,
    'Too many open reservations',
    'The shop has as many reserved baskets as it may.',
    'Retry when some have expired.',
  ),
  'tenant.suspended': entry(409, 'Shop suspended', 'The tenant is suspended and takes no orders.', 'Resume the tenant.'),

  'webhook.challenge_failed': entry(
    403,
    'Verification failed',
    'The verify token or the mode is wrong.',
    'Set the same token here and at Meta (`WHATSAPP_VERIFY_TOKEN`).',
  ),
  'webhook.invalid_signature': entry(
    401,
    'Signature invalid',
    'The webhook is not signed with any configured app secret.',
    'Check `WHATSAPP_APP_SECRET`.',
  ),
  'webhook.not_durable': entry(
    503,
    'Webhook not stored',
    'The batch could not be made durable; the sender retries.',
    'Check the database.',
  ),

  'whatsapp.not_configured': entry(
    409,
    'WhatsApp not configured',
    'The tenant has no access token and the sandbox is off.',
    'Set `whatsapp.access_token` of the tenant.',
  ),
  'whatsapp.refused': entry(
    502,
    'WhatsApp refused',
    'The Graph API refused the message; the graph code tells why.',
    'See the message and the error codes of Meta.',
  ),
  'whatsapp.unknown_outcome': entry(
    504,
    'Outcome unknown',
    'The connection broke after the message was handed over; its delivery status settles it.',
    'Nothing: it is settled or sent again.',
  ),
  'whatsapp.unreachable': entry(
    503,
    'WhatsApp unreachable',
    'The Graph API cannot be reached.',
    'It is retried; check the network and `WHATSAPP_GRAPH_URL`.',
  ),

  'worker.start_failed': entry(500, 'Worker did not start', 'A worker thread failed while starting.', 'See the log line before it.'),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

export type ErrorCode = keyof typeof ERRORS;

/** @returns the entry of a registered code; null for an unknown one (which is a defect of whoever raised it). */
export function errorEntry(code: string): ErrorEntry | null {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : null;
}

/** An expected failure of starting up: printed without a stack, decides the exit code by its `code`. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
