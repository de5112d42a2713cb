/**
 * The operations of processing (152-FZ art. 3), closed: clarification has two sub-forms, transfer three modes.
 * Reading a value is `extract`; acting on it without showing it (compare, send) is `use`.
 */
export const OPERATIONS = [
  'collect',
  'record',
  'systematise',
  'accumulate',
  'store',
  'clarify:update',
  'clarify:change',
  'extract',
  'use',
  'transfer:disseminate',
  'transfer:provide',
  'transfer:access',
  'anonymise',
  'block',
  'delete',
  'destroy',
] as const

export type Operation = (typeof OPERATIONS)[number]
