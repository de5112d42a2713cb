import type { Reader, Schema } from '../reader.ts'
import { testFile } from '../scenario/shapes.ts'
import { campaignFile, entityFile, rulesFile, serviceFile } from '../shapes.ts'

/** The kinds of files of a bundle that an editor completes and validates. */
export type FileKind = 'rules' | 'service' | 'entity' | 'campaign' | 'test'
export const FILE_KINDS: readonly FileKind[] = ['rules', 'service', 'entity', 'campaign', 'test']

/** Where the files of a kind lie in a bundle, and what reads them. */
const FILES: Readonly<Record<FileKind, { readonly path: string; readonly reader: Reader<unknown> }>> = {
  rules: { path: 'rules.yaml', reader: rulesFile },
  service: { path: 'services/*.yaml', reader: serviceFile },
  entity: { path: 'entities/*.yaml', reader: entityFile },
  campaign: { path: 'campaigns/*.yaml', reader: campaignFile },
  test: { path: 'tests/*.yaml', reader: testFile },
}

/** A shape used in several places is written once from this many characters on. */
const WORTH_SHARING = 120

/**
 * The JSON Schema (2020-12) of a kind of file, made of the very shapes that read it. What it refuses, the reader refuses;
 * what it takes may still name what is declared nowhere, which `policy check` tells.
 */
export function fileSchema(kind: FileKind): Schema {
  const { path, reader } = FILES[kind]
  const uses = new Map<Schema, number>()
  countUses(reader.schema, uses)
  const names = new Map<Schema, string>()
  for (const [schema, count] of uses) {
    const worth = count > 1 && schema !== reader.schema && JSON.stringify(schema).length >= WORTH_SHARING
    if (worth) names.set(schema, `shape-${names.size + 1}`)
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Doverie: ${path} of a policy bundle`,
    ...(written(reader.schema, names, true) as Schema),
    $defs: Object.fromEntries([...names].map(([schema, name]) => [name, written(schema, names, true)])),
  }
}

/** As it is committed and printed. */
export function fileSchemaText(kind: FileKind): string {
  return `${JSON.stringify(fileSchema(kind), null, 2)}\n`
}

function countUses(node: unknown, uses: Map<Schema, number>): void {
  if (typeof node !== 'object' || node === null) return
  if (!Array.isArray(node)) {
    const schema = node as Schema
    const before = uses.get(schema) ?? 0
    uses.set(schema, before + 1)
    if (before > 0) return
  }
  for (const child of Object.values(node)) countUses(child, uses)
}

/** A copy in which shared shapes are references. */
function written(node: unknown, names: ReadonlyMap<Schema, string>, whole = false): unknown {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) return node.map((child) => written(child, names))
  const name = names.get(node as Schema)
  if (name !== undefined && !whole) return { $ref: `#/$defs/${name}` }
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, written(child, names)]))
}
