// The directions of imports (design, section 2). `npm run lint` fails on any arrow that is not listed there.
const core = ['base', 'policy', 'consent', 'log', 'request', 'release', 'contract']
const test = '\\.test\\.ts$|/testing/'
// Made of sources that are looked at themselves, and served as a file.
const made =
  '^packages/server/pages/(history\\.js|(console|my|my-data|my-provider|my-public|my-requests|my-security|page|shared)\\.mjs)$'

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    ...core.map((room) => ({
      name: `core-${room}-knows-only-base`,
      comment: 'Siblings in core never import one another: what two need sinks to base.',
      severity: 'error',
      from: { path: `^packages/core/${room}/` },
      to: { path: '^packages/', pathNot: `^packages/core/(${room}|base)/` },
    })),
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^packages/core/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'vault-knows-core',
      severity: 'error',
      from: { path: '^packages/vault/', pathNot: test },
      to: { path: '^packages/', pathNot: '^packages/(core|vault)/' },
    },
    {
      name: 'vault-store-and-seal-are-below-the-guard',
      severity: 'error',
      from: { path: '^packages/vault/(store|seal)/', pathNot: test },
      to: { path: '^packages/vault/(use/|guard)' },
    },
    {
      name: 'guard-is-below-use',
      severity: 'error',
      from: { path: '^packages/vault/guard', pathNot: test },
      to: { path: '^packages/vault/use/' },
    },
    {
      name: 'server-knows-vault-and-core',
      severity: 'error',
      from: { path: '^packages/server/' },
      to: { path: '^packages/', pathNot: '^packages/(core|vault|server|sdk)/' },
    },
    {
      name: 'server-imports-the-sdk-only-in-tests',
      severity: 'error',
      from: { path: '^packages/server/', pathNot: test },
      to: { path: '^packages/sdk/' },
    },
    {
      name: 'sdk-knows-core',
      severity: 'error',
      from: { path: '^packages/sdk/' },
      to: { path: '^packages/', pathNot: '^packages/(core|sdk)/' },
    },
    {
      name: 'only-use-leaves-the-vault',
      severity: 'error',
      from: { path: '^(packages/(server|cli|sdk)|bench|e2e)/', pathNot: test },
      to: { path: '^packages/vault/', pathNot: '^packages/vault/index\\.ts$' },
    },
    {
      name: 'fastify-only-in-server',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/server/' },
      to: { path: 'node_modules/(@fastify|fastify)/' },
    },
    {
      name: 'sql-only-in-the-store',
      comment: 'pg is the vault store, the supervisor of the embedded server, and the bare twin of the bench.',
      severity: 'error',
      from: { path: '^(packages|e2e)/', pathNot: `^packages/vault/store/|^packages/server/embedded/|${test}` },
      to: { path: 'node_modules/pg/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^packages/', pathNot: `${test}|${made}` },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
    exclude: { path: '(^|/)(data|keys)/' },
  },
}
