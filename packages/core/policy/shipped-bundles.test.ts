import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { newFactsFor } from './testing/facts.ts'
import { checkPolicy } from './check.ts'
import { decide } from './decide.ts'
import { formContract } from './form-contract.ts'
import { provePolicy } from './prove/index.ts'
import { parseScenarios } from './scenario/parse.ts'
import { runScenario } from './scenario/run.ts'
import { policySummary } from './summary.ts'
import { dpvTerms } from '../base/testing/dpv-terms.ts'
import { SHIPPED, shipped, shippedFiles } from './testing/shipped-bundle.ts'

const NOW = Date.UTC(2026, 10, 23, 9)
const TERMS = dpvTerms()

function testsOf(name: (typeof SHIPPED)[number]): ReturnType<typeof parseScenarios> {
  return parseScenarios(shipped(name), new Map([...shippedFiles(name)].filter(([file]) => file.startsWith('tests/'))))
}

describe.each(SHIPPED)('the bundle %s', (name) => {
  const policy = shipped(name)

  it('hangs together, and keeps what it promises', () => {
    expect(checkPolicy(policy)).toEqual([])
    expect(provePolicy(policy).problems).toEqual([])
  })

  it('passes its own tests, of which there are at least 25', () => {
    const tests = testsOf(name)
    if (!tests.ok) throw new Error(JSON.stringify(tests.error))
    expect(tests.value.length).toBeGreaterThanOrEqual(25)
    for (const test of tests.value) expect([test.name, runScenario(policy, test).mismatch]).toEqual([test.name, []])
  })

  it('shows every form, its notice and each consent’s document in both languages', () => {
    for (const form of policy.forms.keys()) {
      const contract = formContract(policy, form, NOW)
      if (!contract.ok) throw new Error(contract.error.message)
      expect(Object.keys(contract.value.notice).sort()).toEqual(['en', 'ru'])
      for (const { document } of contract.value.consents) expect(Object.keys(document).sort()).toEqual(['en', 'ru'])
      expect(contract.value.fields.length).toBeGreaterThan(0)
    }
    for (const language of policy.languages) expect(policySummary(policy, language).language).toBe(language)
  })

  it('answers every actor about every operation, purpose and field by its clauses, and by no others', () => {
    const known = new Set([
      ...(policy.texts.get('ru')?.clauses.keys() ?? []),
      ...policy.retention.flatMap(({ article }) => Object.values(article)),
    ])
    const facts = newFactsFor(policy, NOW)
    const [entity = ''] = policy.entities.keys()
    let permits = 0
    for (const { id, kind } of policy.actors.values()) {
      for (const purpose of policy.purposes.keys()) {
        for (const field of policy.fields.keys()) {
          for (const operation of ['extract', 'transfer:provide', 'destroy'] as const) {
            const act = { operation, purpose, entity, fields: [field], ticket: true, now: NOW }
            const own = kind === 'subject' || kind === 'representative'
            const decision = decide(policy, { ...act, actor: { kind, name: own ? '' : id } }, facts)
            if (decision.effect === 'permit') permits++
            expect(decision.clauses.length).toBeGreaterThan(0)
            expect(decision.clauses.filter((clause) => !known.has(clause))).toEqual([])
          }
        }
      }
    }
    expect(permits).toBeGreaterThan(0)
  })

  it('speaks the Data Privacy Vocabulary as it is', () => {
    const used = [...policy.purposes.values(), ...policy.categories.values()].map(({ dpv }) => dpv)
    expect(used.filter((term) => !TERMS.has(term))).toEqual([])
  })
})

describe('the clinic', () => {
  it('is pinned to the bytes of its own text', async () => {
    const text = shippedFiles('zabota-clinic').get('policy.ru.md') ?? ''
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    expect(Buffer.from(hash).toString('hex')).toBe(shipped('zabota-clinic').official.sha256)
  })

  it('is another operator: no entity and no service in common, another zone', () => {
    const [host, clinic] = [shipped('netrack'), shipped('zabota-clinic')]
    expect([...clinic.entities.keys()].some((id) => host.entities.has(id))).toBe(false)
    expect([...clinic.services.keys()].some((id) => host.services.has(id))).toBe(false)
    expect(clinic.zone).not.toBe(host.zone)
  })
})

describe('the code', () => {
  it.each(['core', 'vault'])('of %s knows neither operator by name', (room) => {
    const folder = new URL(`../../${room}/`, import.meta.url)
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const sources = names.filter((file) => file.endsWith('.ts') && !/\.test\.ts$|testing|node_modules/.test(file))
    expect(sources.length).toBeGreaterThan(20)
    const guilty = sources.filter((file) =>
      OPERATORS.test(withoutComments(readFileSync(new URL(file, folder), 'utf8'))),
    )
    expect(guilty).toEqual([])
  })
})

const OPERATORS = /netrack|zabota|dedicated-server|consultation|«Старт»|Серверные Решения|Забота/i

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}
