/** What differs between the oldest and the newest Electron that runs Lifeboat: here and nowhere else. */
import { protocol, safeStorage } from 'electron';

export interface ServedAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Serves every request of a custom scheme: `protocol.handle` since Electron 25, a buffer protocol before. */
export function serveScheme(scheme: string, serve: (url: string) => Promise<ServedAnswer>): void {
  if (Reflect.has(protocol, 'handle')) {
    protocol.handle(scheme, async (request) => {
      const answer = await serve(request.url);
      return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
    });
    return;
  }
  protocol.registerBufferProtocol(scheme, (request, callback) => {
    serve(request.url).then(
      (answer) =>
        callback({
          statusCode: answer.status,
          headers: answer.headers,
          mimeType: (answer.headers['Content-Type'] ?? '').split(';')[0],
          data: answer.body,
        }),
      () => callback({ statusCode: 500, mimeType: 'text/plain', data: Buffer.from('') }),
    );
  });
}

/** Where Linux keeps secrets; meaningful after the application is ready. `basic_text` means a key every program knows. */
export function linuxSecretBackend(): string {
  if (Reflect.has(safeStorage, 'getSelectedStorageBackend')) return safeStorage.getSelectedStorageBackend();
  // Electron before 25 cannot say; without a desktop's keyring service it falls back to basic_text.
  return process.env['DBUS_SESSION_BUS_ADDRESS'] ? 'unknown' : 'basic_text';
}
