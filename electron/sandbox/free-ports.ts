import { createServer, type Server } from 'node:net';

function listen(): Promise<{ port: number; server: Server }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address ? address.port : 0, server });
    });
  });
}

/** Distinct loopback ports that were free a moment ago: another process may still be quicker. */
export async function freePorts(count: number): Promise<number[]> {
  const listening = await Promise.all(Array.from({ length: count }, listen));
  await Promise.all(listening.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return listening.map(({ port }) => port);
}
