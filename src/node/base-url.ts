/** Where this server is reached from its own machine, as a URL. It must never know what is served. */

/** Addresses that stand for all of a machine's, and the one that reaches them from here. */
const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Without a slash at the end. */
export function baseUrl(host: string, port: number): string {
  const reachable = ANY[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
