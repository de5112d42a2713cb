export * as contract from '@doverie/core/contract'
export { type Caller, type ClientOptions, type Input } from './call.ts'
export { type AccessClient, type Client, createClient, type PersonClient, type ShownForm } from './client.ts'
export { DoverieProblem } from './problem.ts'
