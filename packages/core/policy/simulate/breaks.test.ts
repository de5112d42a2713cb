import { describe, expect, it } from 'vitest'
import type { Form } from '../model.ts'
import { netrack } from '../testing/netrack.ts'
import { variant, withRules } from '../testing/variant.ts'
import { breaksBetween } from './breaks.ts'

const policy = netrack()

function withForm(change: (form: Form) => Form | null) {
  const forms = [...policy.forms].flatMap(([id, form]) => {
    const changed = id === 'registration' ? change(form) : form
    return changed === null ? [] : [[id, changed] as const]
  })
  return variant(policy, { forms: new Map(forms) })
}

describe('what breaks between two policies', () => {
  it('is nothing between a policy and itself', () => {
    expect(breaksBetween(policy, policy)).toEqual({ forms: [], callers: [], services: [] })
  })

  it('is a form that is gone', () => {
    expect(
      breaksBetween(
        policy,
        withForm(() => null),
      ).forms,
    ).toMatchObject([{ form: 'registration', gone: true }])
  })

  it('is a field gone from a form, and one that newly must be filled', () => {
    const after = withForm((form) => ({
      ...form,
      fields: form.fields
        .filter(({ field }) => field !== 'surname')
        .map((one) => (one.field === 'patronymic' ? { ...one, mandatory: { clause: '1.1.1', reason: {} } } : one)),
    }))
    expect(breaksBetween(policy, after).forms).toMatchObject([
      { form: 'registration', gone: false, fieldsGone: ['surname'], newlyMandatory: ['patronymic'] },
    ])
  })

  it('is no field that is added and may stay empty', () => {
    const after = withForm((form) => ({
      ...form,
      fields: [...form.fields, { ...form.fields[0]!, field: 'x', mandatory: null }],
    }))
    expect(breaksBetween(policy, after).forms).toEqual([])
  })

  it('is a calling service without a purpose it had, and one that is gone', () => {
    const silent = withRules(policy, (rule) => {
      const actors = 'only' in rule.actors ? { only: rule.actors.only.filter((id) => id !== 'billing') } : rule.actors
      return 'only' in actors && actors.only.length === 0 ? null : { ...rule, actors }
    })
    const { callers } = breaksBetween(policy, silent)
    expect(callers.map(({ actor }) => actor)).toEqual(['service billing'])
    expect(callers[0]?.purposesClosed).toContain('identification')
    const gone = variant(policy, { actors: new Map([...policy.actors].filter(([id]) => id !== 'billing')) })
    expect(breaksBetween(policy, gone).callers).toMatchObject([{ actor: 'service billing', gone: true }])
  })

  it('is a service on offer that is gone, or gone from one of the entities', () => {
    const server = policy.services.get('dedicated-server')!
    const fewer = variant(policy, {
      services: new Map([...policy.services, ['dedicated-server', { ...server, entities: ['start'] }]]),
    })
    expect(breaksBetween(policy, fewer).services).toEqual([
      { service: 'dedicated-server', gone: false, entitiesGone: server.entities.filter((id) => id !== 'start') },
    ])
    const none = variant(policy, { services: new Map() })
    expect(breaksBetween(policy, none).services.map(({ gone }) => gone)).toEqual([...policy.services].map(() => true))
  })
})
