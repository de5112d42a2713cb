import type { Letter } from '@doverie/vault'
import { createTransport } from 'nodemailer'

/** Hands letters to a mail server. */
export interface Mailer {
  /** Resolves once the mail server took the letter. */
  send(letter: Letter): Promise<void>
  close(): void
}

/** A mailer over SMTP (`smtp://user:password@host:port`, `smtps://…`). Nothing of a letter is logged or kept. */
export function smtpMailer(url: string, from: string): Mailer {
  const transport = createTransport({ url, pool: true, maxConnections: 2, logger: false, debug: false }, { from })
  return {
    send: async ({ to, subject, text, attachments = [], inReplyTo }) => {
      // As an object: an address is never parsed for further recipients.
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
    },
    close: () => {
      transport.close()
    },
  }
}
