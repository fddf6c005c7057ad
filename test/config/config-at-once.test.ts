/** Every problem of a configuration is told at once, contradictions between values included. */
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';

function problems(env: Record<string, string>): string[] {
  const secretsOf = () => ({ jwtSecret: 'j'.repeat(32), masterKey: '', whatsappAppSecret: 'a', whatsappVerifyToken: 'v' });
  const loaded = loadConfig(env, { secretsOf });
  return loaded.ok ? [] : loaded.problems.map(({ name }) => name);
}

test('values that contradict each other are told together with values that cannot be read', () => {
  const env = {
    LOG_LEVEL: 'loud',
    WAKALA_ROUTING: 'osrm',
    PORT: '9000',
    WAKALA_OPS_PORT: '9000',
    WAKALA_MAILBOX_TOTAL: '1024',
    WAKALA_MAILBOX_CAPACITY: '5000',
  };
  expect(problems(env)).toEqual(['LOG_LEVEL', 'WAKALA_OPS_PORT', 'WAKALA_MAILBOX_TOTAL', 'WAKALA_ROUTING_URL']);
});

test('nothing is said about how an unreadable value fits the others', () => {
  const env = {
    PORT: '9090x',
    WAKALA_MAILBOX_CAPACITY: 'many',
    WAKALA_MAILBOX_TOTAL: '1024',
    WAKALA_ROUTING: 'osrm',
    WAKALA_ROUTING_URL: 'nowhere',
  };
  expect(problems(env)).toEqual(['PORT', 'WAKALA_ROUTING_URL', 'WAKALA_MAILBOX_CAPACITY']);
});
