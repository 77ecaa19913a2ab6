/**
 * Imports flow one way (see ARCHITECTURE.md):
 * main, cli, worker → app.ts → domains → jobs, archive, platform → shared ← preload, renderer.
 */
const domains =
  'connections|toolchain|sandbox|backup|catalogue|diff|restore|profiler|indexes|health|metrics|operations|audit|settings|doctor';
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'shared-imports-nothing-else',
      severity: 'error',
      from: { path: '^shared/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^shared/|node_modules/zod/' },
    },
    {
      name: 'renderer-knows-only-shared',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^(electron|scripts|e2e|bench)/|^node:|^electron$' },
    },
    {
      name: 'no-node-in-renderer-or-shared',
      severity: 'error',
      from: { path: '^(renderer|shared)/', pathNot: '\\.test\\.tsx?$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'features-do-not-import-each-other',
      severity: 'error',
      from: { path: '^renderer/features/([^/]+)/' },
      to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
    },
    {
      name: 'preload-knows-only-the-contract',
      severity: 'error',
      from: { path: '^electron/preload/' },
      to: { path: '^(electron|renderer)/', pathNot: '^electron/preload/' },
    },
    {
      name: 'platform-is-the-ground',
      severity: 'error',
      from: { path: '^electron/platform/', pathNot: '\\.test\\.ts$' },
      to: { path: '^electron/', pathNot: '^electron/platform/' },
    },
    {
      name: 'archive-knows-no-server',
      severity: 'error',
      from: { path: '^electron/archive/', pathNot: '\\.test\\.ts$' },
      to: { path: '^electron/(?!archive/|platform/)|node_modules/mongodb/' },
    },
    {
      name: 'jobs-know-no-domain',
      severity: 'error',
      from: { path: '^electron/jobs/', pathNot: '\\.test\\.ts$' },
      to: { path: '^electron/(?!jobs/|platform/)' },
    },
    {
      name: 'domains-do-not-reach-up',
      severity: 'error',
      from: { path: `^electron/(${domains})/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^electron/(main|cli|preload|worker)/|^electron/app\\.ts$' },
    },
    {
      name: 'nothing-but-tests-imports-tests',
      severity: 'error',
      from: { pathNot: '\\.test\\.tsx?$|^(e2e|bench)/|/test-support/' },
      to: { path: '\\.test\\.tsx?$|^e2e/|/test-support/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.generated\\.ts$|kernel/assembly' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
  },
};
