import { SMTPServer } from 'smtp-server'

/** A mail server that keeps what it is given. */
export interface SmtpPeer {
  readonly url: string
  readonly taken: { readonly to: readonly string[]; readonly text: string }[]
  /** What is answered to letters to these. */
  readonly refuses: Map<string, string>
  close(): Promise<void>
}

export async function startSmtpPeer(): Promise<SmtpPeer> {
  const taken: SmtpPeer['taken'] = []
  const refuses: SmtpPeer['refuses'] = new Map()
  const peer = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      const words = refuses.get(address)
      done(
        words === undefined
          ? null
          : Object.assign(new Error(words.slice(4)), { responseCode: Number(words.slice(0, 3)) }),
      )
    },
    onData: (stream, session, done) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      stream.on('end', () => {
        taken.push({ to: session.envelope.rcptTo.map(({ address }) => address), text })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve))
  const { port } = peer.server.address() as { readonly port: number }
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      peer.close(() => {
        resolve()
      })
    })
  return { url: `smtp://127.0.0.1:${port}`, taken, refuses, close }
}

/** The words of a letter as it went out. */
export function bodyOf(letter: string): string {
  const [, body = ''] = letter.split('\r\n\r\n')
  if (/^Content-Transfer-Encoding: base64/im.test(letter)) return Buffer.from(body, 'base64').toString('utf8')
  return Buffer.from(
    body
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
}
