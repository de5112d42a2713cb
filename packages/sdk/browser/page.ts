/** Text in both languages of the pages, Russian first. */
export interface Words {
  readonly ru: string
  readonly en: string
}

type Child = Node | string

/** An element with its children. Text is text: nothing that comes from elsewhere is ever read as HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** Both languages, the second dimmed. */
export function told({ ru, en }: Words): readonly Child[] {
  return [`${ru} `, make('span', { lang: 'en' }, en)]
}

/** The element of the page that a part of it is put into. */
export function slot(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

/** A word on how something went. */
export function report(place: HTMLElement, state: 'ok' | 'waits' | 'wrong', words: Words): void {
  place.dataset['state'] = state
  place.replaceChildren(...told(words))
}

/** What the server answers; throws its status where that is no success. */
export async function ask(path: string, body?: object): Promise<Response> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(path, body === undefined ? {} : init)
  if (!answer.ok) throw new AnswerError(answer.status)
  return answer
}

export class AnswerError extends Error {
  readonly status: number
  constructor(status: number) {
    super(`answered ${status}`)
    this.status = status
  }
}
