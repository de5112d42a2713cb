import type { RunningClock } from '@doverie/vault'
import { day } from './for-staff.ts'
import { type Html, html } from './html.ts'

const SHOWN = 8
const PAGES: Readonly<Record<RunningClock['register'], (id: string) => string>> = {
  request: (id) => `/console/requests/${id}`,
  demand: (id) => `/console/demands/${id}`,
  'recipient-letter': () => '/console/recipient-letters',
  incident: (id) => `/console/incidents/${id}`,
  duty: (id) => `/console/duties/${id}`,
}

/** What is due beside the requests, so that whoever answers for all of it sees all of it in one place: the earliest due first. */
export function otherClocks(clocks: readonly RunningClock[], zone: string): Html {
  if (clocks.length === 0) return html``
  const more = clocks.length - SHOWN
  const [first] = clocks
  // Open once half of a term has passed: until then requests come first.
  const open = clocks.some(({ told }) => told > 0) ? html` open` : ''
  return html`<details class="card" id="clocks"${open}><summary>Другие сроки: ${clocks.length}, ближайший до ${day(zone, (first?.planned ?? 0) - 1)} <span lang="en">what else is due, the earliest first</span></summary>
<ul>${clocks.slice(0, SHOWN).map((clock) => line(clock, zone))}</ul>
${more > 0 ? html`<p class="dim">и ещё ${more}: <a href="/console/duties">обязанности</a>, <a href="/console/incidents">инциденты</a>, <a href="/console/demands">требования</a>, <a href="/console/recipient-letters">письма получателям</a> <span lang="en">and more</span></p>` : ''}</details>`
}

function line({ register, id, number, about, duty, start, planned, outer, told }: RunningClock, zone: string): Html {
  const state = told === 100 ? 'wrong' : 'waits'
  return html`<li><a href="${PAGES[register](id)}"><span class="number">${number}</span>${about['ru'] ?? ''}</a> <span lang="en">${about['en'] ?? ''}</span>: ${duty['ru'] ?? ''} до ${day(zone, planned - 1)} <span lang="en">${duty['en'] ?? ''}</span>${told === 0 ? '' : html` <strong class="state" data-state="${state}">прошло ${told} %</strong>`}
<output class="left" data-start="${start}" data-due="${planned}" data-outer="${outer}"></output></li>`
}
