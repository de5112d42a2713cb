import { isNobodyThere } from '@doverie/core/request'
import type { Letter, MailAnswer } from '@doverie/vault'
import { createTransport } from 'nodemailer'

/** Hands letters to a mail server. */
export interface Mailer {
  /**
   * Resolves once the mail server took the letter, or said for good that nobody is there. Its name stands in its Message-ID, the same each
   * time that it is sent: what comes back in answer is known by it.
   */
  send(letter: Letter, name: string): Promise<MailAnswer>
  close(): void
}

/** A mailer over SMTP (`smtp://user:password@host:port`, `smtps://…`). Nothing of a letter is logged or kept. */
export function smtpMailer(url: string, from: string): Mailer {
  const transport = createTransport({ url, pool: true, maxConnections: 2, logger: false, debug: false }, { from })
  const domain = addressOf(from).split('@')[1] ?? 'localhost'
  return {
    send: async ({ to, subject, text, attachments = [], inReplyTo, author }, name) => {
      // As an object: an address is never parsed for further recipients.
      try {
        await transport.sendMail({
          to: { name: '', address: to },
          subject,
          text,
          attachments: attachments.map(({ name: filename, type, content }) => ({
            filename,
            contentType: type,
            content: Buffer.from(content, 'base64'),
          })),
          messageId: `<${name}@${domain}>`,
          ...(inReplyTo === undefined ? {} : { inReplyTo, references: [inReplyTo] }),
          ...(author === 'person' ? {} : { headers: automatic(author) }),
          disableFileAccess: true,
          disableUrlAccess: true,
        })
      } catch (error) {
        if (isNobody(error)) return 'nobody-there'
        throw error
      }
      return 'taken'
    },
    close: () => {
      transport.close()
    },
  }
}

/** The bare address of a sender that may have a name: `Privacy <privacy@example.org>`. */
export function addressOf(from: string): string {
  return /<([^<>]*)>\s*$/.exec(from)?.[1] ?? from.trim()
}

/** That a machine wrote it, so that no other answers it (RFC 3834 5, and what Exchange reads). */
function automatic(author: Letter['author']): Readonly<Record<string, string>> {
  const said = author === 'answering-machine' ? 'auto-replied' : 'auto-generated'
  return { 'Auto-Submitted': said, 'X-Auto-Response-Suppress': 'All' }
}

function isNobody(error: unknown): boolean {
  const { command, responseCode, response } = error as Readonly<Record<string, unknown>>
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(String(response))?.[1] ?? null
  return command === 'RCPT TO' && isNobodyThere(Number(responseCode), enhanced)
}
