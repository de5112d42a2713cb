// Back from an identity provider: what it answered goes to the server at once, and out of the address.
const said = document.querySelector('#said')
const { search } = location
history.replaceState(null, '', location.pathname)

function say(text, state) {
  said.textContent = text
  said.dataset.state = state
}

async function prove() {
  const answer = await fetch('/v1/me/proofs/provider/answer', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: search }),
  })
  const given = await answer.json()
  if (!answer.ok) say(`${given.detail ?? given.title}`, 'wrong')
  else if (given.counts) say('Подтверждено: это вы. Proved: it is you.', 'ok')
  else say('Проверено, но данные менялись недавно: пока не считается. It is right, but too new to count yet.', 'waits')
}

if (search.length < 2) say('Здесь ничего не ждёт. Nothing waits here.', 'waits')
else prove().catch(() => say('Сервер не отвечает. The server does not answer.', 'wrong'))
