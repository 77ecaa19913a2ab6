/** Corporate networks: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as curl understands them. */
import http from 'node:http';
import { Duplex } from 'node:stream';
import tls from 'node:tls';

/**
 * Request options that send a request through the proxy the environment names, or nothing.
 * @param {URL} address
 * @param {number} timeoutMs
 * @param {Record<string, string | undefined>} [environment]
 * @returns {http.RequestOptions}
 */
export function proxyConnection(address, timeoutMs, environment = process.env) {
  const proxy = proxyFor(address, environment);
  if (proxy === null) return {};
  const authorization =
    proxy.username === ''
      ? {}
      : {
          'proxy-authorization': `Basic ${Buffer.from(
            `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`,
          ).toString('base64')}`,
        };
  const port = address.port || (address.protocol === 'https:' ? '443' : '80');
  return {
    createConnection: (_options, whenConnected) => {
      const tunnel = http.request({
        host: proxy.hostname,
        port: proxy.port || 80,
        method: 'CONNECT',
        path: `${address.hostname}:${port}`,
        headers: { host: `${address.hostname}:${port}`, ...authorization },
        timeout: timeoutMs,
      });
      // The types want a stream beside the error; it is never looked at.
      const fail = (/** @type {Error} */ error) => whenConnected(error, new Duplex());
      tunnel.once('timeout', () => tunnel.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
      tunnel.once('error', fail);
      tunnel.once('connect', (response, socket) => {
        if (response.statusCode !== 200) {
          socket.destroy();
          fail(new Error(`the proxy ${proxy.host} answered ${response.statusCode}`));
          return;
        }
        socket.setTimeout(0);
        const connected =
          address.protocol === 'https:' ? tls.connect({ socket, servername: address.hostname }) : socket;
        whenConnected(null, connected);
      });
      tunnel.end();
      return undefined;
    },
  };
}

/**
 * @param {URL} address
 * @param {Record<string, string | undefined>} environment
 * @returns {URL | null}
 */
export function proxyFor(address, environment) {
  const host = address.hostname.toLowerCase();
  const excluded = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '')
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim().replace(/^\*?\./, ''))
    .filter((entry) => entry !== '');
  if (excluded.some((entry) => entry === '*' || host === entry || host.endsWith(`.${entry}`))) return null;
  const name = address.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const value =
    environment[name] ?? environment[name.toUpperCase()] ?? environment['all_proxy'] ?? environment['ALL_PROXY'];
  if (value === undefined || value === '') return null;
  const proxy = new URL(value.includes('://') ? value : `http://${value}`);
  // SOCKS and TLS proxies are rare in this place; a direct attempt is the better guess than a certain failure.
  return proxy.protocol === 'http:' ? proxy : null;
}
