import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Compile } from 'typebox/schema'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { PolicyProblem } from '../problem.ts'
import type { Reader, Schema } from '../reader.ts'
import { testFile } from '../scenario/shapes.ts'
import { campaignFile, entityFile, rulesFile, serviceFile } from '../shapes.ts'
import { netrackFiles } from '../testing/netrack.ts'
import { readYaml } from '../yaml-file.ts'
import { FILE_KINDS, type FileKind, fileSchema, fileSchemaText } from './file-schema.ts'

const READERS: Readonly<Record<FileKind, Reader<unknown>>> = {
  rules: rulesFile,
  service: serviceFile,
  entity: entityFile,
  campaign: campaignFile,
  test: testFile,
}
const FOLDERS: Readonly<Record<FileKind, string>> = {
  rules: 'rules',
  service: 'services/',
  entity: 'entities/',
  campaign: 'campaigns/',
  test: 'tests/',
}

/** What only the reader knows: which zones, days and terms there are, and what excludes what. */
const BEYOND_SCHEMA =
  /IANA time zone|either permit or refuse|a duration in days|a term in years|a moment|a day, or|is needed here, or|claims one thing|there is no/

function problemsOf(kind: FileKind, value: unknown): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  readYaml(stringify(value, { aliasDuplicateObjects: false }), READERS[kind], {
    file: kind,
    problems,
    references: [],
    clauses: [],
  })
  return problems
}

function filesOf(kind: FileKind): readonly (readonly [string, unknown])[] {
  return [...netrackFiles()]
    .filter(([file]) => file.startsWith(FOLDERS[kind]) && file.endsWith('.yaml'))
    .map(([file, source]) => [file, parse(source) as unknown])
}

/** Where a value may be changed: every key and every item in it. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))]
}

const PUT = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  7,
  '',
  ' ',
  'any',
  'x',
  'no such name',
  [],
  {},
  ['x'],
  { except: ['x'] },
]

/** A copy in which what lies at a path is something else, is gone, or has a key more. */
function changed(value: unknown, path: readonly string[], put: unknown, key: string | null): unknown {
  const copy = structuredClone(value)
  let at = copy as Record<string, unknown>
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>
  const last = path.at(-1)
  if (last === undefined) return key === null ? (put ?? null) : { ...at, [key]: put ?? 'x' }
  const there = at[last]
  if (key !== null && typeof there === 'object' && there !== null && !Array.isArray(there)) {
    at[last] = { ...there, [key]: put ?? 'x' }
  } else if (put === undefined && !Array.isArray(at)) Reflect.deleteProperty(at, last)
  else at[last] = put ?? null
  return copy
}

/** Every schema inside a schema, with the way to it. */
function inside(schema: unknown, way = ''): readonly (readonly [string, Schema])[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own: (readonly [string, Schema])[] = Array.isArray(schema) ? [] : [[way, schema as Schema]]
  const children = Object.entries(schema).filter(([key]) => !/^(enum|const|required)$/.test(key))
  return [...own, ...children.flatMap(([key, child]) => inside(child, `${way}/${key}`))]
}

describe.each(FILE_KINDS.filter((kind) => filesOf(kind).length > 0))('the schema of a %s file', (kind) => {
  const schema = fileSchema(kind)
  const check = Compile(schema)

  it('takes every such file of the shipped bundle', () => {
    for (const [file, value] of filesOf(kind)) expect([file, check.Check(value)]).toEqual([file, true])
  })

  it('leaves nothing open: every part says what it takes', () => {
    for (const [way, part] of inside(schema)) {
      if (/\/(properties|patternProperties|\$defs)$/.test(way)) continue
      expect([way, Object.keys(part).some((key) => /^(type|enum|const|anyOf|\$ref)$/.test(key))]).toEqual([way, true])
      if (part['type'] === 'object') expect([way, 'additionalProperties' in part]).toEqual([way, true])
    }
  })

  it('agrees with the reader on what a file may hold', () => {
    const samples = filesOf(kind).flatMap(([, value]) => pathsOf(value).map((path) => [value, path] as const))
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.constantFrom(...PUT),
        fc.constantFrom(null, null, 'id', 'clauses', 'notes', 'x-y'),
        ([value, path], put, key) => {
          const file = changed(value, path, put, key)
          const problems = problemsOf(kind, file)
          if (problems.length === 0) expect(check.Check(file)).toBe(true)
          else if (!problems.some(({ message }) => BEYOND_SCHEMA.test(message))) expect(check.Check(file)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  }, 300_000)
})

it.each(FILE_KINDS)('is committed where an editor finds it: %s', (kind) => {
  const committed = new URL(`../../../../policies/schema/${kind}.schema.json`, import.meta.url)
  expect(readFileSync(committed, 'utf8')).toBe(fileSchemaText(kind))
})
