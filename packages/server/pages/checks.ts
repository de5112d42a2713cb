import type { Instant } from '@doverie/core/base'
import { IDENTITY_METHODS, isIdentityMethod, levelFor, levelReached } from '@doverie/core/request'
import type { LetterRow, RequestRow } from '@doverie/vault'
import { day } from './for-staff.ts'
import { type Html, html } from './html.ts'

const LEVELS = [
  'подтверждать не нужно',
  'одно: почтовый ящик, телефон или тайна',
  'два разных, или ключ входа',
  'проверенный документ или подпись',
]

/** True where somebody is shown to be who they say, and yet not as surely as this request needs. */
export function lacksProof({ kind, owner }: RequestRow, { proof }: LetterRow): boolean {
  return owner !== null && reachedBy(proof) < levelFor(kind)
}

/** How sure one is of who wrote, against how sure this request needs one to be; every check that was made, and what would suffice now. */
export function checks(request: RequestRow, letter: LetterRow, zone: string): Html {
  const { proof, subject } = letter
  const needed = levelFor(request.kind)
  const reached = reachedBy(proof)
  const lacks = lacksProof(request, letter)
  return html`<section id="checks" data-reached="${reached}" data-needed="${needed}"><h2>Проверки личности <small lang="en">Checks of who wrote</small></h2>
<p>Нужен уровень ${needed} (${LEVELS[needed] ?? ''}), достигнут <strong class="state" data-state="${lacks ? 'wrong' : 'ok'}">${reached}</strong>. <span lang="en">Level ${needed} is needed, ${reached} is reached.</span></p>
${
  lacks && subject !== null
    ? html`<p class="state" data-state="waits">Этого мало: обращение ждёт. Хватит и одного из этих: ${sufficing(proof, needed)}. <span lang="en">It is not enough, and the request waits: one of these suffices.</span></p>`
    : ''
}
${lacks && subject === null ? html`<p class="state" data-state="waits">Сначала укажите, о ком письмо. <span lang="en">First say who the letter is about.</span></p>` : ''}
${proof.length === 0 ? html`<p class="dim">Проверок не было. <span lang="en">No check was made.</span></p>` : html`<ul>${proof.map((one) => line(one, zone))}</ul>`}
</section>`
}

function line({ method, level, passed, at, by }: LetterRow['proof'][number], zone: string): Html {
  const label = isIdentityMethod(method) ? (IDENTITY_METHODS[method].label['ru'] ?? method) : method
  return html`<li>${moment(zone, at)}: ${label}, уровень ${level}: <strong class="state" data-state="${passed ? 'ok' : 'wrong'}">${passed ? 'подтверждено · passed' : 'не подтверждено · failed'}</strong>, ${by === null ? 'программа · the software' : html`<code>${by}</code>`}</li>`
}

/** Methods each of which would do with what was proved already. */
function sufficing(proof: LetterRow['proof'], needed: number): string {
  const passed = proof.filter((one) => one.passed)
  return Object.entries(IDENTITY_METHODS)
    .filter(([id, { by, level }]) => by === 'staff' && levelReached([...passed, { method: id, level }]) >= needed)
    .map(([, { label }]) => label['ru'] ?? '')
    .join('; ')
}

function reachedBy(proof: LetterRow['proof']): number {
  return levelReached(proof.filter(({ passed }) => passed))
}

function moment(zone: string, at: Instant): string {
  const time = new Intl.DateTimeFormat('ru', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at)
  return `${day(zone, at)} ${time}`
}
