/** The variables of road services. */
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';

const secrets = {
  jwtSecret: 'j'.repeat(32),
  masterKey: Buffer.alloc(32).toString('base64'),
  whatsappAppSecret: 'a',
  whatsappVerifyToken: 'v',
};
const load = (env: Record<string, string>) => loadConfig(env, { secretsOf: () => secrets });
const problems = (env: Record<string, string>): string[] => {
  const result = load(env);
  return result.ok ? [] : result.problems.map(({ name }) => name);
};

describe('configuration of roads', () => {
  test('the model alone answers when nothing is set, within 300 ms', () => {
    const result = load({});
    expect(result.ok && result.config.routing).toEqual({ kind: 'model', url: null, vroomUrl: null, timeoutMs: 300, maxInFlight: 8 });
  });

  test('a service has its address, without a slash at the end', () => {
    const result = load({ WAKALA_ROUTING: 'osrm', WAKALA_ROUTING_URL: 'http://osrm:5000/', WAKALA_VROOM_URL: 'http://vroom:3000//' });
    expect(result.ok && result.config.routing).toMatchObject({ kind: 'osrm', url: 'http://osrm:5000', vroomUrl: 'http://vroom:3000' });
  });

  test('a service without an address, an unknown one, another protocol and a limit over 300 ms stop the start', () => {
    expect(problems({ WAKALA_ROUTING: 'valhalla' })).toEqual(['WAKALA_ROUTING_URL']);
    expect(problems({ WAKALA_ROUTING: 'google' })).toEqual(['WAKALA_ROUTING']);
    expect(problems({ WAKALA_VROOM_URL: 'ftp://vroom' })).toEqual(['WAKALA_VROOM_URL']);
    expect(problems({ WAKALA_ROUTING_TIMEOUT_MS: '301' })).toEqual(['WAKALA_ROUTING_TIMEOUT_MS']);
  });
});
