import type { Field, Policy } from '@doverie/core/policy'
import type { RequestRow } from '@doverie/vault'
import { type Html, html } from './html.ts'

/** What staff enter for a request that was accepted: values that are right, or what is closed to whom. Nothing of the person's is shown. */
export function fulfilment({ state }: RequestRow, policy: Policy | null): Html {
  if (policy === null) return html``
  if (state === 'correcting') return correction(policy)
  return state === 'settling' ? settings(policy) : html``
}

function correction(policy: Policy): Html {
  const own = [...policy.fields.values()].filter(({ source }) => source === 'person')
  const groups = Map.groupBy(own, ({ compartment }) => compartment)
  return html`<details open><summary>Как правильно <span lang="en">what is right</span></summary><form id="correct" autocomplete="off">
<p class="dim">Впишите только то, что исправить или дополнить; прежнее значение заменится. <span lang="en">Fill in only what is to be corrected or supplemented.</span></p>
${[...groups].map(([id, fields]) => html`<fieldset><legend>${policy.compartments.get(id)?.label['ru'] ?? id}</legend>${fields.map(valueInput)}</fieldset>`)}
<button>Исправить · Correct</button></form></details>`
}

function valueInput({ id, label, maxLength }: Field): Html {
  return html`<label>${label['ru'] ?? id} <span lang="en">${label['en'] ?? ''}</span><br><input data-field="${id}" maxlength="${maxLength}" size="40" autocomplete="off"></label><br>`
}

/** One setting; the page's script adds others like it. */
function settings(policy: Policy): Html {
  const closed = [
    ['*', 'всех целей, кроме обязанностей по закону · everything but what the law demands'] as const,
    ...[...policy.purposes.values()].map(({ id, label }) => [id, label['ru'] ?? id] as const),
  ]
  return html`<details open><summary>Параметры конфиденциальности <span lang="en">confidentiality settings</span></summary><form id="settle">
<fieldset class="setting"><label>Данные <span lang="en">what</span><br><select name="field">${[...policy.fields.values()].map(({ id, label }) => html`<option value="${id}">${label['ru'] ?? id}</option>`)}</select></label>
<p>Закрыть для <span lang="en">close to; with nothing chosen it is open again</span></p>
${closed.map(([id, words]) => html`<label class="choice"><input type="checkbox" name="closedTo" value="${id}"> ${words}</label>`)}</fieldset>
<button type="button" id="more-settings">Ещё данные · Another</button> <button>Установить · Set</button></form></details>`
}
