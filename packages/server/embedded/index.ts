export { attachEmbedded } from './attach.ts'
export { type ExternalUrls, externalUrls, inspectExternal } from './external.ts'
export { type Log, QUIET } from './log.ts'
export { startEmbedded } from './supervise.ts'
