/** The requests of slow queries, each answered by a service. Nothing is decided here. */
import type { RequestHandlers, RequestName } from '../../shared/contract';
import type { Services } from '../app';

type Handled = Extract<
  RequestName,
  `profiling.${string}` | `captures.${string}` | `live-operations.${string}` | 'dialogs.choose-logs'
>;

export interface SlowQueryHandlerDependencies {
  services: Services;
  chooseMany(options: Electron.OpenDialogOptions): Promise<string[] | null>;
  chooseNew(defaultPath: string): Promise<string | null>;
}

export function createSlowQueryHandlers({
  services,
  chooseMany,
  chooseNew,
}: SlowQueryHandlerDependencies): Pick<RequestHandlers, Handled> {
  const { profilers, captures, liveOperations } = services;
  return {
    'profiling.status': ({ connectionId }) => profilers.status(connectionId),
    'profiling.preview': (request) => profilers.preview(request),
    'profiling.start': async (request) => (await profilers.start(request)).box,
    'profiling.stop': ({ boxId }) => profilers.stop(boxId),
    'profiling.resize-preview': ({ connectionId, ...size }) => profilers.previewResize(connectionId, size),
    'profiling.resize': async ({ connectionId, ...size }) => {
      await profilers.resize(connectionId, size);
      return null;
    },

    'captures.list': () => captures.list(),
    'captures.start': (request) => captures.start(request),
    'captures.stop': ({ id }) => captures.stop(id),
    'captures.delete': async ({ id }) => {
      await captures.delete(id);
      return null;
    },
    'captures.summary': (side) => captures.summary(side),
    'captures.shapes': ({ captureId, ...input }) => captures.ask(captureId, 'shapes', input),
    'captures.points': ({ captureId, ...input }) => captures.ask(captureId, 'points', input),
    'captures.heat-map': ({ captureId, ...input }) => captures.ask(captureId, 'heatMap', input),
    'captures.collscans': ({ captureId, ...input }) => captures.ask(captureId, 'collscans', input),
    'captures.operations': ({ captureId, ...input }) => captures.ask(captureId, 'operations', input),
    'captures.shape': ({ captureId, ...input }) => captures.ask(captureId, 'shape', input),
    'captures.compare': ({ before, after }) => captures.compare(before, after),
    'captures.report': async ({ path: given, ...request }) => {
      const path = given ?? (await chooseNew(`lifeboat-slow-queries.${request.format}`));
      return path === null ? null : captures.report({ ...request, path });
    },
    'dialogs.choose-logs': ({ folder }) =>
      chooseMany({
        title: 'Open log files',
        properties: folder ? ['openDirectory'] : ['openFile', 'multiSelections', 'showHiddenFiles'],
      }),

    'live-operations.list': (request) => liveOperations.list(request),
    'live-operations.kill': (request) => liveOperations.kill(request),
  };
}
