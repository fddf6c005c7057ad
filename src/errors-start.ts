/** Codes of a start that cannot work: what is wrong with the address, the database or its account. */
import { entry } from './error-entry.ts';

export const START_ERRORS = {
  'config.address_unusable': entry(
    500,
    'Address unusable',
    'The address to listen on has no meaning here: it does not resolve, belongs to another machine, or its port needs rights that the process lacks.',
    'Set `HOST` or `WAKALA_OPS_HOST` to an address of this machine, and a port from 1024 on.',
  ),
  'config.tokens_elsewhere': entry(
    409,
    'Tokens come from elsewhere',
    'With `WAKALA_JWKS_URL` only tokens of that identity provider are taken, so none is minted here.',
    'Ask the identity provider for a token.',
  ),
  'database.login_refused': entry(
    503,
    'Database login refused',
    'The server does not let this user in: wrong password, unknown user, or a rule against it.',
    'Check user and password in `DATABASE_URL`.',
  ),
  'database.not_found': entry(
    503,
    'No such database',
    'The server has no database with this name.',
    'Create it, or correct the name in `DATABASE_URL`.',
  ),
  'database.newer_schema': entry(
    500,
    'Database of a newer build',
    'A newer build has migrated this database: this one does not know what it would write past, and changes nothing.',
    'Start the newer build again, or restore a backup from before it.',
  ),
  'database.no_rights': entry(
    503,
    'Database rights missing',
    'The user of `DATABASE_URL` may not create or use what the schema needs: roles, schemas, tables.',
    'Give it `CREATEROLE` and make it the owner of the database.',
  ),
  'database.too_old': entry(503, 'PostgreSQL too old', 'The server is older than PostgreSQL 14.', 'Use PostgreSQL 14 or later.'),
} as const;
