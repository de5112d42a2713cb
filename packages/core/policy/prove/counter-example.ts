import type { Decision } from '../decision.ts'
import { type Declarations, PERSON } from '../model.ts'
import { axesAsked } from './values.ts'
import type { Breach } from './judge-invariant.ts'
import type { Claim } from './invariant.ts'
import type { Situation } from './situations.ts'
import type { Point } from './witness.ts'
import { ACTOR_WORDS, OPERATION_WORDS, say, type Words, wordsOf } from './words.ts'

/** A counter-example in plain words: who does what with which data, what else is so, and which rule answers how. */
export function tell(policy: Declarations, claim: Claim, { point, situation, decision, without }: Breach): Words {
  const asked = 'facts' in claim ? claim.facts : []
  const conditions = claim.kind === 'never-collects' ? [] : [...asked, ...claim.region.when, ...claim.region.unless]
  const axes = new Set<string>(axesAsked(conditions))
  const act = actWords(policy, point)
  const facts = situationWords(situation, axes)
  const answer = answerWords(policy, decision)
  const first = say((language) => `${act[language]}: ${answer[language]}. ${facts[language]}`)
  if (without === undefined) return first
  const other = situationWords(without.situation, axes)
  const refusal = answerWords(policy, without.decision)
  return {
    ru: `${first.ru} Иначе: ${refusal.ru}. ${other.ru}`,
    en: `${first.en} Otherwise: ${refusal.en}. ${other.en}`,
  }
}

function actWords(policy: Declarations, { actor, operation, purpose, entity, datum }: Point): Words {
  const who = wordsOf(actor.label, actor.id)
  const kind = ACTOR_WORDS[actor.kind]
  const field = policy.fields.get(datum)
  const what = field === undefined ? null : wordsOf(field.label, datum)
  const aim = wordsOf(policy.purposes.get(purpose)?.label, purpose)
  const company = wordsOf(policy.entities.get(entity)?.label, entity)
  const done = OPERATION_WORDS[operation]
  const whole = datum === PERSON || what === null
  return {
    ru: `${who.ru} (${kind.ru}), ${done.ru}, ${whole ? 'о человеке в целом' : `поле «${what.ru}»`}, цель «${aim.ru}», ${company.ru}`,
    en: `${who.en} (${kind.en}), ${done.en}, ${whole ? 'the person as a whole' : `the field “${what.en}”`}, purpose “${aim.en}”, ${company.en}`,
  }
}

/** What is so beside what is always so of a blank person. Facts that a claim speaks of are told in any case. */
function situationWords({ presence, values, weight }: Situation, axes: ReadonlySet<string>): Words {
  const told = values.filter((value) => value.weight > 0 || axes.has(value.axis)).map(({ says }) => says)
  const all = presence.id === 'there' ? told : [presence.says, ...told]
  if (all.length === 0)
    return weight === 0
      ? {
          ru: 'Больше ничего для этого не нужно.',
          en: 'Nothing else is needed for it.',
        }
      : { ru: '', en: '' }
  return {
    ru: `При этом ${all.map(({ ru }) => ru).join('; ')}.`,
    en: `And ${all.map(({ en }) => en).join('; ')}.`,
  }
}

function answerWords(policy: Declarations, { effect, causes, clauses }: Decision): Words {
  const rule = policy.rules.find(({ id }) => id === causes[0]?.rule)
  const place = rule === undefined ? '' : ` ${rule.id} (${rule.at.file}:${rule.at.line})`
  const named = clauses.join(', ')
  if (effect === 'permit') {
    return { ru: `разрешает правило${place}, п. ${named}`, en: `permitted by the rule${place}, clause ${named}` }
  }
  const reason = causes[0]?.reason ?? 'no-rule'
  return place === ''
    ? { ru: `отказано (${reason}), п. ${named}`, en: `refused (${reason}), clause ${named}` }
    : {
        ru: `отказано (${reason}) из-за правила${place}, п. ${named}`,
        en: `refused (${reason}) because of the rule${place}, clause ${named}`,
      }
}
