import type { Letter, MailAnswer } from '@doverie/vault'
import { createTransport } from 'nodemailer'

/** Hands letters to a mail server. */
export interface Mailer {
  /** Resolves once the mail server took the letter, or said for good that nobody is there. */
  send(letter: Letter): Promise<MailAnswer>
  close(): void
}

/** A mailer over SMTP (`smtp://user:password@host:port`, `smtps://…`). Nothing of a letter is logged or kept. */
export function smtpMailer(url: string, from: string): Mailer {
  const transport = createTransport({ url, pool: true, maxConnections: 2, logger: false, debug: false }, { from })
  return {
    send: async ({ to, subject, text, attachments = [], inReplyTo }) => {
      // As an object: an address is never parsed for further recipients.
      try {
        await transport.sendMail({
          to: { name: '', address: to },
          subject,
          text,
          attachments: attachments.map(({ name, type, content }) => ({
            filename: name,
            contentType: type,
            content: Buffer.from(content, 'base64'),
          })),
          ...(inReplyTo === undefined ? {} : { inReplyTo, references: [inReplyTo] }),
          disableFileAccess: true,
          disableUrlAccess: true,
        })
      } catch (error) {
        if (isNobodyThere(error)) return 'nobody-there'
        throw error
      }
      return 'taken'
    },
    close: () => {
      transport.close()
    },
  }
}

/**
 * The server turned the one recipient away for good: no such mailbox, or one that moved or is disabled (RFC 5321 4.2.3; where it gives
 * an enhanced code, RFC 3463 X.1 and X.2.1). Other refusals are about us, or about the letter.
 */
function isNobodyThere(error: unknown): boolean {
  const { command, responseCode, response } = error as Readonly<Record<string, unknown>>
  if (command !== 'RCPT TO' || ![550, 551, 553].includes(Number(responseCode))) return false
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(String(response))?.[1]
  return enhanced === undefined || enhanced.startsWith('5.1.') || enhanced === '5.2.1'
}
