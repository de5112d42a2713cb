export { type ExternalUrls, externalUrls, inspectExternal } from './external.ts'
export { type Log, QUIET } from './log.ts'
export { assertSafeStorage, type Queryable } from './safe-storage.ts'
export { type Embedded, type EmbeddedOptions, startEmbedded } from './supervise.ts'
